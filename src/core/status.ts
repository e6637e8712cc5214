import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Plan } from '../model/plan.ts';
import {
  CONDITION_TYPES,
  type Condition,
  type ConditionType,
  type ProductStatusReport,
  type StatusDocument,
} from '../model/status.ts';
import { judgements, ON_TRIAL, reconciling, retriesEnded, type Judgement } from './conditions.ts';
import { sickText, type Beat, type Observation } from './observation.ts';

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
    lastGoodRevision: lastGood(seen),
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
    lastGoodRevision: isApplied && seen.trial === undefined ? revision : status.lastGoodRevision,
  };
}

// Whoever confirms a trial writes no status: they hold no lock. Had it been taken back, the run that did so would have.
function lastGood({ previous, trial }: Pick<Observation, 'previous' | 'trial'>): string | null {
  const wasOnTrial = previous?.conditions.some(({ reason }) => reason === ON_TRIAL) === true;
  if (wasOnTrial && trial === undefined) return previous.lastAppliedRevision;
  return previous?.lastGoodRevision ?? null;
}

/** The status that the last run left, with what is done and waited for at this moment. */
export function statusNow(
  recorded: StatusDocument,
  seen: Pick<Observation, 'now' | 'running' | 'retry' | 'trial'>,
): StatusDocument {
  const fresh: Partial<Record<ConditionType, Judgement | undefined>> = {
    Reconciling: reconciling(seen),
    Stalled: retriesEnded(seen.retry),
  };
  const { now } = seen;
  const conditions = recorded.conditions.map((condition) => {
    const judgement = fresh[condition.type];
    if (judgement === undefined) return condition;
    return dated(condition.type, judgement, { now, previous: recorded });
  });
  const { trial } = seen;
  return { ...recorded, lastGoodRevision: lastGood({ previous: recorded, trial }), conditions };
}

function dated(
  type: ConditionType,
  judgement: Judgement,
  { now, previous }: Pick<Observation, 'now' | 'previous'>,
): Condition {
  const before = previous?.conditions.find((condition) => condition.type === type);
  const since = before?.status === judgement.status ? before.lastTransitionTime : now.toISOString();
  return { type, ...judgement, lastTransitionTime: since };
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
