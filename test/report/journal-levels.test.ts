// A file stands in for the journal's socket: it is the device and inode that say where lines go.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createWorld, type World } from '../rig/world.ts';

const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
`,
  'etc/bootstrap/upgrade': `#!/bin/sh
echo fetching; echo "$JOURNAL_STREAM$NOTIFY_SOCKET$WATCHDOG_USEC" >"$BOOTSTRAP_ROOT/told"
[ ! -e "$BOOTSTRAP_ROOT/fail" ] || { echo no such version >&2; exit 3; }
`,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {version: "1"}
`,
};

test('each line says how much it matters, and what scripts print matters least', () => {
  const world = newWorld();
  const lines = intoJournal(world, ['apply', '--yes']);
  expect(lines).toContain('<6>web/provision: started');
  expect(lines).toContain('<7>web/provision | fetching');
  expect(lines.filter((line) => !/^(<[67]>.+)?$/.test(line))).toEqual([]);
  // What systemd tells a service is not for its scripts.
  expect(world.text('told')).toBe('\n');
});

test('failures are errors, with all that is said of them', () => {
  const world = newWorld();
  world.put({ fail: '' });
  const lines = intoJournal(world, ['apply', '--yes']);
  expect(lines).toContainEqual(expect.stringMatching(/^<3>web\/provision: failed after/));
  expect(lines).toContainEqual(expect.stringMatching(/^<3>error: web\/provision: /));
  expect(lines).toContain('<3>  no such version');
  expect(lines).toContainEqual(expect.stringMatching(/^<3>fix: /));
  expect(lines).toContain('<7>web/provision | no such version');
});

test('a mistake in a file is an error in each of its lines', () => {
  const world = newWorld();
  world.put({ 'desired-state.yaml': 'server: {mode: idel}\n' });
  const lines = intoJournal(world, ['validate']).filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((line) => !line.startsWith('<3>'))).toEqual([]);
});

test('JSON stays JSON', () => {
  const lines = intoJournal(newWorld(), ['apply', '--yes', '--format', 'json']);
  expect(lines.filter((line) => !/^(\{.*\})?$/.test(line))).toEqual([]);
});

test('a stream that goes elsewhere stays as it is', () => {
  const lines = intoJournal(newWorld(), ['apply', '--yes'], '1:1');
  expect(lines).toContain('web/provision: started');
});

function newWorld(): World {
  const world = createWorld(SERVER);
  onTestFinished(() => world.end());
  return world;
}

/** Runs a command with both streams going to one file, which it is told is the journal, or not. */
function intoJournal({ root }: World, args: readonly string[], stream?: string): readonly string[] {
  const path = `${root}/journal`;
  const journal = openSync(path, 'a');
  const { dev, ino } = statSync(path, { bigint: true });
  spawnSync(process.execPath, [resolve('dist/bootstrap.cjs'), '--root', root, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      JOURNAL_STREAM: stream ?? `${dev}:${ino}`,
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '30000000',
    },
    stdio: ['ignore', journal, journal],
    timeout: 30_000,
  });
  closeSync(journal);
  return readFileSync(path, 'utf8').split('\n');
}
