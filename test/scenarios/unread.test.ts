// Who stops reading, or keeps what is printed on a disk that is full, asks for less output; a server half done is another matter.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { createWorld, type World } from '../rig/world.ts';

const PROGRAM = resolve('dist/bootstrap.cjs');
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: a]
upgrade-script = /etc/bootstrap/talks
`,
  // What is printed last is printed long after the first line.
  'etc/bootstrap/talks': `#!/bin/sh
for word in one two three four; do echo "$word"; sleep 0.1; done
`,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {a: {version: "1"}}
`,
};

describe.concurrent('an apply', () => {
  test('goes on to its end where its reader has had enough', async (context) => {
    const world = serverOf(context);
    const run = spawn(process.execPath, [PROGRAM, '--root', world.root, 'apply', '--yes'], {
      cwd: world.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(run, 'close');
    run.stderr.resume();
    await once(run.stdout, 'data');
    run.stdout.destroy();
    expect(await ended).toEqual([0, null]);
    expect(isWhole(world)).toBe(true);
  });

  test('goes on to its end where nothing can be printed, and says so', (context) => {
    const world = serverOf(context);
    const ran = shell(world, 'apply --yes >/dev/full');
    expect(ran).toEqual({
      status: 0,
      stdout: '',
      stderr: 'error: not all of it could be printed: no space left on device\n',
    });
    expect(isWhole(world)).toBe(true);
  });
});

describe.concurrent('a look', () => {
  test('that could not be printed is not a success', (context) => {
    const world = serverOf(context);
    const stderr = 'error: not all of it could be printed: no space left on device\n';
    for (const look of ['plan', 'plan --format json', 'validate', 'status', 'exit-codes'])
      expect(shell(world, `${look} >/dev/full`)).toEqual({ status: 1, stdout: '', stderr });
  });

  test('whose reader has had enough is one', (context) => {
    const world = serverOf(context);
    const { stdout } = shell(world, 'plan | head -n 1; echo "${PIPESTATUS[0]}"');
    expect(stdout).toBe('bootstrap will perform these actions:\n0\n');
  });
});

test('a folder that was removed is told in words', (context) => {
  const world = serverOf(context);
  const folder = mkdtempSync(join(tmpdir(), 'gone-'));
  const argv = ['-c', 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, PROGRAM];
  const { status, stderr } = spawnSync('sh', [...argv, '--root', world.root, 'plan'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(() => rmdirSync(folder)).toThrow('ENOENT');
  expect(stderr).toContain('error: the folder that this was started in is not there any more\n');
  expect(status).toBe(64);
});

function serverOf(context: TestContext): World {
  const world = createWorld(SERVER);
  context.onTestFinished(() => world.end());
  return world;
}

function isWhole(world: World): boolean {
  return (
    world.text('var/bootstrap/server-mode') === 'idle\n' &&
    world.text('var/bootstrap/products/a/version') === '1\n'
  );
}

function shell(
  { root }: World,
  words: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const script = `"$0" "$1" --root . ${words}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, PROGRAM], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
