// Paths on the command line: a slip in one is told before anything is done, and makes no folder.
import { expect, onTestFinished, test } from 'vitest';
import { runCli, startCli } from '../rig/cli.ts';
import { createWorld } from '../rig/world.ts';
import { until } from '../host/until.ts';

const FILES = {
  'etc/bootstrap/bootstrap.ini': '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n',
  'etc/bootstrap/upgrade': '#!/bin/sh\n',
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {web: {version: "1"}}
`,
};

const FILE = 'no/such/file';
test.each([
  ['plan', '--out', FILE],
  ['export', '--output', FILE],
  ['migrate', '--output', FILE],
  ['apply', '--metrics-file', FILE, '--yes'],
  ['rollback', '--metrics-file', FILE, '--yes'],
  ['watch', '--metrics-file', FILE, '--once'],
])('%s %s', async (command, option, file, ...others) => {
  const world = createWorld(FILES);
  onTestFinished(() => world.end());
  const before = world.list();
  expect(await runCli(world, [command, option, file, ...others])).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error: cannot write ${world.root}/${FILE}: there is no folder ${world.root}/no/such
fix: mend that, then run the command again
`,
  });
  expect(world.list()).toEqual(before);
});

test('watch --listen unix:', async () => {
  const world = createWorld(FILES);
  onTestFinished(() => world.end());
  const before = world.list();
  const socket = `unix:${world.root}/${FILE}`;
  expect(await runCli(world, ['watch', '--once', '--listen', socket])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`there is no folder ${world.root}/no/such\n`),
  });
  expect(world.list()).toEqual(before);
});

test('the folder of bootstrap itself, which is gone after a boot, is made for a socket', async () => {
  const world = createWorld(FILES);
  onTestFinished(() => world.end());
  const socket = `unix:${world.root}/run/bootstrap/http.sock`;
  const watch = startCli(world, ['watch', '--listen', socket]);
  onTestFinished(async () => {
    watch.kill('SIGTERM');
    await watch.ended;
  });
  await until(() => watch.stderr().includes('http.sock') || watch.stdout().includes('http.sock'));
  expect(world.text('run/bootstrap')).toContain('http.sock');
});

test.each([
  ['plan', '--root', ''],
  ['plan', '--config', ''],
  ['plan', '--file', ''],
  ['plan', '--out', ''],
  ['export', '-o', ''],
  ['apply', '--metrics-file', ''],
  ['apply', ''],
  ['show', ''],
  ['init', ''],
])('%s %s with nothing in its place, as of a variable that is not set', async (...args) => {
  const world = createWorld(FILES);
  onTestFinished(() => world.end());
  const ran = await runCli(world, args);
  expect(ran).toMatchObject({ exitCode: 64, stdout: '' });
  expect(ran.stderr).toMatch(/^error: (?:option '.*' argument|command-argument '.*') is empty\n/);
});
