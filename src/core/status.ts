import { valueOf } from '../model/fact.ts';
import { renderFailureLine } from './render/failure-text.ts';
import { triesOf } from './retry.ts';
import { suspensionText } from './render/suspension-text.ts';
import type { Failure } from '../model/failure.ts';
import { showProbe, type Heartbeat, type Sample } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import type { LockHolder } from '../model/lock.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Plan } from '../model/plan.ts';
import type { Quarantine } from '../model/quarantine.ts';
import type { Retry } from '../model/retry.ts';
import type { Suspension } from '../model/suspension.ts';
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

/** What a status is made from. */
export interface Observation {
  readonly now: Date;
  readonly actual: ActualState;
  /** Undefined where there is none. Where `invalid` says why the present one cannot be used, it is what was applied last. */
  readonly desired: DesiredState | undefined;
  readonly invalid: Failure | undefined;
  /** True where the desired state is the copy that a watch keeps of a git commit: what it found of newer ones, only it knows. */
  readonly isCopy: boolean;
  readonly plan: Plan | undefined;
  readonly beats: readonly Beat[];
  /** The run that is under way, if any. */
  readonly running: LockHolder | undefined;
  /** What failed and was taken back. */
  readonly quarantine: Quarantine;
  /** What a watch that lives tries again; undefined where nothing failed, or none does. */
  readonly retry: Retry | undefined;
  /** Somebody wants nothing done for now. */
  readonly suspension: Suspension | undefined;
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
  const { plan } = seen;
  return {
    Ready: ready(seen),
    Reconciling: reconciling(seen),
    Stalled: stalled(seen),
    Verified: verified(seen),
    DriftDetected: drifted(plan),
    RolledBack: rolledBack(seen.quarantine),
    Suspended: suspended(seen),
    SpecValid: specValid(seen),
  };
}

function reconciling({ running, retry }: Observation): Judgement {
  if (running === undefined && retry !== undefined && retry.nextAt !== null) {
    const message = `try ${triesOf(retry)} failed (${retry.reason}); the next is at ${retry.nextAt}`;
    return { status: 'True', reason: 'RetryScheduled', message };
  }
  return flag(running !== undefined, {
    yes: ['RunUnderWay', `pid ${running?.pid} (${running?.command}) since ${running?.startedAt}`],
    no: ['Idle', 'no run is under way'],
  });
}

function stalled({ actual, retry }: Observation): Judgement {
  if (valueOf(actual.mode) === 'invalid') {
    const message = valueOf(actual.lastMessage) ?? 'a run left the server in mode invalid';
    return { status: 'True', reason: 'LeftInvalid', message };
  }
  return flag(retry?.nextAt === null, {
    yes: ['RetriesEnded', retry?.reason ?? ''],
    no: ['NotStalled', 'nothing waits for a person'],
  });
}

// A person's word for the whole server is above those for single products.
function suspended({ suspension, desired }: Observation): Judgement {
  if (suspension !== undefined)
    return { status: 'True', reason: 'ServerSuspended', message: suspensionText(suspension) };
  const specs = [...(desired?.products.values() ?? [])].filter((spec) => spec.suspend);
  return flag(specs.length > 0, {
    yes: ['ProductsSuspended', specs.map((spec) => spec.name).join(', ')],
    no: ['NotSuspended', 'nothing is suspended'],
  });
}

type Words = readonly [reason: string, message: string];

function flag(is: boolean, { yes, no }: { readonly yes: Words; readonly no: Words }): Judgement {
  const [reason, message] = is ? yes : no;
  return { status: is ? 'True' : 'False', reason, message };
}

function specValid({ desired, invalid, isCopy, previous }: Observation): Judgement {
  const watched = previous?.conditions.find(({ type }) => type === 'SpecValid');
  if (isCopy && watched !== undefined) {
    const { status, reason, message } = watched;
    return { status, reason, message };
  }
  if (invalid?.code === 'source-unreachable')
    return { status: 'Unknown', reason: 'SourceUnreachable', message: renderFailureLine(invalid) };
  if (invalid !== undefined)
    return { status: 'False', reason: 'Invalid', message: renderFailureLine(invalid) };
  if (desired === undefined)
    return { status: 'Unknown', reason: 'NoDesiredState', message: 'no desired state was given' };
  return { status: 'True', reason: 'Valid', message: desired.files.join(' + ') };
}

const NO_PLAN: Judgement = {
  status: 'Unknown',
  reason: 'NoPlan',
  message: 'without a valid desired state nothing can be compared',
};

const LAST_STAYS = 'the desired state cannot be used; what was applied last stays';

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
  if (specValid(seen).status === 'False')
    return { status: 'False', reason: 'SpecInvalid', message: LAST_STAYS };
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
  { actual, desired, plan, beats }: Observation,
): ProductStatusReport {
  const found = actual.products.get(name);
  const own = beats.filter((beat) => beat.product === name);
  const bad = own.find((beat) => beat.sample.verdict !== 'pass');
  const unread = plan?.held.find((held) => held.product === name && held.why === 'unreadable');
  return {
    sync: syncOf(name, plan),
    health: healthOf(own, valueOf(actual.mode) === WORKING_MODE),
    reason:
      unread?.detail ??
      (bad === undefined || bad.sample.verdict === 'pass'
        ? null
        : `${showProbe(bad.heartbeat.probe)}: ${bad.sample.reason}`),
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
