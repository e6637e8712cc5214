import type { Host } from '../host/host.ts';
import type { ProcessIdentity, Sample } from '../model/heartbeat.ts';
import type { DurationMs } from '../model/duration.ts';

/** What a look at a heartbeat may touch. */
export type LookHost = Pick<Host, 'net' | 'files' | 'processes' | 'runner' | 'clock'>;

/** How one look is made. */
export interface LookRequest {
  /** Put before the path of a pid file or a socket; '' for `/`. */
  readonly root: string;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  /** The whole environment of the programs that are run. */
  readonly environment: Readonly<Record<string, string>>;
  /** Texts that nobody may see in what programs print. */
  readonly mask: readonly string[];
  /** The process from before the apply, where it is known: its answer does not count. */
  readonly oldProcess?: ProcessIdentity | undefined;
}

/** Who gave a good answer, and who may not have. */
export interface Answerer {
  /** Undefined where it cannot be known. */
  readonly identity: ProcessIdentity | undefined;
  readonly oldProcess: ProcessIdentity | undefined;
}

/** A look that passed, and began at `beganAtMs`; nothing is known of who answered. */
export function passed(host: Pick<Host, 'clock'>, beganAtMs: number): Sample {
  return answered(host, beganAtMs, { identity: undefined, oldProcess: undefined });
}

/** A look that got a good answer, and began at `beganAtMs`: passed, unless the process from before the apply gave it. */
export function answered(
  host: Pick<Host, 'clock'>,
  beganAtMs: number,
  { identity, oldProcess }: Answerer,
): Sample {
  if (identity !== undefined && isSame(identity, oldProcess)) {
    const reason = `StaleInstance: process ${identity.pid} was there before the change`;
    return failed(host, beganAtMs, reason);
  }
  return { verdict: 'pass', latencyMs: host.clock.monotonicMs() - beganAtMs, identity };
}

/** A look that failed, and began at `beganAtMs`. */
export function failed(host: Pick<Host, 'clock'>, beganAtMs: number, reason: string): Sample {
  const latencyMs = host.clock.monotonicMs() - beganAtMs;
  return { verdict: 'fail', reason, latencyMs, isGone: false };
}

/** A look that failed, for there is no process that could answer, and nobody is known to start one; it began at `beganAtMs`. */
export function gone(host: Pick<Host, 'clock'>, beganAtMs: number, reason: string): Sample {
  const latencyMs = host.clock.monotonicMs() - beganAtMs;
  return { verdict: 'fail', reason, latencyMs, isGone: true };
}

function isSame(found: ProcessIdentity, old: ProcessIdentity | undefined): boolean {
  return old !== undefined && found.pid === old.pid && found.startTicks === old.startTicks;
}
