// policy.windows: what disrupts a working server waits for its time, and everything else is done.
import { expect, test, type TestContext } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const NOTE = '#!/bin/sh\necho "$BOOTSTRAP_PRODUCT ${0##*/}" >>"$BOOTSTRAP_ROOT/log"\n';
const INI = `[product: web]
upgrade-script = /etc/bootstrap/upgrade

[product: file]
config-file   = /etc/file.ini
config-format = ini
`;
const HOUR_MS = 3_600_000;

/** A window of an hour that opens so many hours from now. */
function windowIn(hours: number): string {
  const hourOf = (ms: number): string => new Date(ms).toISOString().slice(11, 13);
  const opensMs = Date.now() + hours * HOUR_MS;
  return `${hourOf(opensMs)}:00-${hourOf(opensMs + HOUR_MS)}:00`;
}
const OPEN = '00:00-24:00';

const desired = (version: string, window: string): string => `apiVersion: bootstrap/v1
server: {mode: production}
policy: {windows: ["${window}"]}
products:
  web: {version: "${version}"}
  file: {settings: {port: ${version}}}
`;

test('outside of its window what disrupts is deferred, the rest is done, and it is said until when', async (context) => {
  const world = await serverFor(context);
  const window = windowIn(3);
  world.put({ 'desired-state.yaml': desired('2', window), log: '' });
  const planned = await runCli(world, ['plan', '--detailed-exitcode']);
  expect(planned).toMatchObject({ exitCode: 2, stderr: '' });
  const [start = ''] = window.split('-');
  const deferred = `deferred until \\d{4}-\\d\\d-\\d\\d ${start} UTC \\(window "${window}"\\)`;
  expect(planned.stdout).toMatch(new RegExp(`  z upgrade  web +1 -> 2 +${deferred}\\n`, 'i'));
  expect(planned.stdout).toMatch(/Plan: 1 to do \(1 set\), 1 deferred, 0 unchanged\.\n$/);

  const applied = await runCli(world, ['apply', '--yes']);
  expect(applied.exitCode).toBe(6);
  expect(applied.stdout).toMatch(new RegExp(`^web/upgrade: ${deferred}$`, 'm'));
  expect(applied.stderr).toContain('error: held back: web/upgrade\n');
  expect(world.text('log')).toBe('');
  expect(world.text('etc/file.ini')).toContain('port = 2\n');
  expect(world.text('var/bootstrap/products/web/version')).toBe('1\n');
  expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
});

test('inside of its window it is done', async (context) => {
  const world = await serverFor(context);
  world.put({ 'desired-state.yaml': desired('2', OPEN), log: '' });
  const applied = await runCli(world, ['apply', '--yes']);
  expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
  expect(world.text('log')).toBe('web upgrade\n');
  expect(world.text('var/bootstrap/products/web/version')).toBe('2\n');
});

test('a server that does not work yet waits for no window', async ({ onTestFinished }) => {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': INI,
    'etc/bootstrap/upgrade': NOTE,
    'desired-state.yaml': desired('1', windowIn(3)),
  });
  onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
});

test('leaving the working mode waits for its window, and so does what needs that', async (context) => {
  const world = await serverFor(context);
  const idle = desired('2', windowIn(3)).replace('production', 'idle');
  world.put({ 'desired-state.yaml': idle, log: '' });
  const applied = await runCli(world, ['apply', '--yes']);
  expect(applied.exitCode).toBe(6);
  expect(applied.stdout).toMatch(/^server\/mode-idle: deferred until /m);
  expect(world.text('log')).toBe('');
  expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
});

/** A working server at version 1. */
async function serverFor({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<World> {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': INI,
    'etc/bootstrap/upgrade': NOTE,
    'desired-state.yaml': desired('1', OPEN),
  });
  onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
  return world;
}
