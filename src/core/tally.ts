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
  /** Between the start and the end of a rollback: its own actions are none of the plan's. */
  readonly isRollingBack: boolean;
}

/** Nothing happened yet. */
export const NO_TALLY: Tally = { counts: NO_VERDICTS, isRollingBack: false };

/** The verdicts so far and one more event: the one fold behind counts, report and exit code. */
export function tally({ counts, isRollingBack }: Tally, event: EventBody): Tally {
  if (event.type === 'rollback.started') return { counts, isRollingBack: true };
  if (event.type === 'rollback.completed')
    return { counts: event.verified ? takenBack(counts) : counts, isRollingBack: false };
  const verdict = isRollingBack ? undefined : verdictOf(event);
  if (verdict === undefined) return { counts, isRollingBack };
  return { counts: { ...counts, [verdict]: counts[verdict] + 1 }, isRollingBack };
}

function takenBack(counts: VerdictCounts): VerdictCounts {
  return { ...counts, rolledBack: counts.rolledBack + counts.succeeded, succeeded: 0 };
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
  if (first.code === 'interrupted' || first.code === 'deadline-passed')
    return { outcome: 'interrupted', exitCode, failures };
  if (first.code === 'rolled-back') return { outcome: 'rolled-back', exitCode, failures };
  return { outcome: REFUSALS.has(first.code) ? 'refused' : 'failed', exitCode, failures };
}
