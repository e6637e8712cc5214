import type { EventBody, Outcome, Verdict, VerdictCounts } from '../model/event.ts';
import { EXIT_CODE, CHANGES_EXIT_CODE, type Failure } from '../model/failure.ts';

/** The counts of a run in which nothing happened yet. */
export const NO_VERDICTS: VerdictCounts = {
  succeeded: 0,
  failed: 0,
  rolledBack: 0,
  skipped: 0,
  notStarted: 0,
  unknown: 0,
};

/** What was counted so far. */
export interface Tally {
  readonly counts: VerdictCounts;
  /** Whose actions succeeded, a name for each: null where it was the server's. */
  readonly done: readonly (string | null)[];
  /** Whose state the rollback under way takes back: its own actions are none of the plan's. Undefined where none is. */
  readonly takesBack: ReadonlySet<string | null> | undefined;
}

/** Nothing happened yet. */
export const NO_TALLY: Tally = { counts: NO_VERDICTS, done: [], takesBack: undefined };

/** The verdicts so far and one more event: the one fold behind counts, report and exit code. */
export function tally(before: Tally, event: EventBody): Tally {
  if (event.type === 'rollback.started') return { ...before, takesBack: takenBackBy(event) };
  if (event.type === 'rollback.completed')
    return { ...(event.verified ? takenBack(before) : before), takesBack: undefined };
  const verdict = before.takesBack === undefined ? verdictOf(event) : undefined;
  if (verdict === undefined) return before;
  const { counts } = before;
  const done =
    event.type === 'action.completed'
      ? [...before.done, event.action.product ?? null]
      : before.done;
  return { ...before, counts: { ...counts, [verdict]: counts[verdict] + 1 }, done };
}

function takenBackBy({
  body,
}: Extract<EventBody, { readonly type: 'rollback.started' }>): Tally['takesBack'] {
  const actions = body.actions.filter(({ blockedBy }) => blockedBy === null);
  return new Set(actions.map(({ product }) => product));
}

// With `continue` what did not fail stays as it was brought.
function takenBack({ counts, done, takesBack }: Tally): Tally {
  const kept = done.filter((whose) => takesBack?.has(whose) !== true);
  const rolledBack = counts.rolledBack + done.length - kept.length;
  return { counts: { ...counts, rolledBack, succeeded: kept.length }, done: kept, takesBack };
}

function verdictOf(event: EventBody): Verdict | undefined {
  switch (event.type) {
    case 'action.completed':
      return 'succeeded';
    case 'action.failed':
    case 'action.skipped':
      return event.verdict;
    case 'run.started':
    case 'lock.waiting':
    case 'plan.made':
    case 'action.started':
    case 'action.output':
    case 'verify.started':
    case 'heartbeat.seen':
    case 'verify.passed':
    case 'verify.failed':
    case 'rollback.started':
    case 'rollback.completed':
    case 'diagnostic':
    case 'run.finished':
      return undefined;
  }
}

/** How a run ended: what it came to, and the code to exit with. */
export interface RunEnd {
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly failures: readonly Failure[];
}

const REFUSALS: ReadonlySet<Failure['code']> = new Set([
  'unconfirmed',
  'blocked',
  'locked',
  'plan-stale',
  'plan-used',
  'trial-open',
  'suspended',
]);

const CUT_SHORT: ReadonlySet<Failure['code']> = new Set([
  'interrupted',
  'superseded',
  'deadline-passed',
]);

/** The outcome of a run that failed so, or changed something or nothing. The first failure decides. */
export function endOfRun(
  failures: readonly Failure[],
  { changed, detailed }: { readonly changed: boolean; readonly detailed: boolean },
): RunEnd {
  const [first] = failures;
  if (first === undefined)
    return {
      outcome: changed ? 'changed' : 'in-sync',
      exitCode: changed && detailed ? CHANGES_EXIT_CODE : 0,
      failures,
    };
  const exitCode = EXIT_CODE[first.code];
  if (CUT_SHORT.has(first.code)) return { outcome: 'interrupted', exitCode, failures };
  if (first.code === 'rolled-back') return { outcome: 'rolled-back', exitCode, failures };
  return { outcome: REFUSALS.has(first.code) ? 'refused' : 'failed', exitCode, failures };
}
