import { applyPlan, type ApplyReport } from '../apply/apply.ts';
import type { Brakes } from '../apply/context.ts';
import { createRecords } from '../apply/records.ts';
import { diff, type States } from '../core/diff.ts';
import type { Beat } from '../core/status.ts';
import type { HeldLock, Host } from '../host/host.ts';
import type { Emit } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { RunId } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { DurationMs } from '../model/duration.ts';
import { WORKING_MODE } from '../model/mode.ts';
import { summarise, type Plan } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { DesiredState, OnFailure } from '../model/state.ts';
import { refuseNewerStatus } from '../report/status-file.ts';
import { heartbeatJudge, takeBaseline, takeBeats, unhealthy } from './health.ts';
import { loadWritten, type Written } from './load.ts';
import {
  lookAtStates,
  lookContext,
  planFor,
  type AskedAllowances,
  type LookContext,
} from './look.ts';
import { planInputs } from './plan-inputs.ts';
import type { Site } from './site.ts';
import { recordStatus } from './status.ts';

/** What an apply is asked to do, beyond what the files say. */
export interface ReconcileRequest {
  readonly site: Site;
  readonly runId: RunId;
  readonly command: string;
  readonly allow: AskedAllowances;
  readonly onFailure: OnFailure | undefined;
  readonly parallelism: number;
  readonly lockTimeoutMs: DurationMs;
  readonly brakes: Brakes;
  /** Asked when there is something to do, once the plan was shown. */
  readonly confirm: (plan: Plan) => Promise<'yes' | 'declined' | 'no-terminal'>;
}

/** What a reconcile came to. */
export interface Reconciled {
  /** Undefined where it never came to a plan. */
  readonly desired: DesiredState | undefined;
  /** [] when the server is at its desired state. */
  readonly failures: readonly Failure[];
  readonly changed: boolean;
}

/**
 * Brings the server to its desired state: reads, plans, asks, acts and reads again, all under the lock.
 * Every way to change a server ends here.
 */
export async function reconcile(
  host: Host,
  emit: Emit,
  request: ReconcileRequest,
): Promise<Reconciled> {
  const { site, brakes } = request;
  const written = await loadWritten(host, site);
  if (!written.ok) return { desired: undefined, failures: [written.error], changed: false };
  let hasWaited = false;
  const held = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command: request.command,
      runId: request.runId,
      timeoutMs: request.lockTimeoutMs,
      signal: brakes.stop,
      onWait: (holder) => {
        hasWaited = true;
        emit({ type: 'lock.waiting', holder, timeoutMs: request.lockTimeoutMs });
      },
    },
    async (lock) => {
      // What was read before the wait may be an old wish by now.
      const now = hasWaited ? await loadWritten(host, site) : written;
      if (!now.ok) return { failures: [now.error], changed: false };
      return await convergeAndRecord({ host, emit, request, lock, written: now.value });
    },
  );
  const { desired } = written.value;
  if (held.ok) return { desired, ...held.value };
  // Who waits for the lock is interrupted as anybody else: by a signal, or by the run's own deadline.
  const isStopped = held.error.code === 'interrupted' && brakes.stop.aborted;
  const failure = isStopped ? (brakes.stop.reason as Failure) : held.error;
  return { desired, failures: [failure], changed: false };
}

interface Held {
  readonly host: Host;
  readonly emit: Emit;
  readonly request: ReconcileRequest;
  readonly lock: HeldLock;
  readonly written: Written;
}

type Outcome = Pick<Reconciled, 'failures' | 'changed'>;

/** How far a run came: refused before anything moved, or through to a last look at the server. */
interface Converged extends Outcome {
  /** Undefined where the run was refused: then nothing at all is recorded. */
  readonly last: { readonly states: States; readonly beats: readonly Beat[] } | undefined;
}

async function convergeAndRecord(held: Held): Promise<Outcome> {
  const { statusFile } = layoutOf(held.request.site.root);
  const newer = refuseNewerStatus(held.host.files, statusFile);
  if (newer !== undefined) return { failures: [newer], changed: false };
  const { failures, changed, last } = await converge(held);
  if (last === undefined || !held.lock.owned()) return { failures, changed };
  const recorded = recordStatus(held.host, { site: held.request.site, failures, ...last });
  return { failures: recorded.ok ? failures : [...failures, recorded.error], changed };
}

async function converge(held: Held): Promise<Converged> {
  const { host, emit, request, written } = held;
  const look = lookContext(host, written.definition, request.runId);
  const states = await lookAtStates(host, written, look);
  const planned = planFor(host, states, request.allow);
  if (!planned.ok) return refused(planned.error);
  const plan = planned.value;
  emit({
    type: 'plan.made',
    plan,
    originOf: written.originOf,
    inputs: () => planInputs(host, { site: request.site, states, plan }),
  });
  const left = leftAlone(plan);
  if (summarise(plan).todo === 0) {
    skipBlocked(plan, emit);
    const beats = await beatsNow(held, states);
    const sick = unhealthy(beats);
    return {
      failures: [...left, ...(sick === undefined ? [] : [sick])],
      changed: false,
      last: { states, beats },
    };
  }
  const confirmed = await confirm(request, plan);
  if (!confirmed.ok) {
    for (const action of plan.actions)
      emit({
        type: 'action.skipped',
        action,
        verdict: 'notStarted',
        reason: { why: 'unconfirmed' },
      });
    return refused(confirmed.error);
  }
  const { report, proven } = await act(held, plan, look);
  // The look that proved the end is the last one too; after a failure the records have changed since.
  const isProven = report.failures.length === 0 && proven !== undefined;
  const end = isProven ? proven : await lookAtStates(host, written, look);
  const last = { states: end, beats: await beatsNow(held, end) };
  const failures = report.failures.length > 0 ? worstFirst(report, request.brakes) : left;
  return { failures, changed: report.changed, last };
}

// Also where nothing at all is run, each action ends in a verdict.
function skipBlocked({ actions }: Plan, emit: Emit): void {
  for (const action of actions) {
    const { blocked } = action;
    if (blocked === undefined) continue;
    const reason = { why: 'blocked', blocked } as const;
    emit({ type: 'action.skipped', action, verdict: 'skipped', reason });
  }
}

function refused(failure: Failure): Converged {
  return { failures: [failure], changed: false, last: undefined };
}

async function confirm(
  { confirm: ask, brakes }: ReconcileRequest,
  plan: Plan,
): Promise<Result<void, Failure>> {
  const answer = await ask(plan);
  if (brakes.stop.aborted) return err(brakes.stop.reason as Failure);
  return answer === 'yes' ? ok(undefined) : err({ code: 'unconfirmed', how: answer });
}

async function act(
  { host, emit, request, lock, written }: Held,
  plan: Plan,
  look: LookContext,
): Promise<{ readonly report: ApplyReport; readonly proven: States | undefined }> {
  const { definition, desired } = written;
  const { root } = definition;
  const baseline = await takeBaseline(host, plan, { root, signal: request.brakes.stop });
  // Held or blocked things still differ, rightly: then there is no empty diff to ask for.
  const isWhole = plan.held.length === 0 && summarise(plan).blocked === 0;
  let proven: States | undefined;
  const report = await applyPlan(plan, {
    host,
    lock,
    lockPath: layoutOf(root).lock,
    records: createRecords(host.files, {
      root,
      sealed: (settings) => look.secrets.forRecord(settings),
    }),
    environment: look.environment,
    secrets: look.secrets,
    judge: heartbeatJudge(host, root, baseline),
    remaining: async () => {
      proven = await lookAtStates(host, written, look);
      return isWhole ? diff(proven) : [];
    },
    emit,
    brakes: request.brakes,
    parallelism: request.parallelism,
    onFailure: request.onFailure ?? desired.policy.onFailure,
  });
  return { report, proven };
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
  { host, request }: Held,
  { desired, actual, definition }: States,
): Promise<readonly Beat[]> {
  if (valueOf(actual.mode) !== WORKING_MODE) return [];
  const products = [...desired.products.values()].filter((spec) => !spec.suspend);
  return await takeBeats(host, products, { root: definition.root, signal: request.brakes.stop });
}
