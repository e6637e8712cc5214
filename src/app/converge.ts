import type { Journal } from '../apply/journal.ts';
import { leftAlone } from '../core/left-alone.ts';
import { failpoint } from '../host/failpoint.ts';
import type { SkipReason } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { summarise, type Plan } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import { beginJournal, endJournal } from './act.ts';
import { carryOut, rollBackAgain } from './carry-out.ts';
import { readGenerations } from './generations.ts';
import { unhealthy } from './health.ts';
import type { HeldRun, ReconcileRequest } from './held-run.ts';
import { lastLook, type Converged } from './last-look.ts';
import { lookContext, type LookContext } from './look.ts';
import { settleOrphans, tellInterrupted } from './orphans.ts';
import { planNow, type Planned, type Planning } from './planning.ts';
import { planRestarts, restartsSeen } from './restarts.ts';
import { rollbackTarget } from './rollback-target.ts';
import type { WayBack } from './rollback.ts';
import { isUsed, markUsed, staleBy } from './saved-plans.ts';
import { beginTrial, endTrial } from './trial.ts';

/** Plans, shows, asks, acts and proves, for the holder of the lock. */
export async function converge(run: HeldRun): Promise<Converged> {
  const { host, emit, request, written } = run;
  const { runId, brakes } = request;
  const look = lookContext(host, written.definition, { runId, terminate: brakes.terminate });
  const planning = { site: request.site, written, look, asked: request.asked };
  const made = await planSettled(run, planning);
  if (!made.ok) return refused([made.error]);
  const open = openRollback(run, made.value);
  if (open !== undefined) return await goOnRollingBack(run, made.value, { look, back: open });
  const whole = await planRestarts(run, planning, made.value);
  if (!whole.ok) return refused([whole.error]);
  const { value: planned } = whole;
  const { plan } = planned;
  emit({ type: 'plan.made', body: planned.body, inputs: planned.inputs });
  failpoint('plan.shown');
  const foreseen = foreseenFailures(run, planned);
  if (foreseen.length > 0) return refuse(run, plan, { failures: foreseen, why: 'refused' });
  if (summarise(plan).todo === 0) return await nothingToDo(run, planned);
  const confirmed = await confirm(request, plan);
  if (!confirmed.ok) return refuse(run, plan, { failures: [confirmed.error], why: 'unconfirmed' });
  failpoint('plan.confirmed');
  const begun = await begin(run, planned);
  if (!begun.ok) return refuse(run, plan, { failures: [begun.error], why: 'refused' });
  const converged = await carryOut(run, planned, { look, journal: begun.value });
  await endJournal(begun.value, converged);
  return converged;
}

// All that is on disk before the first step.
async function begin(run: HeldRun, planned: Planned): Promise<Result<Journal, Failure>> {
  const used = useUp(run);
  if (!used.ok) return used;
  const onTrial = await putOnTrial(run);
  if (!onTrial.ok) return onTrial;
  const journal = await beginJournal(run, { ...planned, rollback: null });
  return journal.ok ? journal : notOnTrial(run, journal.error);
}

// The way back, and who sees to it.
async function putOnTrial(run: HeldRun): Promise<Result<unknown, Failure>> {
  const { host, request, written } = run;
  const { trial, site, runId } = request;
  if (trial === undefined) return ok(undefined);
  const { revision } = written.desired;
  const begun = beginTrial(host, { root: site.root, runId, revision }, trial);
  if (!begun.ok) return begun;
  const guarded = await trial.guard();
  return guarded.ok ? guarded : notOnTrial(run, guarded.error);
}

// What was not begun keeps nobody else out.
function notOnTrial({ host, request }: HeldRun, failure: Failure): Result<never, Failure> {
  const ended =
    request.trial === undefined ? ok(undefined) : endTrial(host.files, request.site.root);
  return err(ended.ok ? failure : ended.error);
}

// A run died while it took back what this very desired state had done, or before it could: that comes first. A new one is simply
// brought about.
function openRollback(run: HeldRun, { states }: Planned): WayBack | undefined {
  const { host, request, written } = run;
  const lastRun = valueOf(states.actual.lastRun);
  if (lastRun?.rollback === undefined || lastRun.revision !== written.desired.revision)
    return undefined;
  const { generation, products, faults } = lastRun.rollback;
  const generations = readGenerations(host.files, request.site.root);
  const target =
    generation === undefined
      ? rollbackTarget(run)
      : generations.find(({ number }) => number === generation);
  return target && { target, products, faults: new Map(faults) };
}

async function goOnRollingBack(
  run: HeldRun,
  planned: Planned,
  { look, back }: { readonly look: LookContext; readonly back: WayBack },
): Promise<Converged> {
  const { lastRun } = planned.states.actual;
  const rollback = valueOf(lastRun)?.rollback ?? null;
  const journal = await beginJournal(run, { ...planned, rollback });
  if (!journal.ok) return refused([journal.error]);
  const converged = await rollBackAgain(run, back, { look, journal: journal.value });
  await endJournal(journal.value, converged);
  return converged;
}

// A script that outlived its engine may still be changing what is planned for: the plan is made once it is gone.
async function planSettled(
  { host, emit, request }: HeldRun,
  planning: Planning,
): Promise<Result<Planned, Failure>> {
  const made = await planNow(host, planning);
  if (!made.ok) return made;
  const { lastRun } = made.value.states.actual;
  if (valueOf(lastRun) !== undefined) failpoint('recovery.read');
  tellInterrupted(lastRun, emit);
  const { stop } = request.brakes;
  const { waited, failures } = await settleOrphans(host, lastRun, { emit, signal: stop });
  const [failure] = failures;
  if (stop.aborted) return err(stop.reason as Failure);
  if (failure !== undefined) return err(failure);
  return waited ? await planNow(host, planning) : made;
}

// Why the plan is not to be begun: a saved one that may not be carried out, or steps that are bound to fail.
function foreseenFailures(
  { host, request, written }: HeldRun,
  planned: Planned,
): readonly Failure[] {
  const { saved, onFailure = written.desired.policy.onFailure } = request;
  if (saved !== undefined) {
    const { planId } = saved.plan.plan;
    const used = isUsed(host.files, request.site.root, planId);
    if (!used.ok) return [used.error];
    if (used.value && !saved.resume) return [{ code: 'plan-used', planId }];
    const moved = staleBy(host, saved.plan, { planned, begun: saved.resume });
    if (moved.length > 0) return [{ code: 'plan-stale', moved }];
  }
  // Who goes on after a failure wants the other products done; the step itself will fail, and say so.
  return planned.findings.filter(
    ({ code }) => onFailure !== 'continue' || code !== 'config-refused',
  );
}

async function nothingToDo(run: HeldRun, planned: Planned): Promise<Converged> {
  const { plan, states } = planned;
  const used = useUp(run);
  if (!used.ok) return refuse(run, plan, { failures: [used.error], why: 'refused' });
  skipBlocked(run, plan);
  const last = await lastLook(run, states);
  const restarts = restartsSeen(run.host.files, run.request.site.root);
  const sick = unhealthy(last.beats, { restarts, now: run.host.clock.now() });
  const failures = [...leftAlone(plan), ...(sick === undefined ? [] : [sick])];
  const superseded = await supersede(run, planned, failures);
  return { failures: [...failures, ...superseded], changed: false, last };
}

// The way back from another wish was left open, and there is nothing to take back any more: a journal of this run, though it
// did nothing, keeps that wish from being taken back when it comes again.
async function supersede(
  run: HeldRun,
  planned: Planned,
  failures: readonly Failure[],
): Promise<readonly Failure[]> {
  if (valueOf(planned.states.actual.lastRun)?.rollback === undefined) return [];
  const journal = await beginJournal(run, { ...planned, rollback: null });
  if (!journal.ok) return [journal.error];
  await endJournal(journal.value, { failures, changed: false });
  return [];
}

// Also where nothing at all is run, each action ends in a verdict.
function skipBlocked({ emit }: HeldRun, { actions }: Plan): void {
  for (const action of actions) {
    const { blocked } = action;
    if (blocked === undefined) continue;
    const reason = { why: 'blocked', blocked } as const;
    emit({ type: 'action.skipped', action, verdict: 'skipped', reason });
  }
}

interface Refusal {
  readonly failures: readonly Failure[];
  readonly why: Extract<SkipReason['why'], 'unconfirmed' | 'refused'>;
}

function refuse({ emit }: HeldRun, plan: Plan, { failures, why }: Refusal): Converged {
  for (const action of plan.actions)
    emit({ type: 'action.skipped', action, verdict: 'notStarted', reason: { why } });
  return refused(failures);
}

function refused(failures: readonly Failure[]): Converged {
  return { failures, changed: false, last: undefined };
}

async function confirm(
  { confirm: ask, brakes }: ReconcileRequest,
  plan: Plan,
): Promise<Result<void, Failure>> {
  const answer = await ask(plan);
  if (brakes.stop.aborted) return err(brakes.stop.reason as Failure);
  return answer === 'yes' ? ok(undefined) : err({ code: 'unconfirmed', how: answer });
}

// On disk before the first step: whatever happens from here on, this plan was begun.
function useUp({ host, request: { saved, site } }: HeldRun): Result<void, Failure> {
  if (saved === undefined) return ok(undefined);
  const marked = markUsed(host.files, site.root, saved.plan.plan.planId);
  failpoint('plans-used.written');
  return marked;
}
