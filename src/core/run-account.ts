import type { Outcome, Verdict, VerdictCounts } from '../model/event.ts';
import type { FailureNote, JournalBody, JournalRecord } from '../model/journal.ts';
import { failuresIn } from './run-story.ts';
import { NO_VERDICTS } from './tally.ts';

/** What a run did, from its first step to its last, as its journal tells. */
export interface RunAccount {
  readonly runId: string;
  readonly command: string;
  readonly revision: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Up to the last thing that is known of it. */
  readonly durationMs: number;
  /** Undefined where it goes on, or was cut off. */
  readonly end: { readonly outcome: Outcome; readonly exitCode: number } | undefined;
  /** What went wrong beside what steps tell themselves, such as heartbeats that did not pass. */
  readonly failures: readonly FailureNote[];
  readonly steps: readonly StepAccount[];
  /** What was done to take it back; undefined where nothing was. */
  readonly back: WayBackAccount | undefined;
}

/** The way back of a run that failed. */
export interface WayBackAccount {
  readonly generation: number;
  readonly steps: readonly StepAccount[];
}

/** One action, or one wait for the heartbeats of a product. */
export interface StepAccount {
  readonly kind: 'action' | 'verify';
  readonly id: string;
  readonly verdict: Verdict;
  /** Since the run began; undefined where it was not taken, or a journal does not say. */
  readonly span: { readonly fromMs: number; readonly durationMs: number } | undefined;
  readonly failures: readonly FailureNote[];
  readonly scripts: readonly ScriptAccount[];
}

/** One script of a step. */
export interface ScriptAccount {
  readonly path: string;
  readonly args: readonly string[];
  /** Undefined where nobody saw it end. */
  readonly end: Extract<JournalBody, { readonly type: 'exited' }>['end'] | undefined;
}

/** The account of the run whose journal this is; undefined for one in which nothing was begun. */
export function accountOf(records: readonly JournalRecord[]): RunAccount | undefined {
  const [begin] = records;
  if (begin?.type !== 'begin') return undefined;
  const { runId, command, revision, time: startedAt } = begin;
  const startMs = Date.parse(startedAt);
  const turn = records.findIndex(({ type }) => type === 'rollback');
  const [there, after] =
    turn === -1 ? [records, []] : [records.slice(0, turn), records.slice(turn)];
  const end = records.findLast((record) => record.type === 'end');
  const isBack = end?.outcome === 'rolled-back';
  const told = stepsIn(there, startMs).map((step) => (isBack ? takenBack(step, after) : step));
  const silent = begin.actions.filter((id) => told.every((step) => step.id !== id));
  return {
    runId,
    command,
    revision,
    startedAt,
    durationMs: Math.max(0, Date.parse(records.at(-1)?.time ?? startedAt) - startMs),
    end: end && { outcome: end.outcome, exitCode: end.exitCode },
    failures: failuresOfRun(records),
    steps: [...told, ...silent.map((id) => silentStep(id, there))],
    back: wayBack(after, startMs),
  };
}

/** What went wrong in a run as its end says it, but for what its actions say already; [] for one without an end. */
export function failuresOfRun(records: readonly JournalRecord[]): readonly FailureNote[] {
  const end = records.findLast((record) => record.type === 'end');
  const told = new Set(failuresIn(records).map(({ summary }) => summary));
  return (end?.failures ?? []).filter(({ summary }) => !told.has(summary));
}

/** How many actions of a run ended how; those of the way back are not counted. */
export function verdictCounts({ steps }: RunAccount): VerdictCounts {
  const counts = { ...NO_VERDICTS };
  for (const { kind, verdict } of steps) if (kind === 'action') counts[verdict] += 1;
  return counts;
}

function wayBack(records: readonly JournalRecord[], startMs: number): RunAccount['back'] {
  const [begun] = records;
  if (begun?.type !== 'rollback') return undefined;
  return { generation: begun.generation, steps: stepsIn(records, startMs) };
}

function stepsIn(records: readonly JournalRecord[], startMs: number): readonly StepAccount[] {
  return records.flatMap((record): readonly StepAccount[] => {
    if (record.type === 'verified') {
      const verdict = record.passed ? 'succeeded' : 'failed';
      return [
        { kind: 'verify', id: record.id, verdict, span: undefined, failures: [], scripts: [] },
      ];
    }
    if (record.type !== 'action') return [];
    const { id, verdict, durationMs, failures, time } = record;
    const fromMs = Math.max(0, Date.parse(time) - startMs - durationMs);
    const span = WAS_TAKEN[verdict] ? { fromMs, durationMs } : undefined;
    return [{ kind: 'action', id, verdict, span, failures, scripts: scriptsOf(id, records) }];
  });
}

const WAS_TAKEN: { readonly [V in Verdict]: boolean } = {
  succeeded: true,
  failed: true,
  unknown: true,
  rolledBack: true,
  skipped: false,
  notStarted: false,
};

// One that nobody saw end: its engine died, or is at it still.
function silentStep(id: string, records: readonly JournalRecord[]): StepAccount {
  const scripts = scriptsOf(id, records);
  const verdict = scripts.length === 0 ? 'notStarted' : 'unknown';
  return { kind: 'action', id, verdict, span: undefined, failures: [], scripts };
}

function scriptsOf(id: string, records: readonly JournalRecord[]): readonly ScriptAccount[] {
  const ours = records.filter(
    (record) => (record.type === 'intent' || record.type === 'exited') && record.action === id,
  );
  return ours.flatMap((record, index): readonly ScriptAccount[] => {
    if (record.type !== 'intent') return [];
    const { product, path, args } = record;
    const exited = ours
      .slice(index)
      .find((each) => each.type === 'exited' && each.product === product);
    return [{ path, args, end: exited?.type === 'exited' ? exited.end : undefined }];
  });
}

function takenBack(step: StepAccount, back: readonly JournalRecord[]): StepAccount {
  if (step.kind !== 'action' || step.verdict !== 'succeeded') return step;
  const isTaken = back.some(
    (record) =>
      record.type === 'rollback' &&
      record.state === 'begun' &&
      (record.products?.some((name) => step.id.startsWith(`${name}/`)) ?? true),
  );
  return isTaken ? { ...step, verdict: 'rolledBack' } : step;
}
