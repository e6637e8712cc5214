// Where a test build kills itself, a build for people has nothing: not the calls, not the names, not the variable.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = readFileSync('src/host/failpoint.ts', 'utf8');
const [union = ''] = /export type FailpointName =[^;]*;/.exec(source) ?? [];
const NAMES = [...union.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
const CALL = /failpoint\((?:'([^']+)'|`([^`$]+)\$\{[^`]*`)\)/g;

test('dist/ holds no trace of failpoints', () => {
  const bundles = readdirSync('dist').filter((name) => name.endsWith('.cjs'));
  expect(bundles).not.toEqual([]);
  const traces = bundles.flatMap((name) => {
    const text = readFileSync(join('dist', name), 'utf8');
    return ['FAILPOINT', ...NAMES.map((each) => `"${each}"`)]
      .filter((trace) => text.includes(trace))
      .map((trace) => `${name}: ${trace}`);
  });
  expect(traces).toEqual([]);
});

test('each failpoint stands somewhere in src/', () => {
  const texts = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('.generated.'))
    .map((path) => readFileSync(join('src', path), 'utf8'));
  const calls = texts.flatMap((text) => [...text.matchAll(CALL)]);
  const met = (name: string) =>
    calls.some(
      ([, whole, start]) => whole === name || (start !== undefined && name.startsWith(start)),
    );
  expect(NAMES.length).toBeGreaterThanOrEqual(32);
  expect(NAMES.filter((name) => !met(name))).toEqual([]);
});
