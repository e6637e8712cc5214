import { durationMs } from '../model/duration.ts';
import type { ProductName } from '../model/ids.ts';
import type { RestartRecord, Restarts } from '../model/restart.ts';
import { compareText } from '../model/text-order.ts';
import { retryDelayMs, type RetryPolicy } from './retry-delay.ts';

// As Kubernetes restarts what crashes in a loop: after 10 s, then ever later, at most 5 min.
const PAUSES: RetryPolicy = { baseMs: durationMs(10_000), capMs: durationMs(300_000) };

/** True where a product may be restarted, by what is on record of it. A pause longer than any that is ever made is a clock's mistake. */
export function isDue(record: RestartRecord | undefined, now: Date): boolean {
  if (record === undefined) return true;
  const leftMs = Date.parse(record.nextAt) - now.getTime();
  return leftMs <= 0 || leftMs > PAUSES.capMs;
}

/** When a run restarts, and what its pauses are varied by: `random` is from 0 to 1. */
export interface RestartMoment {
  readonly runId: string;
  readonly now: Date;
  readonly random: () => number;
}

/** The records once a product is about to be restarted. */
export function withRestart(
  restarts: Restarts,
  product: ProductName,
  moment: RestartMoment,
): Restarts {
  const attempts = (restarts[product]?.attempts ?? 0) + 1;
  return { ...restarts, [product]: pausedFrom(attempts, moment) };
}

function pausedFrom(attempts: number, { runId, now, random }: RestartMoment): RestartRecord {
  const nextAt = new Date(now.getTime() + retryDelayMs(attempts, PAUSES, random)).toISOString();
  return { attempts, nextAt, runId };
}

/**
 * The records after the last look of a run, at which these products did not pass: nothing is kept of any other. What the run itself
 * restarted in vain pauses from now on, for it may have been given long to come up.
 */
export function restartsAfter(
  restarts: Restarts,
  failing: ReadonlySet<string>,
  moment: RestartMoment,
): Restarts {
  const left = Object.entries(restarts).filter(([name]) => failing.has(name));
  const kept = left.map(([name, record]): [string, RestartRecord] => {
    const isOwn = record.runId === moment.runId;
    return [name, isOwn ? pausedFrom(record.attempts, moment) : record];
  });
  return Object.fromEntries(kept.toSorted(([a], [b]) => compareText(a, b)));
}
