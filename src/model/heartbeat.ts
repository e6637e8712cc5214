import type { DurationMs } from './duration.ts';

/** When a heartbeat counts as passed or failed (CONTRACT 1.3 and 5, "Verify"). */
export interface HeartbeatTiming {
  readonly graceMs: DurationMs;
  readonly intervalMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly successes: number;
  readonly deadlineMs: DurationMs;
  readonly stableMs: DurationMs;
}

/** What is asked. A pid file's path is the server's, without `--root`. */
export type HeartbeatProbe =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly status: number;
      readonly body: string | undefined;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'process'; readonly pidFile: string };

/** One heartbeat of a product. */
export interface Heartbeat {
  readonly probe: HeartbeatProbe;
  readonly timing: HeartbeatTiming;
}

/** A process told apart from every other since boot: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** One look. `error` means that the look itself could not be made: neither pass nor fail. */
export type Sample =
  | {
      readonly verdict: 'pass';
      readonly latencyMs: number;
      readonly identity: ProcessIdentity | undefined;
    }
  | { readonly verdict: 'fail'; readonly reason: string; readonly latencyMs: number }
  | { readonly verdict: 'error'; readonly reason: string };

/** How a heartbeat reads for people: `http http://127.0.0.1:8404/healthz`. */
export function showProbe(probe: HeartbeatProbe): string {
  switch (probe.kind) {
    case 'http':
      return `http ${probe.url}`;
    case 'tcp':
      return `tcp ${probe.host}:${probe.port}`;
    case 'process':
      return `process ${probe.pidFile}`;
  }
}
