import { durationMs, type DurationMs } from '../model/duration.ts';

/** How tries that fail are spaced. */
export interface RetryPolicy {
  /** The longest wait before the second try. */
  readonly baseMs: DurationMs;
  /** No wait is longer. */
  readonly capMs: DurationMs;
}

/**
 * Milliseconds to wait after failed try `attempt` (1-based): doubling from `policy.baseMs`, never above `policy.capMs`, of which half is
 * certain and half is chance (`random` in [0, 1)), so that servers that failed together do not try together.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (equal jitter).
 */
export function retryDelayMs(
  attempt: number,
  { baseMs, capMs }: RetryPolicy,
  random: () => number,
): DurationMs {
  const wholeMs = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return durationMs(Math.round(wholeMs / 2 + (random() * wholeMs) / 2));
}
