import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { countReporter } from './rig/count-reporter.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string };

export default defineConfig({
  root,
  define: { __VERSION__: JSON.stringify(version), __BUILD__: '"tested"' },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/rig/build-once.ts',
    reporters: ['default', countReporter()],
    pool: 'forks', // tests change directory, umask and signals: a process each
    maxWorkers: '100%', // most of them wait
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
