import type { Event, Outcome, VerdictCounts } from '../model/event.ts';
import type { PastRun } from '../model/history.ts';
import { accountOf, verdictCounts } from './run-account.ts';

/** A run in a line. */
export interface RunSummary {
  readonly runId: string;
  readonly command: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Undefined where it goes on, or was cut off. */
  readonly end: { readonly outcome: Outcome; readonly exitCode: number } | undefined;
  readonly counts: VerdictCounts;
  /** There is a journal of it. */
  readonly isJournalled: boolean;
}

/** A run of before in a line; undefined where its journal does not say. */
export function summaryOf({ records }: PastRun): RunSummary | undefined {
  const account = accountOf(records);
  if (account === undefined) return undefined;
  const { runId, command, startedAt, durationMs, end } = account;
  const counts = verdictCounts(account);
  return { runId, command, startedAt, durationMs, end, counts, isJournalled: true };
}

/** A run that ended just now in a line. */
export function summaryAtEnd(
  begin: { readonly command: string; readonly startedAt: Date },
  event: Extract<Event, { readonly type: 'run.finished' }>,
): RunSummary {
  const { runId, durationMs, outcome, exitCode, counts } = event;
  return {
    runId,
    command: begin.command,
    startedAt: begin.startedAt.toISOString(),
    durationMs,
    end: { outcome, exitCode },
    counts,
    isJournalled: false,
  };
}
