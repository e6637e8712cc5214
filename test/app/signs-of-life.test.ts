import { expect, test } from 'vitest';
import { giveSignsOfLife } from '../../src/app/signs-of-life.ts';
import { createClock } from '../../src/host/clock.ts';
import { createSupervisor } from '../../src/host/supervisor.ts';
import { until } from '../host/until.ts';
import { openNotifySocket } from '../rig/notify-socket.ts';

test('signs of life come until the signal, closer together than the watchdog asks for', async () => {
  await using socket = await openNotifySocket();
  const supervisor = createSupervisor({ NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '3000000' });
  const stop = new AbortController();
  const giving = giveSignsOfLife({ clock: createClock(), supervisor }, stop.signal);
  await until(() => socket.heard().length === 3);
  stop.abort();
  await giving;
  expect(socket.heard().map(({ WATCHDOG }) => WATCHDOG)).toEqual(['1', '1', '1']);
  const [first = 0, , third = 0] = socket.heard().map(({ at }) => Number(at));
  expect(third - first).toBeGreaterThan(1e6);
});

test('where no watchdog waits it ends at once', async () => {
  const never = new AbortController().signal;
  await giveSignsOfLife({ clock: createClock(), supervisor: createSupervisor({}) }, never);
});
