import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNodeHost } from '../../src/host/node-host.ts';
import { durationMs } from '../../src/model/duration.ts';
import { hostPath } from '../../src/model/ids.ts';

const host = createNodeHost();

test('the parts are those of this machine', () => {
  expect(Math.abs(host.clock.now().getTime() - Date.now())).toBeLessThan(1_000);
  expect(host.processes.identify(process.pid).kind).toBe('known');
  expect(host.machine.hostname()).not.toBe('');
  expect(host.machine.homeFolder()).toMatch(/^\//);
  expect(host.crypto.sha256('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ); // FIPS 180-4
  expect(host.crypto.randomHex(6)).toMatch(/^[0-9a-f]{12}$/);
});

test('users and groups are those of /etc/passwd and /etc/group, a number its own', () => {
  const { machine } = host;
  expect([
    machine.userId('root'),
    machine.groupId('root'),
    machine.userId('1234'),
    machine.groupId('0'),
  ]).toEqual([0, 0, 1234, 0].map((value) => ({ kind: 'known', value })));
  expect([
    machine.userId('no-such-user'),
    machine.groupId('no-such-group'),
    machine.userId(''),
  ]).toEqual([0, 1, 2].map(() => ({ kind: 'absent' })));
});

test('programs run, and the lock is held while they do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-host-'));
  try {
    const held = await host.lock.hold(
      {
        path: hostPath('', join(folder, 'lock')),
        command: 'test',
        runId: 'test',
        timeoutMs: durationMs(0),
        signal: new AbortController().signal,
        onWait: () => {},
      },
      async (lock) => {
        const { end } = await host.runner.run({
          argv: ['/bin/true'],
          env: {},
          stdin: undefined,
          timeoutMs: durationMs(5_000),
        });
        return [lock.owned(), end];
      },
    );
    expect(held).toEqual({ ok: true, value: [true, { how: 'exit', exitCode: 0 }] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
