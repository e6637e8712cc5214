import { durationMs, type DurationMs } from '../model/duration.ts';

/** How pauses between tries grow. */
export interface RetryPolicy {
  readonly baseMs: DurationMs;
  readonly capMs: DurationMs;
}

/**
 * Milliseconds to wait before retry `attempt` (1-based): half of a pause that doubles from `policy.baseMs` up to `policy.capMs`, and
 * a random part of the other half; `random` is from 0 to 1. Source: AWS Architecture Blog, "Exponential Backoff And Jitter", "equal
 * jitter": its full kind could come to no pause at all.
 */
export function retryDelayMs(
  attempt: number,
  { baseMs, capMs }: RetryPolicy,
  random: () => number,
): DurationMs {
  const halfMs = Math.min(capMs, baseMs * 2 ** (attempt - 1)) / 2;
  return durationMs(Math.round(halfMs + random() * halfMs));
}
