import type { ApplyReport } from '../apply/apply.ts';
import type { Brakes } from '../apply/context.ts';
import type { Journal } from '../apply/journal.ts';
import { countsAgainst } from '../apply/leave-behind.ts';
import { createRecords } from '../apply/records.ts';
import type { States } from '../core/diff.ts';
import { leftAlone } from '../core/left-alone.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { Generation } from '../model/generation.ts';
import { ok } from '../model/result.ts';
import { act } from './act.ts';
import type { HeldRun } from './held-run.ts';
import { lastLook, type Converged } from './last-look.ts';
import { lookAtStates, type LookContext } from './look.ts';
import type { Planned } from './planning.ts';
import { rollBack, rollbackTarget } from './rollback.ts';

/** What a run that has begun has in hand. */
export interface InHand {
  readonly look: LookContext;
  readonly journal: Journal;
}

/** Acts; and where that fails, takes back what was done, or says that a person is needed. */
export async function carryOut(run: HeldRun, planned: Planned, inHand: InHand): Promise<Converged> {
  const { host, request, written } = run;
  const { plan } = planned;
  const onFailure = request.onFailure ?? written.desired.policy.onFailure;
  const target = onFailure === 'stop' ? undefined : rollbackTarget(run);
  const spareServer = target !== undefined;
  const acting = { written, ...planned, ...inHand, onFailure, spareServer };
  const { report, proven } = await act(run, acting);
  const { changed } = report;
  if (report.failures.length === 0) {
    const states = proven ?? (await lookAtStates(host, written, inHand.look));
    return { failures: leftAlone(plan), changed, last: await lastLook(run, states) };
  }
  const undone = await undo(run, report, { ...inHand, target });
  const states = undone.states ?? (await lookAtStates(host, written, inHand.look));
  return { failures: undone.failures, changed, last: await lastLook(run, states) };
}

/** Goes on with a rollback that a run before this one began and did not bring to its end. */
export async function rollBackAgain(
  run: HeldRun,
  target: Generation,
  inHand: InHand,
): Promise<Converged> {
  const { host, request, written } = run;
  const end = await rollBack(run, target, { ...inHand, failures: [] });
  if (end.how === 'done')
    return { failures: [end.failure], changed: true, last: await lastLook(run, end.states) };
  const states = await lookAtStates(host, written, inHand.look);
  const last = await lastLook(run, states);
  if (request.brakes.stop.aborted)
    return {
      failures: [request.brakes.stop.reason as Failure, ...end.failures],
      changed: true,
      last,
    };
  const marked = markInvalid(host, request.site.root, end.failures);
  const failures: readonly Failure[] = [
    { code: 'left-invalid', causes: end.failures },
    ...end.failures,
    ...marked,
  ];
  return { failures, changed: true, last };
}

interface Undone {
  readonly failures: readonly Failure[];
  /** The server as the rollback left it; undefined where it was not, or did not come to its end. */
  readonly states: States | undefined;
}

async function undo(
  run: HeldRun,
  report: ApplyReport,
  { target, ...inHand }: InHand & { readonly target: Generation | undefined },
): Promise<Undone> {
  const { host, request, lock } = run;
  const failures = worstFirst(report, request.brakes);
  const isInterrupted = request.brakes.stop.aborted || !lock.owned();
  if (isInterrupted || !report.touched || !report.failures.some(countsAgainst))
    return { failures, states: undefined };
  const end = target && (await rollBack(run, target, { ...inHand, failures: report.failures }));
  if (end?.how === 'done') return { failures: [end.failure, ...failures], states: end.states };
  const causes = [...failures, ...(end?.failures ?? [])];
  if (request.brakes.stop.aborted) return { failures: causes, states: undefined };
  const marked = markInvalid(host, request.site.root, causes);
  return { failures: [{ code: 'left-invalid', causes }, ...causes, ...marked], states: undefined };
}

// Where no rollback was to follow, the run itself said so already; once more writes nothing.
function markInvalid(host: Host, root: string, causes: readonly Failure[]): readonly Failure[] {
  const [first] = causes;
  const time = host.clock.now().toISOString();
  const message = `${time} ${first === undefined ? 'failed' : renderFailureLine(first)}`;
  const marked = createRecords(host.files, { root, sealed: ok }).serverInvalid(message);
  return marked.ok ? [] : [marked.error];
}

// The run's own end decides before what it caused: an interrupt before the script it ended.
function worstFirst(
  { failures }: Pick<ApplyReport, 'failures'>,
  { stop }: Brakes,
): readonly Failure[] {
  if (stop.aborted) {
    const reason = stop.reason as Failure;
    return [reason, ...failures.filter((failure) => failure !== reason)];
  }
  const lost = failures.find((failure) => failure.code === 'lock-lost');
  return lost === undefined ? failures : [lost, ...failures.filter((failure) => failure !== lost)];
}
