import type { ApplyReport } from '../apply/apply.ts';
import type { Brakes } from '../apply/context.ts';
import type { Journal } from '../apply/journal.ts';
import { countsAgainst, faultsIn } from '../apply/faults.ts';
import { createRecords } from '../apply/records.ts';
import { leftAlone } from '../core/left-alone.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { Generation } from '../model/generation.ts';
import { ok } from '../model/result.ts';
import { act } from './act.ts';
import type { HeldRun } from './held-run.ts';
import { lastLook, type Converged } from './last-look.ts';
import { lookAtStates, type LookContext } from './look.ts';
import type { Planned } from './planning.ts';
import { hasRollbackTarget, rollbackTarget } from './rollback-target.ts';
import { recounted, rollBack, type Failing, type WayBack } from './rollback.ts';

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
  const spareServer = onFailure !== 'stop' && hasRollbackTarget(run);
  const acting = { written, ...planned, ...inHand, onFailure, spareServer, earlier: undefined };
  const { report, proven, baseline } = await act(run, acting);
  const { changed } = report;
  if (report.failures.length === 0) {
    const states = proven ?? (await lookAtStates(host, written, inHand.look));
    return { failures: leftAlone(plan), changed, last: await lastLook(run, states) };
  }
  const began = { ...planned, baseline };
  const target = spareServer ? rollbackTarget(run) : undefined;
  const failures = await undo(run, report, { ...inHand, target, began });
  // Compared with what is wished, also where something else was gone back to.
  const states = await lookAtStates(host, written, inHand.look);
  return { failures, changed, last: await lastLook(run, states) };
}

/** Goes on with a rollback that a run before this one began and did not bring to its end. */
export async function rollBackAgain(
  run: HeldRun,
  back: WayBack,
  inHand: InHand,
): Promise<Converged> {
  const { host, written } = run;
  const failures = await takeBack(run, back, { ...inHand, began: undefined, causes: [] });
  const states = await lookAtStates(host, written, inHand.look);
  return { failures, changed: true, last: await lastLook(run, states) };
}

interface ToUndo extends InHand, Pick<Failing, 'began'> {
  readonly target: Generation | undefined;
}

async function undo(
  run: HeldRun,
  report: ApplyReport,
  { target, ...inHand }: ToUndo,
): Promise<readonly Failure[]> {
  const { brakes } = run.request;
  const { plan } = inHand.began ?? {};
  const counted = await recounted(run, report.failures, { target, plan });
  const failures = worstFirst(counted, brakes);
  const isInterrupted = brakes.stop.aborted || !run.lock.owned();
  if (isInterrupted || !report.touched || !counted.some(countsAgainst)) return failures;
  if (target === undefined) return leaveInvalid(run, failures);
  const back = { target, products: undefined, faults: faultsIn(counted) };
  return await takeBack(run, back, { ...inHand, causes: failures });
}

interface ToTakeBack extends Failing {
  /** [] where an earlier run failed. */
  readonly causes: readonly Failure[];
}

async function takeBack(
  run: HeldRun,
  back: WayBack,
  { causes, ...failing }: ToTakeBack,
): Promise<readonly Failure[]> {
  const end = await rollBack(run, back, failing);
  const failures =
    end.how === 'done' ? [end.failure, ...causes] : leaveInvalid(run, [...causes, ...end.failures]);
  // Begun for good or ill it is tried once. Only now: until the records tell how it ended, it has not.
  if (!run.request.brakes.stop.aborted)
    await failing.journal.note({
      type: 'rollback',
      generation: back.target.number,
      state: 'ended',
    });
  failpoint('rollback.ended');
  return failures;
}

// Who was interrupted, or lost the lock, says that; the next run goes on from there.
function leaveInvalid(
  { host, request, lock }: HeldRun,
  causes: readonly Failure[],
): readonly Failure[] {
  const { brakes, site } = request;
  if (brakes.stop.aborted || !lock.owned()) return worstFirst(causes, brakes);
  const marked = markInvalid(host, site.root, causes);
  return [{ code: 'left-invalid', causes }, ...causes, ...marked];
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
function worstFirst(failures: readonly Failure[], { stop }: Brakes): readonly Failure[] {
  if (stop.aborted) {
    const reason = stop.reason as Failure;
    return [reason, ...failures.filter((failure) => failure !== reason)];
  }
  const lost = failures.find((failure) => failure.code === 'lock-lost');
  return lost === undefined ? failures : [lost, ...failures.filter((failure) => failure !== lost)];
}
