// A pipe holds 64 KiB (pipe(7)): what goes beyond waits for its reader, and must not be lost when we are done before them.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createWorld } from '../rig/world.ts';

const PRODUCTS = 1000;

test('what is printed arrives whole, however late its reader comes', () => {
  const names = Array.from({ length: PRODUCTS }, (_, index) => `product-${index}`);
  const sections = names.map((name) => `[product: ${name}]\nset-script = /set\n`);
  const blocks = names.map((name) => `  ${name}: {version: "1"}\n`);
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': sections.join(''),
    'desired-state.yaml': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n${blocks.join('')}policy: {maxChanges: 5000}\n`,
  });
  try {
    const late = '"$0" "$@" | { sleep 2; cat; }';
    const argv = [process.execPath, resolve('dist/bootstrap.cjs'), '--root', world.root, 'plan'];
    const { stdout } = spawnSync('sh', ['-c', late, ...argv], {
      cwd: world.root,
      encoding: 'utf8',
    });
    expect(stdout.length).toBeGreaterThan(2 ** 16);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Plan: 100\d to do/);
  } finally {
    world.end();
  }
});
