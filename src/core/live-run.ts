import type { Event, Outcome, SkipReason, Verdict } from '../model/event.ts';
import type { Heartbeat, Sample } from '../model/heartbeat.ts';
import { actionId } from '../model/ids.ts';
import { renderFailureLine } from './render/failure-text.ts';
import { planSentence } from './render/plan-words.ts';

/** A step of a run, as far as it came. */
export interface LiveStep {
  readonly id: string;
  /** Of the way back, whose steps have the same names. */
  readonly isBack: boolean;
  readonly state:
    | { readonly is: 'waiting' }
    | {
        readonly is: 'running';
        readonly since: Date;
        /** The last lines that its script printed, or what its heartbeats say. */
        readonly tail: readonly string[];
        /** The heartbeats that were looked at for it so far. */
        readonly beats: readonly LiveBeat[];
      }
    | {
        readonly is: 'ended';
        readonly verdict: Verdict;
        readonly durationMs: number;
        /** Why it was not begun; undefined where it was. */
        readonly unbegun: SkipReason | undefined;
      };
}

/** A heartbeat that is waited for. */
export interface LiveBeat {
  readonly heartbeat: Heartbeat;
  /** The last look. */
  readonly sample: Sample;
  readonly passesInARow: number;
}

/** How far a run is: it waits for the lock, looks, does what is planned, takes that back, or has taken it back, verified or not. */
export type LivePhase = 'locked-out' | 'looking' | 'acting' | 'going-back' | 'back' | 'not-back';

/** A run as it goes on, or as it ended. */
export interface LiveRun {
  readonly runId: string;
  readonly command: string;
  readonly startedAt: Date;
  readonly phase: LivePhase;
  /** What it does, or waits for, in a sentence. */
  readonly sentence: string;
  readonly steps: readonly LiveStep[];
  /** Undefined while it goes on. */
  readonly end: LiveEnd | undefined;
}

/** How a run ended. */
export interface LiveEnd {
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly durationMs: number;
  readonly failures: readonly string[];
}

/** Follows the newest run. What it keeps grows with the plan of that run, not with time. */
export interface RunFollower {
  note(event: Event): void;
  /** Undefined before the first run. */
  run(): LiveRun | undefined;
}

// What fits below a step without hiding the others.
const TAIL_LINES_MAX = 4;

/** A follower that has seen no run yet. */
export function followRuns(): RunFollower {
  let head: Head | undefined;
  let isBack = false;
  const steps = new Map<string, LiveStep>();
  const keyOf = (id: string): string => (isBack ? `back ${id}` : id);
  const put = ({ id, state }: Ahead): void => {
    steps.set(keyOf(id), { id, isBack, state });
  };
  const say = (id: string, line: string): void => {
    const state = steps.get(keyOf(id))?.state;
    if (state?.is !== 'running') return;
    put({ id, state: { ...state, tail: [...state.tail.slice(1 - TAIL_LINES_MAX), line] } });
  };
  const see = (id: string, { heartbeat, sample }: Seen): void => {
    const state = steps.get(keyOf(id))?.state;
    if (state?.is !== 'running') return;
    const before = state.beats.find((beat) => beat.heartbeat === heartbeat);
    const beat = { heartbeat, sample, passesInARow: passesAfter(before, sample) };
    const beats = state.beats.map((each) => (each === before ? beat : each));
    put({ id, state: { ...state, beats: before === undefined ? [...beats, beat] : beats } });
  };
  return {
    note: (event) => {
      head = headAfter(head, event);
      if (event.type === 'run.started') steps.clear();
      if (event.type === 'run.started') isBack = false;
      if (event.type === 'rollback.started') isBack = true;
      for (const step of stepsIn(event)) put(step);
      if (event.type === 'action.output') say(event.id, event.line);
      if (event.type === 'heartbeat.seen') {
        const line = beatLine(event.sample);
        for (const wait of WAITS) {
          const id = actionId(event.product, wait);
          see(id, event);
          say(id, line);
        }
      }
    },
    run: () => head && { ...head, steps: [...steps.values()] },
  };
}

type Head = Omit<LiveRun, 'steps'>;

/** A step, and how far it is. */
type Ahead = Pick<LiveStep, 'id' | 'state'>;

type Seen = Pick<LiveBeat, 'heartbeat' | 'sample'>;

// As core/judge.ts counts them: an error breaks no row.
function passesAfter(before: LiveBeat | undefined, { verdict }: Sample): number {
  const passes = before?.passesInARow ?? 0;
  if (verdict === 'pass') return passes + 1;
  return verdict === 'fail' ? 0 : passes;
}

function headAfter(head: Head | undefined, event: Event): Head | undefined {
  if (event.type === 'run.started') {
    const { runId, command, time: startedAt } = event;
    const begun = { runId, command, startedAt, end: undefined };
    return { ...begun, phase: 'looking', sentence: 'Looking at the server' };
  }
  if (head === undefined) return undefined;
  if (event.type === 'lock.waiting')
    return { ...head, phase: 'locked-out', sentence: 'Waiting for the lock' };
  if (event.type === 'plan.made')
    return { ...head, phase: 'acting', sentence: planSentence(event.body, same) };
  if (event.type === 'rollback.started') {
    const sentence = `Going back. ${planSentence(event.body, same)}`;
    return { ...head, phase: 'going-back', sentence };
  }
  if (event.type === 'rollback.completed')
    return { ...head, phase: event.verified ? 'back' : 'not-back' };
  if (event.type !== 'run.finished') return head;
  const { outcome, exitCode, durationMs } = event;
  const failures = event.failures.map(renderFailureLine);
  return { ...head, end: { outcome, exitCode, durationMs, failures } };
}

const same = (text: string): string => text;

function stepsIn(event: Event): readonly Ahead[] {
  switch (event.type) {
    case 'plan.made':
    case 'rollback.started': {
      const { actions, verify } = event.body;
      const open = [...actions.filter(({ blockedBy }) => blockedBy === null), ...verify];
      return open.map(({ id }) => ({ id, state: { is: 'waiting' } }));
    }
    case 'action.started':
      return [{ id: event.action.id, state: begun(event.time) }];
    case 'verify.started':
      return [{ id: event.verification.id, state: begun(event.time) }];
    case 'action.completed':
      return [{ id: event.action.id, state: ended('succeeded', event.durationMs) }];
    case 'action.failed':
      return [{ id: event.action.id, state: ended(event.verdict, event.durationMs) }];
    case 'action.skipped':
      return [{ id: event.action.id, state: unbegun(event) }];
    case 'verify.passed':
      return [{ id: event.verification.id, state: ended('succeeded', event.durationMs) }];
    case 'verify.failed':
      return [{ id: event.verification.id, state: ended('failed', event.durationMs) }];
    case 'run.started':
    case 'lock.waiting':
    case 'action.output':
    case 'heartbeat.seen':
    case 'rollback.completed':
    case 'diagnostic':
    case 'run.finished':
      return [];
  }
}

function begun(since: Date): LiveStep['state'] {
  return { is: 'running', since, tail: [], beats: [] };
}

function ended(verdict: Verdict, durationMs: number): LiveStep['state'] {
  return { is: 'ended', verdict, durationMs, unbegun: undefined };
}

function unbegun({
  verdict,
  reason,
}: Extract<Event, { readonly type: 'action.skipped' }>): LiveStep['state'] {
  return { is: 'ended', verdict, durationMs: 0, unbegun: reason };
}

// As core/decide-product.ts and core/decide-restart.ts name them; a look that nobody waits for belongs to none.
const WAITS: readonly string[] = ['verify', 'verify-restart'];

/** Whose step it is and what it does: `haproxy/upgrade` is haproxy's; a wait is one for heartbeats. */
export function partsOf({ id }: Pick<LiveStep, 'id'>): {
  readonly subject: string;
  readonly deed: string;
  readonly isWait: boolean;
} {
  const [subject = '', deed = ''] = id.split('/');
  return { subject, deed, isWait: WAITS.includes(deed) };
}

function beatLine(sample: Sample): string {
  return sample.verdict === 'pass' ? 'heartbeat: pass' : `heartbeat: ${sample.reason}`;
}
