import type { Action, Blocked, Verification } from './action.ts';
import type { DurationMs } from './duration.ts';
import type { Failure } from './failure.ts';
import type { Heartbeat, Sample } from './heartbeat.ts';
import type { ActionId, ProductName, RunId } from './ids.ts';
import type { LockHolder } from './lock.ts';
import type { PlanInputs } from './plan.ts';
import type { PlanBody } from './plan-document.ts';

/** How one action ended; each ends in exactly one of these (CONTRACT 4.3). */
export const VERDICTS = [
  'succeeded',
  'failed',
  'rolledBack',
  'skipped',
  'notStarted',
  'unknown',
] as const;
/** How one action ended. */
export type Verdict = (typeof VERDICTS)[number];

/** Why an action was not started. */
export type SkipReason =
  | { readonly why: 'blocked'; readonly blocked: Blocked }
  | { readonly why: 'dependency-failed'; readonly on: ActionId }
  | { readonly why: 'stopped' }
  /** Nobody said yes: nothing at all was started. */
  | { readonly why: 'unconfirmed' }
  /** The saved plan is stale, or something of it was found bound to fail: nothing at all was started. */
  | { readonly why: 'refused' };

/** How a whole run ended. */
export const OUTCOMES = [
  'in-sync',
  'changed',
  'failed',
  'rolled-back',
  'refused',
  'interrupted',
] as const;
/** How a whole run ended. */
export type Outcome = (typeof OUTCOMES)[number];

/** Counts of a run's verdicts. */
export type VerdictCounts = Readonly<Record<Verdict, number>>;

/** What happens during a run. Everything shown, stored, sent and exited with comes from these. */
export type EventBody =
  | { readonly type: 'run.started'; readonly command: string; readonly root: string }
  | {
      readonly type: 'lock.waiting';
      readonly holder: LockHolder | undefined;
      readonly timeoutMs: DurationMs;
    }
  | {
      readonly type: 'plan.made';
      readonly body: PlanBody;
      readonly inputs: () => PlanInputs;
    }
  | { readonly type: 'action.started'; readonly action: Action }
  | {
      readonly type: 'action.output';
      readonly id: ActionId;
      readonly product: ProductName;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | { readonly type: 'action.completed'; readonly action: Action; readonly durationMs: number }
  | {
      readonly type: 'action.failed';
      readonly action: Action;
      readonly verdict: 'failed' | 'unknown';
      readonly failures: readonly [Failure, ...Failure[]];
      readonly durationMs: number;
    }
  | {
      readonly type: 'action.skipped';
      readonly action: Action;
      readonly verdict: 'skipped' | 'notStarted';
      readonly reason: SkipReason;
    }
  | { readonly type: 'verify.started'; readonly verification: Verification }
  /** One look at a heartbeat, whatever it is taken for. */
  | {
      readonly type: 'heartbeat.seen';
      readonly product: ProductName;
      readonly heartbeat: Heartbeat;
      readonly sample: Sample;
    }
  | {
      readonly type: 'verify.passed';
      readonly verification: Verification;
      readonly durationMs: number;
    }
  | {
      readonly type: 'verify.failed';
      readonly verification: Verification;
      readonly failures: readonly [Failure, ...Failure[]];
      readonly durationMs: number;
    }
  /** What was changed is taken back, through a plan of its own; the actions in between are that plan's. */
  | { readonly type: 'rollback.started'; readonly generation: number; readonly body: PlanBody }
  | {
      readonly type: 'rollback.completed';
      readonly generation: number;
      /** False where it was not verified, or not brought to its end. */
      readonly verified: boolean;
      readonly durationMs: number;
    }
  | { readonly type: 'diagnostic'; readonly severity: 'warning'; readonly message: string }
  | {
      readonly type: 'run.finished';
      readonly outcome: Outcome;
      readonly exitCode: number;
      /** True where products were left out by choice: then it says nothing of the whole server. */
      readonly partial: boolean;
      readonly counts: VerdictCounts;
      readonly failures: readonly Failure[];
      readonly durationMs: number;
    };

/** An event with when, where in the run, and of which run. */
export type Event = EventBody & {
  readonly seq: number;
  readonly time: Date;
  readonly runId: RunId;
};

/** Takes an event; never throws, never blocks. */
export type Emit = (event: EventBody) => void;

/** Gets every event of a run, in order. */
export type Sink = (event: Event) => void;
