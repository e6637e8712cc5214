// What a service says to the one who started it, by systemd's own program, to a socket that is not systemd's.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSupervisor } from '../../src/host/supervisor.ts';
import { openNotifySocket } from '../rig/notify-socket.ts';
import { until } from './until.ts';

test('it hears the phase, a status and signs of life', async () => {
  await using socket = await openNotifySocket();
  const supervisor = createSupervisor({ NOTIFY_SOCKET: socket.path });
  expect(supervisor.mute).toBeUndefined();
  supervisor.notify({ phase: 'ready', status: 'in sync' });
  await until(() => socket.heard().length === 1);
  supervisor.notify({ alive: true });
  await until(() => socket.heard().length === 2);
  supervisor.notify({ phase: 'stopping' });
  await until(() => socket.heard().length === 3);
  const at = expect.any(String);
  expect(socket.heard()).toEqual([
    { at, READY: '1', STATUS: 'in sync' },
    { at, WATCHDOG: '1' },
    { at, STOPPING: '1' },
  ]);
});

test('a reload is said with the time by the clock that systemd compares it with', async () => {
  await using socket = await openNotifySocket();
  createSupervisor({ NOTIFY_SOCKET: socket.path }).notify({ phase: 'reloading' });
  await until(() => socket.heard().length === 1);
  const [{ RELOADING, MONOTONIC_USEC, at } = {}] = socket.heard();
  expect(RELOADING).toBe('1');
  expect(Number(MONOTONIC_USEC)).toBeLessThan(Number(at));
  expect(Number(MONOTONIC_USEC)).toBeGreaterThan(Number(at) - 60e6);
});

test('a status is one line, however it was written, and no more than 200 characters', async () => {
  await using socket = await openNotifySocket();
  const supervisor = createSupervisor({ NOTIFY_SOCKET: socket.path });
  supervisor.notify({ status: `web: failed\nMAINPID=1\r\0${'ü'.repeat(300)}` });
  await until(() => socket.heard().length === 1);
  const status = `web: failed MAINPID=1 ${'ü'.repeat(178)}`;
  expect(socket.heard()).toEqual([{ at: expect.any(String), STATUS: status }]);
});

test('while it does not listen, one program waits for it, and of what is said meanwhile the last is told', async () => {
  await using socket = await openNotifySocket();
  const supervisor = createSupervisor({ NOTIFY_SOCKET: socket.path });
  socket.stop();
  supervisor.notify({ phase: 'ready', status: 'first' });
  await until(() => tellingTo(socket.path) === 1);
  for (let count = 1; count <= 30; count += 1) supervisor.notify({ status: `look ${count}` });
  supervisor.notify({ alive: true });
  await expect(until(() => tellingTo(socket.path) > 1, 300)).rejects.toThrow('still not');
  socket.goOn();
  await until(() => socket.heard().length === 2);
  expect(socket.heard()).toEqual([
    expect.objectContaining({ READY: '1', STATUS: 'first' }),
    expect.objectContaining({ WATCHDOG: '1', STATUS: 'look 30' }),
  ]);
});

test('what could not be told is no hindrance to what is said next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-notify-'));
  const path = join(folder, 'late');
  const supervisor = createSupervisor({ NOTIFY_SOCKET: path });
  supervisor.notify({ status: 'to nobody' });
  await using socket = await openNotifySocket(path);
  supervisor.notify({ status: 'to somebody' });
  await until(() => socket.heard().length > 0);
  await until(() => socket.heard().at(-1)?.['STATUS'] === 'to somebody');
  rmSync(folder, { recursive: true });
});

describe('the watchdog', () => {
  const NOTIFY_SOCKET = '/run/systemd/notify';
  const mine = String(process.pid);

  test.each([
    [{ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: mine }, 30_000],
    [{ NOTIFY_SOCKET, WATCHDOG_USEC: '1500000' }, 1500],
    [{ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, undefined],
    [{ NOTIFY_SOCKET, WATCHDOG_USEC: '0' }, undefined],
    [{ NOTIFY_SOCKET, WATCHDOG_USEC: 'soon' }, undefined],
    [{ NOTIFY_SOCKET }, undefined],
    [{ WATCHDOG_USEC: '30000000' }, undefined],
  ])('of %o waits %s ms', (environment, watchdogMs) => {
    expect(createSupervisor(environment).watchdogMs).toBe(watchdogMs);
  });
});

test('where nobody started this process, nothing is said to nobody', () => {
  const supervisor = createSupervisor({});
  supervisor.notify({ phase: 'ready', alive: true });
  expect(supervisor).toMatchObject({ mute: undefined, watchdogMs: undefined });
});

/** How many programs are telling something to this socket. */
function tellingTo(path: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      const is = readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('systemd-notify');
      return is && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NOTIFY_SOCKET=${path}`);
    } catch {
      return false; // it has ended
    }
  }).length;
}
