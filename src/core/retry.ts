import { durationMs, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import type { Retry } from '../model/retry.ts';
import { renderFailureLine } from './render/failure-text.ts';
import { retryDelayMs, type RetryPolicy } from './retry-delay.ts';

/** How watch spaces its tries: five seconds for what passes by itself, five minutes for what does not. */
export const WATCH_RETRY: RetryPolicy = {
  baseMs: durationMs(5_000),
  capMs: durationMs(5 * 60_000),
};

// Whoever finds a difference after every success goes round in a circle.
const CIRCLES_MAX = 3;

/**
 * When what failed so is worth another try: `soon` (with backoff) where it may pass by itself; at the `interval` where a person has to mend
 * something and a look costs nothing; `never` where one more try may do harm. `as-before`: it was no try.
 */
const TRY_AGAIN: {
  readonly [C in Failure['code']]: 'soon' | 'interval' | 'never' | 'as-before';
} = {
  usage: 'interval',
  'desired-missing': 'interval',
  'desired-unreadable': 'interval',
  'desired-invalid': 'interval',
  'definition-missing': 'interval',
  'definition-invalid': 'interval',
  'script-refused': 'interval',
  'unknown-product': 'interval',
  'file-unusable': 'soon',
  'secret-unavailable': 'soon',
  'file-exists': 'interval',
  permission: 'interval',
  locked: 'soon',
  'lock-kept': 'interval',
  'lock-lost': 'soon',
  'facts-unreadable': 'soon',
  unconfirmed: 'interval',
  blocked: 'interval',
  'script-failed': 'soon',
  'config-refused': 'interval',
  'verify-failed': 'soon',
  unhealthy: 'soon',
  'not-converged': 'soon',
  'disk-full': 'soon',
  'orphan-running': 'soon',
  'generation-unusable': 'interval',
  'no-generation': 'interval',
  'rolled-back': 'interval',
  'trial-open': 'as-before',
  suspended: 'as-before',
  'no-trial': 'interval',
  'plan-unreadable': 'interval',
  'plan-stale': 'interval',
  'plan-used': 'interval',
  'listen-failed': 'interval',
  untrusted: 'interval',
  'source-unreachable': 'soon',
  'left-invalid': 'never',
  superseded: 'as-before',
  interrupted: 'as-before',
  'deadline-passed': 'soon',
  'not-in-time': 'soon',
};

/** How a try ended. */
export interface TryEnd {
  readonly digest: string;
  readonly failures: readonly Failure[];
  readonly now: Date;
  readonly random: () => number;
}

/** What is kept after a try; undefined where nothing needs to be: it went well, or is looked at again at the interval anyway. The first failure decides, but for one that ends all tries. */
export function retryAfter(
  before: Retry | undefined,
  { digest, failures, now, random }: TryEnd,
): Retry | undefined {
  const [first] = failures;
  const deciding = failures.find(({ code }) => TRY_AGAIN[code] === 'never') ?? first;
  if (deciding !== undefined && TRY_AGAIN[deciding.code] === 'as-before') return before;
  if (deciding === undefined || TRY_AGAIN[deciding.code] === 'interval') return undefined;
  const attemptsBefore = before?.digest === digest ? before.attempts : {};
  const keys = new Set(failures.filter(({ code }) => TRY_AGAIN[code] === 'soon').map(keyOf));
  const attempts = Object.fromEntries(
    [...keys].map((key) => [key, (attemptsBefore[key] ?? 0) + 1]),
  );
  const tries = Math.max(1, ...Object.values(attempts));
  const circles = deciding.code === 'not-converged' && tries >= CIRCLES_MAX;
  const isOver = TRY_AGAIN[deciding.code] === 'never' || circles;
  const nextAt = now.getTime() + retryDelayMs(tries, WATCH_RETRY, random);
  return {
    digest,
    attempts,
    reason: renderFailureLine(deciding),
    nextAt: isOver ? null : new Date(nextAt).toISOString(),
  };
}

// What failed is told apart by the action, so that another one that fails begins anew.
function keyOf(failure: Failure): string {
  if ('action' in failure) return failure.action;
  return 'product' in failure ? `${failure.code} ${failure.product}` : failure.code;
}

/** How often in a row this was tried without success. */
export function triesOf({ attempts }: Retry): number {
  return Math.max(1, ...Object.values(attempts));
}

/** Milliseconds until the next try of this desired state: 0 now, undefined where only a person or another desired state brings one. */
export function waitBeforeTry(
  retry: Retry | undefined,
  { digest, now }: Pick<TryEnd, 'digest' | 'now'>,
): DurationMs | undefined {
  if (retry === undefined || retry.digest !== digest) return durationMs(0);
  if (retry.nextAt === null) return undefined;
  const leftMs = Date.parse(retry.nextAt) - now.getTime();
  // No wait is that long: the clock was set back, and nobody knows how much of it is over.
  return durationMs(leftMs > WATCH_RETRY.capMs ? 0 : Math.max(0, leftMs));
}
