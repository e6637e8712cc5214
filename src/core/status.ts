import { valueOf } from '../model/fact.ts';
import { renderFailureLine } from './render/failure-text.ts';
import { restartText } from './render/restart-text.ts';
import type { Failure } from '../model/failure.ts';
import { showProbe, type Heartbeat, type Sample } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import type { LockHolder } from '../model/lock.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Plan } from '../model/plan.ts';
import type { Quarantine } from '../model/quarantine.ts';
import type { RestartRecord, Restarts } from '../model/restart.ts';
import type { ActualState, DesiredState } from '../model/state.ts';
import {
  CONDITION_TYPES,
  type Condition,
  type ConditionType,
  type ProductStatusReport,
  type StatusDocument,
} from '../model/status.ts';

/** One look at a heartbeat of a product. */
export interface Beat {
  readonly product: ProductName;
  readonly heartbeat: Heartbeat;
  readonly sample: Sample;
}

/** Why a heartbeat does not pass, and when its product is restarted next, by what is on record of it; undefined where it passes. */
export function sickText(
  { heartbeat, sample }: Beat,
  record: RestartRecord | undefined,
  now: Date,
): string | undefined {
  if (sample.verdict === 'pass') return undefined;
  const why = `${showProbe(heartbeat.probe)}: ${sample.reason}`;
  return heartbeat.restart && record !== undefined ? `${why}; ${restartText(record, now)}` : why;
}

/** What a status is made from. */
export interface Observation {
  readonly now: Date;
  readonly actual: ActualState;
  /** Undefined, with the failure that says why, where there is no valid one. */
  readonly desired: DesiredState | undefined;
  readonly invalid: Failure | undefined;
  readonly plan: Plan | undefined;
  readonly beats: readonly Beat[];
  /** The run that is under way, if any. */
  readonly running: LockHolder | undefined;
  /** What failed and was taken back. */
  readonly quarantine: Quarantine;
  /** What was dead and was restarted. */
  readonly restarts: Restarts;
  /** The status before, for generations, revisions and times of transition. */
  readonly previous: StatusDocument | undefined;
}

/** The status of the server at this moment (CONTRACT 4.4). */
export function statusOf(seen: Observation): StatusDocument {
  const { desired, actual, previous } = seen;
  const revision = desired?.revision ?? null;
  const observed = previous?.generation ?? 0;
  const judged = judgements(seen);
  return {
    schema: 'bootstrap.status/1',
    mode: { desired: desired?.mode ?? null, actual: valueOf(actual.mode) ?? null },
    generation:
      revision === null || revision === previous?.lastAttemptedRevision ? observed : observed + 1,
    observedGeneration: observed,
    lastAttemptedRevision: previous?.lastAttemptedRevision ?? null,
    lastAppliedRevision: previous?.lastAppliedRevision ?? null,
    lastGoodRevision: previous?.lastGoodRevision ?? null,
    conditions: CONDITION_TYPES.map((type) => dated(type, judged[type], seen)),
    products: Object.fromEntries(
      [...actual.products.keys()].map((name) => [name, productReport(name, seen)]),
    ),
  };
}

/** How a run ended. */
export interface RunOutcome {
  readonly failures: readonly Failure[];
  /** True where products were left out by choice: then the desired state as a whole was not dealt with. */
  readonly partial: boolean;
}

/** The status once a run has dealt with the present desired state, or with a part of it. */
export function statusAfterRun(
  seen: Observation,
  { failures, partial }: RunOutcome,
): StatusDocument {
  const status = statusOf(seen);
  // Otherwise each such run would count as a desired state of its own.
  if (partial) return { ...status, generation: status.observedGeneration };
  const revision = seen.desired?.revision ?? null;
  const isApplied = failures.length === 0;
  return {
    ...status,
    observedGeneration: status.generation,
    lastAttemptedRevision: revision ?? status.lastAttemptedRevision,
    lastAppliedRevision: isApplied ? revision : status.lastAppliedRevision,
    lastGoodRevision: isApplied ? revision : status.lastGoodRevision,
  };
}

type Judgement = Pick<Condition, 'status' | 'reason' | 'message'>;

function dated(
  type: ConditionType,
  judgement: Judgement,
  { now, previous }: Observation,
): Condition {
  const before = previous?.conditions.find((condition) => condition.type === type);
  const since = before?.status === judgement.status ? before.lastTransitionTime : now.toISOString();
  return { type, ...judgement, lastTransitionTime: since };
}

function judgements(seen: Observation): Readonly<Record<ConditionType, Judgement>> {
  const { actual, plan, running, desired } = seen;
  const isInvalid = valueOf(actual.mode) === 'invalid';
  const suspended = [...(desired?.products.values() ?? [])]
    .filter((spec) => spec.suspend)
    .map((spec) => spec.name);
  return {
    Ready: ready(seen),
    Reconciling: flag(running !== undefined, {
      yes: ['RunUnderWay', `pid ${running?.pid} (${running?.command}) since ${running?.startedAt}`],
      no: ['Idle', 'no run is under way'],
    }),
    Stalled: flag(isInvalid, {
      yes: ['LeftInvalid', valueOf(actual.lastMessage) ?? 'a run left the server in mode invalid'],
      no: ['NotStalled', 'nothing waits for a person'],
    }),
    Verified: verified(seen),
    DriftDetected: drifted(plan),
    RolledBack: rolledBack(seen.quarantine),
    Suspended: flag(suspended.length > 0, {
      yes: ['ProductsSuspended', suspended.join(', ')],
      no: ['NotSuspended', 'nothing is suspended'],
    }),
    SpecValid: specValid(seen),
  };
}

type Words = readonly [reason: string, message: string];

function flag(is: boolean, { yes, no }: { readonly yes: Words; readonly no: Words }): Judgement {
  const [reason, message] = is ? yes : no;
  return { status: is ? 'True' : 'False', reason, message };
}

function specValid({ desired, invalid }: Observation): Judgement {
  if (desired !== undefined)
    return { status: 'True', reason: 'Valid', message: desired.files.join(' + ') };
  if (invalid === undefined)
    return { status: 'Unknown', reason: 'NoDesiredState', message: 'no desired state was given' };
  return { status: 'False', reason: 'Invalid', message: renderFailureLine(invalid) };
}

const NO_PLAN: Judgement = {
  status: 'Unknown',
  reason: 'NoPlan',
  message: 'without a valid desired state nothing can be compared',
};

// As long as what failed is wished for, or might be again.
function rolledBack(quarantine: Quarantine): Judgement {
  const products = Object.entries(quarantine);
  return flag(products.length > 0, {
    yes: ['RolledBack', products.map(([name, { reason }]) => `${name}: ${reason}`).join('; ')],
    no: ['NotRolledBack', 'nothing that failed waits to be corrected'],
  });
}

function drifted(plan: Plan | undefined): Judgement {
  if (plan === undefined) return NO_PLAN;
  return flag(plan.drift.length > 0, {
    yes: ['Drifted', `${plan.drift.length} value(s) changed on the server since the last apply`],
    no: ['NoDrift', 'nothing changed on the server since the last apply'],
  });
}

function ready(seen: Observation): Judgement {
  const { desired, plan, beats, actual } = seen;
  if (desired === undefined || plan === undefined) return NO_PLAN;
  if (valueOf(actual.mode) === 'invalid')
    return { status: 'False', reason: 'LeftInvalid', message: 'the server is in mode invalid' };
  if (plan.actions.length > 0)
    return {
      status: 'False',
      reason: 'OutOfSync',
      message: `${plan.actions.length} action(s) are pending`,
    };
  const unread = plan.held.filter((held) => held.why === 'unreadable');
  if (unread.length > 0) {
    const ofServer = unread.find((held) => held.product === undefined);
    const message = ofServer?.detail ?? 'some of the server could not be read';
    return { status: 'Unknown', reason: 'FactsUnreadable', message };
  }
  const sick = [
    ...new Set(beats.filter((beat) => beat.sample.verdict !== 'pass').map((beat) => beat.product)),
  ];
  if (sick.length > 0)
    return { status: 'False', reason: 'Unhealthy', message: `not healthy: ${sick.join(', ')}` };
  return { status: 'True', reason: 'Converged', message: 'the server matches its desired state' };
}

function verified({ beats, actual }: Observation): Judgement {
  if (valueOf(actual.mode) !== WORKING_MODE)
    return {
      status: 'Unknown',
      reason: 'NotApplicable',
      message: 'heartbeats are judged in mode production only',
    };
  if (beats.some((beat) => beat.sample.verdict === 'fail'))
    return { status: 'False', reason: 'HeartbeatFailed', message: 'at least one heartbeat fails' };
  if (beats.some((beat) => beat.sample.verdict === 'error'))
    return {
      status: 'Unknown',
      reason: 'HeartbeatError',
      message: 'at least one heartbeat could not be looked at',
    };
  return { status: 'True', reason: 'HeartbeatsPass', message: `${beats.length} heartbeat(s) pass` };
}

function productReport(
  name: ProductName,
  { actual, desired, plan, beats, restarts, now }: Observation,
): ProductStatusReport {
  const found = actual.products.get(name);
  const own = beats.filter((beat) => beat.product === name);
  const [sick] = own.flatMap((beat) => sickText(beat, restarts[name], now) ?? []);
  const unread = plan?.held.find((held) => held.product === name && held.why === 'unreadable');
  return {
    sync: syncOf(name, plan),
    health: healthOf(own, valueOf(actual.mode) === WORKING_MODE),
    reason: unread?.detail ?? sick ?? null,
    desired: desired?.products.get(name)?.version ?? null,
    applied: (found && valueOf(found.recordedVersion)) ?? null,
    actual: (found && valueOf(found.version)) ?? null,
  };
}

function syncOf(name: ProductName, plan: Plan | undefined): ProductStatusReport['sync'] {
  if (
    plan === undefined ||
    plan.held.some((held) => held.product === name && held.why === 'unreadable')
  )
    return 'Unknown';
  const differs =
    plan.changes.some((change) => 'product' in change && change.product === name) ||
    plan.drift.some((drift) => drift.product === name);
  return differs ? 'OutOfSync' : 'Synced';
}

function healthOf(beats: readonly Beat[], works: boolean): ProductStatusReport['health'] {
  if (!works || beats.length === 0) return 'NotApplicable';
  if (beats.some((beat) => beat.sample.verdict === 'fail')) return 'Degraded';
  return beats.some((beat) => beat.sample.verdict === 'error') ? 'Unknown' : 'Healthy';
}
