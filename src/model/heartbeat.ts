import type { PlainValue } from './document.ts';
import type { DurationMs } from './duration.ts';
import { escapeControls } from './escape.ts';

/** When a heartbeat counts as passed or failed (CONTRACT 1.3 and 5, "Verify"). */
export interface HeartbeatTiming {
  readonly graceMs: DurationMs;
  readonly intervalMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly successes: number;
  readonly deadlineMs: DurationMs;
  readonly stableMs: DurationMs;
}

/** What is asked. Paths are the server's, without `--root`; patterns are regular expressions (flag u). */
export type HeartbeatProbe =
  | {
      readonly kind: 'http';
      readonly url: string;
      /** The unix socket to ask over, in place of the URL's own address. */
      readonly socket: string | undefined;
      readonly status: number;
      readonly body: string | undefined;
      readonly header: readonly HeaderPattern[];
      readonly json: readonly JsonExpectation[];
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'process'; readonly pidFile: string }
  | { readonly kind: 'exec'; readonly argv: readonly [string, ...string[]] }
  | { readonly kind: 'systemd'; readonly unit: string }
  | { readonly kind: 'monit'; readonly service: string }
  | { readonly kind: 'haproxy'; readonly socket: string }
  | { readonly kind: 'file'; readonly path: string; readonly maxAgeMs: DurationMs | undefined };

/** What a header of an answer must match; a name in any case. */
export interface HeaderPattern {
  readonly name: string;
  readonly pattern: string;
}

/** What stands at a place in the JSON of an answer (RFC 6901). */
export interface JsonExpectation {
  readonly pointer: string;
  readonly value: PlainValue;
}

/** One heartbeat of a product. */
export interface Heartbeat {
  readonly probe: HeartbeatProbe;
  readonly timing: HeartbeatTiming;
  /** A product that is dead by it, though nothing was changed, has its mode-script run again. */
  readonly restart: boolean;
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
  | {
      readonly verdict: 'fail';
      readonly reason: string;
      readonly latencyMs: number;
      /** True where no process is there that could answer, and none is being started. */
      readonly isGone: boolean;
    }
  | { readonly verdict: 'error'; readonly reason: string };

/** How a heartbeat reads for people: `http http://127.0.0.1:8404/healthz`. */
export function showProbe(probe: HeartbeatProbe): string {
  return escapeControls(`${probe.kind} ${targetOf(probe)}`);
}

function targetOf(probe: HeartbeatProbe): string {
  switch (probe.kind) {
    case 'http':
      return probe.socket === undefined ? probe.url : `${probe.url} over ${probe.socket}`;
    case 'tcp':
      return `${probe.host}:${probe.port}`;
    case 'process':
      return probe.pidFile;
    case 'exec':
      return probe.argv.map(showWord).join(' ');
    case 'systemd':
      return probe.unit;
    case 'monit':
      return probe.service;
    case 'haproxy':
      return probe.socket;
    case 'unix':
    case 'file':
      return probe.path;
  }
}

// Quoted where it would otherwise read as several words, or as none.
function showWord(word: string): string {
  return /^[^\s"']+$/.test(word) ? word : JSON.stringify(word);
}
