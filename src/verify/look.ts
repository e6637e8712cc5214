import type { Host } from '../host/host.ts';
import type { ProcessIdentity, Sample } from '../model/heartbeat.ts';
import type { DurationMs } from '../model/duration.ts';

/** What a look at a heartbeat may touch. */
export type LookHost = Pick<Host, 'net' | 'files' | 'processes' | 'clock'>;

/** How one look is made. */
export interface LookRequest {
  /** Put before the path of a pid file; '' for `/`. */
  readonly root: string;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  /** The process from before the apply, where it is known: its answer does not count. */
  readonly oldProcess?: ProcessIdentity | undefined;
}

/** A look that passed, and began at `beganAtMs`. */
export function passed(
  host: Pick<Host, 'clock'>,
  beganAtMs: number,
  identity?: ProcessIdentity,
): Sample {
  return { verdict: 'pass', latencyMs: host.clock.monotonicMs() - beganAtMs, identity };
}

/** A look that failed, and began at `beganAtMs`. */
export function failed(host: Pick<Host, 'clock'>, beganAtMs: number, reason: string): Sample {
  return { verdict: 'fail', reason, latencyMs: host.clock.monotonicMs() - beganAtMs };
}
