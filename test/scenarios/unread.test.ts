// Who stops reading, or keeps what is printed on a disk that is full, asks for less output; a server half done is another matter.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { createWorld, type World } from '../rig/world.ts';

const PROGRAM = resolve('dist/bootstrap.cjs');
const DESIRED_HEAD = 'apiVersion: bootstrap/v1\nserver: {mode: idle}\n';
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: a]
upgrade-script = /etc/bootstrap/talks
`,
  // What is printed last is printed long after the first line.
  'etc/bootstrap/talks': `#!/bin/sh
for word in one two three four; do echo "$word"; sleep 0.1; done
`,
  'desired-state.yaml': `${DESIRED_HEAD}products: {a: {version: "1"}}\n`,
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

describe.concurrent('a text longer than a pipe holds', () => {
  // 64 KiB (pipe(7)).
  const lines = Array.from({ length: 4000 }, (_, number) => `key_${number}: value-of-${number}-x`);
  const files = {
    'etc/bootstrap/bootstrap.ini': '[product: a]\nconfig-file = /a.ini\nconfig-format = ini\n',
    'desired-state.yaml': `${DESIRED_HEAD}products:\n  a:\n    version: "1"\n    settings:\n${lines.map((line) => `      ${line}\n`).join('')}`,
  };
  const whole = (text: string): void => {
    expect(text.length).toBeGreaterThan(2 * 64 * 1024);
    expect(lines.filter((_, number) => !text.includes(`value-of-${number}-x`))).toEqual([]);
  };

  test('comes whole and in order, wherever to', (context) => {
    const world = serverOf(context, files);
    const { stdout } = shell(
      world,
      'plan -v >first; "$0" "$1" --root . plan -v >>first; cat first',
    );
    const file = stdout.slice(0, stdout.length / 2);
    whole(file);
    expect(stdout).toBe(file + file);
    expect(shell(world, 'plan -v').stdout).toBe(file);
    expect(shell(world, 'plan -v | (sleep 1; cat)').stdout).toBe(file);
    expect(shell(world, 'plan -v | tail -n 1').stdout).toBe(
      file.slice(file.lastIndexOf('\n', file.length - 2) + 1),
    );
  });

  test('does not keep a run from its end where nobody reads it yet', async (context) => {
    const world = serverOf(context, files);
    // A pipe as shells make them; what Node gives a program that it starts is a socket.
    const line = '"$0" "$1" --root . apply --yes -v | (until [ -e read ]; do sleep 0.1; done; cat)';
    const run = spawn('bash', ['-c', line, process.execPath, PROGRAM], {
      cwd: world.root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(run, 'close');
    let text = '';
    run.stdout.setEncoding('utf8').on('data', (each: string) => (text += each));
    await until(() => isWhole(world)).finally(() => world.put({ read: '' }));
    expect(await ended).toEqual([0, null]);
    whole(text);
    expect(text).toMatch(/\nApplied: 3 succeeded in .*\n$/);
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

function serverOf(context: TestContext, files: Readonly<Record<string, string>> = SERVER): World {
  const world = createWorld(files);
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
    maxBuffer: 2 ** 24,
  });
  return { status, stdout, stderr };
}
