import { applyPlan, type ApplyReport } from '../apply/apply.ts';
import type { Brakes } from '../apply/context.ts';
import { openJournal, type Journal } from '../apply/journal.ts';
import { createRecords } from '../apply/records.ts';
import type { States } from '../core/diff.ts';
import { makePlan } from '../core/plan.ts';
import type { Beat } from '../core/status.ts';
import { endOfRun } from '../core/tally.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Change } from '../model/change.ts';
import type { SkipReason } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { JOURNAL_FORMAT } from '../model/journal.ts';
import { layoutOf } from '../model/layout.ts';
import { WORKING_MODE } from '../model/mode.ts';
import { summarise, type Plan } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import { heartbeatJudge, takeBaseline, takeBeats, unhealthy } from './health.ts';
import { lookAtStates, lookContext, type LookContext } from './look.ts';
import { settleOrphans, tellInterrupted } from './orphans.ts';
import { planNow, type Planned, type Planning } from './planning.ts';
import type { HeldRun, Reconciled, ReconcileRequest } from './held-run.ts';
import { isUsed, markUsed, staleBy } from './saved-plans.ts';

/** How far a run came: refused before anything moved, or through to a last look at the server. */
export interface Converged extends Pick<Reconciled, 'failures' | 'changed'> {
  /** Undefined where the run was refused: then nothing at all is recorded. */
  readonly last: { readonly states: States; readonly beats: readonly Beat[] } | undefined;
}

/** Plans, shows, asks, acts and proves, for the holder of the lock. */
export async function converge(run: HeldRun): Promise<Converged> {
  const { host, emit, request, written } = run;
  const look = lookContext(host, written.definition, request.runId);
  const planning = { site: request.site, written, look, asked: request.asked };
  const made = await planSettled(run, planning);
  if (!made.ok) return refused([made.error]);
  const planned = made.value;
  const { plan } = planned;
  emit({ type: 'plan.made', body: planned.body, inputs: planned.inputs });
  failpoint('plan.made');
  const foreseen = foreseenFailures(run, planned);
  if (foreseen.length > 0) return refuse(run, plan, { failures: foreseen, why: 'refused' });
  if (summarise(plan).todo === 0) return await nothingToDo(run, planned);
  const confirmed = await confirm(request, plan);
  if (!confirmed.ok) return refuse(run, plan, { failures: [confirmed.error], why: 'unconfirmed' });
  failpoint('plan.confirmed');
  const journal = beginJournal(run, planned);
  if (!journal.ok) return refuse(run, plan, { failures: [journal.error], why: 'refused' });
  const { report, proven } = await act(run, planned, { look, journal: journal.value });
  // The look that proved the end is the last one too; after a failure the records have changed since.
  const isProven = report.failures.length === 0 && proven !== undefined;
  const end = isProven ? proven : await lookAtStates(host, written, look);
  const last = { states: end, beats: await beatsNow(run, end) };
  const left = leftAlone(plan);
  const failures = report.failures.length > 0 ? worstFirst(report, request.brakes) : left;
  endJournal(journal.value, { failures, changed: report.changed });
  return { failures, changed: report.changed, last };
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

// On disk before the first step: what is to be done, and what earlier runs left open.
function beginJournal(run: HeldRun, { plan, states }: Planned): Result<Journal, Failure> {
  const { host, request, lock } = run;
  const used = useUp(run);
  if (!used.ok) return used;
  const progress = valueOf(states.actual.lastRun)?.progress ?? new Map();
  return openJournal(
    host,
    { root: request.site.root, lock },
    {
      type: 'begin',
      schema: JOURNAL_FORMAT,
      runId: request.runId,
      command: request.command,
      revision: plan.revision,
      actions: plan.actions.map(({ id }) => id),
      carried: [...progress],
    },
  );
}

function endJournal(
  journal: Journal,
  { failures, changed }: Pick<Reconciled, 'failures' | 'changed'>,
): void {
  const { outcome, exitCode } = endOfRun(failures, { changed, detailed: false });
  // The run is over: a journal that cannot be written says of it what a crash would say.
  journal.note({ type: 'end', outcome, exitCode });
  failpoint('end.written');
  journal.close();
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

async function nothingToDo(run: HeldRun, { plan, states }: Planned): Promise<Converged> {
  const used = useUp(run);
  if (!used.ok) return refuse(run, plan, { failures: [used.error], why: 'refused' });
  skipBlocked(run, plan);
  const beats = await beatsNow(run, states);
  const sick = unhealthy(beats);
  const failures = [...leftAlone(plan), ...(sick === undefined ? [] : [sick])];
  return { failures, changed: false, last: { states, beats } };
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

async function act(
  { host, emit, request, lock, written }: HeldRun,
  planned: Planned,
  { look, journal }: { readonly look: LookContext; readonly journal: Journal },
): Promise<{ readonly report: ApplyReport; readonly proven: States | undefined }> {
  const { plan } = planned;
  const { definition, desired } = written;
  const { root } = definition;
  const baseline = await takeBaseline(host, plan, { root, signal: request.brakes.stop });
  let proven: States | undefined;
  const report = await applyPlan(plan, {
    host,
    lock,
    lockPath: layoutOf(root).lock,
    journal,
    records: createRecords(host.files, {
      root,
      sealed: (settings) => look.secrets.forRecord(settings),
    }),
    environment: look.environment,
    secrets: look.secrets,
    judge: heartbeatJudge(host, root, baseline),
    remaining: async () => {
      proven = await lookAtStates(host, written, look);
      failpoint('look.proven');
      return stillDiffers(planned, proven);
    },
    emit,
    brakes: request.brakes,
    parallelism: request.parallelism,
    onFailure: request.onFailure ?? desired.policy.onFailure,
  });
  return { report, proven };
}

// What was held back still differs, rightly; and what was to be done once more need not be done a third time.
function stillDiffers({ plan, choices }: Planned, states: States): readonly Change[] {
  const blocked = plan.actions.filter((action) => action.blocked !== undefined);
  const left = new Set([...plan.held, ...blocked].map(({ product }) => product));
  const selection = { ...choices.selection, redo: [] };
  const { changes } = makePlan(states, { ...choices, selection });
  return changes.filter((change) => !left.has('product' in change ? change.product : undefined));
}

// The run's own end decides before what it caused: an interrupt before the script it ended, a changed server before its cause.
function worstFirst(
  { failures, touched }: { readonly failures: readonly Failure[]; readonly touched: boolean },
  { stop }: Brakes,
): readonly Failure[] {
  if (stop.aborted) {
    const reason = stop.reason as Failure;
    return [reason, ...failures.filter((failure) => failure !== reason)];
  }
  const lost = failures.find((failure) => failure.code === 'lock-lost');
  if (lost !== undefined) return [lost, ...failures.filter((failure) => failure !== lost)];
  return touched ? [{ code: 'left-invalid', causes: failures }, ...failures] : failures;
}

function leftAlone(plan: Plan): readonly Failure[] {
  const blocked = plan.actions
    .filter((action) => action.blocked !== undefined)
    .map((action) => action.id);
  const facts = plan.held
    .filter((held) => held.why === 'unreadable')
    .map(({ product, detail }) => ({ fact: product ?? 'server', why: detail }));
  return [
    ...(facts.length > 0 ? [{ code: 'facts-unreadable', facts } as const] : []),
    ...(blocked.length > 0 ? [{ code: 'blocked', actions: blocked } as const] : []),
  ];
}

// A run with nothing to change still says whether what is there works; only a working server is asked.
async function beatsNow(
  { host, request }: HeldRun,
  { desired, actual, definition }: States,
): Promise<readonly Beat[]> {
  if (valueOf(actual.mode) !== WORKING_MODE) return [];
  const products = [...desired.products.values()].filter((spec) => !spec.suspend);
  return await takeBeats(host, products, { root: definition.root, signal: request.brakes.stop });
}
