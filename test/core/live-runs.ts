import { followRuns, type LiveRun } from '../../src/core/live-run.ts';
import { makePlan } from '../../src/core/plan.ts';
import { planBody } from '../../src/core/render/plan-json.ts';
import { NO_VERDICTS } from '../../src/core/tally.ts';
import type { Action, Verification } from '../../src/model/action.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { Event, EventBody } from '../../src/model/event.ts';
import type { Sample } from '../../src/model/heartbeat.ts';
import { runIdOf } from '../../src/model/ids.ts';
import type { Plan } from '../../src/model/plan.ts';
import { INPUTS } from './events.ts';
import { FAILURES } from './failures.ts';
import { ALL_ALLOWED, given, type ServerCase } from './states.ts';

const STARTED_AT = Date.parse('2026-11-22T14:22:00Z');

/** The moment so many seconds after a run began. */
export function after(seconds: number): Date {
  return new Date(STARTED_AT + seconds * 1000);
}

/** What happens in a run: at which second, and what. */
export type Happening = readonly [second: number, what: EventBody];

/** The plan for a server. */
export function planFor(server: ServerCase): Plan {
  return makePlan(given(server), ALL_ALLOWED);
}

/** What can happen in a run of a plan, each by the id of its step. */
export function happenings(plan: Plan) {
  const action = (id: string): Action => plan.actions.find((each) => each.id === id) ?? none(id);
  const verification = (id: string): Verification =>
    plan.verifications.find((each) => each.id === id) ?? none(id);
  const body = planBody(plan, { findings: [], originOf: undefined });
  return {
    planned: { type: 'plan.made', body, inputs: () => INPUTS },
    locked: { type: 'lock.waiting', holder: undefined, timeoutMs: durationMs(60_000) },
    goesBack: { type: 'rollback.started', generation: 3, body },
    isBack: { type: 'rollback.completed', generation: 3, verified: true, durationMs: 1000 },
    begins: (id: string): EventBody => ({ type: 'action.started', action: action(id) }),
    says: (id: string, line: string): EventBody => {
      const { id: known, product = none(id) } = action(id);
      return { type: 'action.output', id: known, product, stream: 'stdout', line };
    },
    ends: (id: string, ms = 2000): EventBody => ({
      type: 'action.completed',
      action: action(id),
      durationMs: ms,
    }),
    fails: (id: string, ms = 2000): EventBody => ({
      type: 'action.failed',
      action: action(id),
      verdict: 'failed',
      failures: FAILURES['script-failed'],
      durationMs: ms,
    }),
    isSkipped: (id: string): EventBody => ({
      type: 'action.skipped',
      action: action(id),
      verdict: 'notStarted',
      reason: { why: 'stopped' },
    }),
    waits: (id: string): EventBody => ({
      type: 'verify.started',
      verification: verification(id),
    }),
    sees: (id: string, sample: Sample, nth = 0): EventBody => {
      const { product, heartbeats } = verification(id);
      return {
        type: 'heartbeat.seen',
        product,
        heartbeat: heartbeats[nth] ?? none(id),
        sample,
      };
    },
    isHealthy: (id: string): EventBody => ({
      type: 'verify.passed',
      verification: verification(id),
      durationMs: 12,
    }),
    isSick: (id: string): EventBody => ({
      type: 'verify.failed',
      verification: verification(id),
      failures: FAILURES['verify-failed'],
      durationMs: 60_000,
    }),
  } as const;
}

/** A look that saw nothing wrong. */
export const PASS: Sample = { verdict: 'pass', latencyMs: 1, identity: undefined };

/** A look that failed for this reason. */
export function failing(reason: string): Sample {
  return { verdict: 'fail', reason, latencyMs: 1, isGone: false };
}

/** The end of a run with these verdicts. */
export function finished(
  outcome: 'changed' | 'failed' | 'rolled-back' | 'refused',
  counts: Partial<typeof NO_VERDICTS>,
  ms = 20_000,
): Extract<EventBody, { readonly type: 'run.finished' }> {
  const ended = { outcome, counts: { ...NO_VERDICTS, ...counts }, durationMs: ms };
  return { type: 'run.finished', exitCode: 0, partial: false, failures: [], ...ended };
}

/** A run in which this happened. */
export function runIn(...what: readonly Happening[]): LiveRun {
  const follower = followRuns();
  const all: readonly Happening[] = [
    [0, { type: 'run.started', command: 'apply', root: '' }],
    ...what,
  ];
  for (const [nth, [second, body]] of all.entries())
    follower.note({ ...body, seq: nth, time: after(second), runId: RUN_ID } as Event);
  return follower.run() ?? none('a run');
}

const RUN_ID = runIdOf(new Date(STARTED_AT), 'abcdef');

function none(id: string): never {
  throw new Error(`there is no ${id}`);
}
