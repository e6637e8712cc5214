import type { Clock } from './host.ts';
import { allowListeners } from './many-listeners.ts';

/** The longest wait setTimeout knows; it takes a longer one for 1 ms (Node's timers: TIMEOUT_MAX, 24.8 days). */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Calls `act` after so many milliseconds, or after the longest time that a timer knows where that is shorter. */
export function startTimer(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(ms, TIMER_MS_MAX));
}

/** Milliseconds of the monotonic clock; `performance` tells the same, and is loaded by its first use. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

const NS_PER_MS = 1e6;

/** The clocks of this machine. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    monotonicMs,
    sleep,
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const untilMs = monotonicMs() + ms;
  // More than one turn only where the wait is longer than a timer can be, or the timer came a little early.
  for (let leftMs = ms; leftMs > 0 && signal?.aborted !== true;) {
    await oneTimer(leftMs, signal);
    leftMs = untilMs - monotonicMs();
  }
}

function oneTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(ms, end);
    allowListeners(signal);
    signal?.addEventListener('abort', end);
  });
}
