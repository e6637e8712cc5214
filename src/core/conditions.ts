import { valueOf } from '../model/fact.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Plan } from '../model/plan.ts';
import type { Quarantine } from '../model/quarantine.ts';
import type { Condition, ConditionType } from '../model/status.ts';
import type { Observation } from './observation.ts';
import { renderFailureLine } from './render/failure-text.ts';
import { suspensionText } from './render/suspension-text.ts';
import { trialText } from './render/trial-text.ts';
import { triesOf } from './retry.ts';

/** What is said of a condition, without since when. */
export type Judgement = Pick<Condition, 'status' | 'reason' | 'message'>;

/** Each condition of the server at this moment (CONTRACT 4.4). */
export function judgements(seen: Observation): Readonly<Record<ConditionType, Judgement>> {
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

/** The reason of `Reconciling` while a trial is open. */
export const ON_TRIAL = 'OnTrial';

/** Whether something is done about the server now, or soon. */
export function reconciling({
  running,
  retry,
  trial,
}: Pick<Observation, 'running' | 'retry' | 'trial'>): Judgement {
  if (running === undefined && trial !== undefined)
    return { status: 'True', reason: ON_TRIAL, message: trialText(trial) };
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
  return (
    retriesEnded(retry) ?? {
      status: 'False',
      reason: 'NotStalled',
      message: 'nothing waits for a person',
    }
  );
}

/** What failed, where it is not tried again; undefined where it is, or nothing did. */
export function retriesEnded(retry: Observation['retry']): Judgement | undefined {
  if (retry?.nextAt !== null) return undefined;
  return { status: 'True', reason: 'RetriesEnded', message: retry.reason };
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
