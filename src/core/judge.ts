import type { HeartbeatTiming, Sample } from '../model/heartbeat.ts';

// An interval of nothing would be a loop that only the network slows down.
const INTERVAL_MIN_MS = 10;
// As long as a supervisor gets to start again what has died; systemd takes 100 ms unless told otherwise.
const GONE_MS = 2000;

/** What is known of a heartbeat so far: every look folded in, none of them kept. All times are monotonic milliseconds. */
export interface JudgeState {
  readonly startedAtMs: number;
  /** When the last look began. */
  readonly lookedAtMs: number | undefined;
  /** Looks passed since the last one that failed. */
  readonly passesInARow: number;
  /** When the passes in a row became enough; from here on they must go on for `stable`. */
  readonly enoughAtMs: number | undefined;
  /** When the heartbeat was passed: it stays so. */
  readonly passedAtMs: number | undefined;
  /** True once a process was seen to answer. */
  readonly sawProcess: boolean;
  /** When that process was first looked for in vain; undefined while there is one. */
  readonly goneAtMs: number | undefined;
  /** True once it stayed gone for so long that the deadline need not be waited for. */
  readonly isDead: boolean;
  /** What the last look saw, in words. */
  readonly lastSeen: string;
}

/** One look, with when it began and when its verdict was in. */
export interface Look {
  readonly sample: Sample;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/** What follows from the looks so far. */
export type Judgement =
  | { readonly state: 'waiting'; readonly nextLookAtMs: number }
  | { readonly state: 'passed' }
  | { readonly state: 'failed'; readonly why: string };

/** A heartbeat that nobody looked at yet. Grace and deadline both count from here. */
export function startJudging(startedAtMs: number): JudgeState {
  return {
    startedAtMs,
    lookedAtMs: undefined,
    passesInARow: 0,
    enoughAtMs: undefined,
    passedAtMs: undefined,
    sawProcess: false,
    goneAtMs: undefined,
    isDead: false,
    lastSeen: 'no look was made',
  };
}

/**
 * The state after one more look. A fail starts the row and the stable time over; an error counts for nothing and breaks nothing.
 * The stable time ends with a look that passes, not with silence. A look that ends after the deadline comes too late to pass.
 * A process that answered, has died, and is not replaced in time, is dead.
 */
export function addSample(timing: HeartbeatTiming, state: JudgeState, look: Look): JudgeState {
  const { sample, beganAtMs, endedAtMs } = look;
  const looked: JudgeState = { ...state, lookedAtMs: beganAtMs };
  switch (sample.verdict) {
    case 'error':
      return { ...looked, lastSeen: `could not look: ${sample.reason}` };
    case 'fail': {
      const goneAtMs =
        sample.isGone && state.sawProcess ? (state.goneAtMs ?? beganAtMs) : undefined;
      return {
        ...looked,
        passesInARow: 0,
        enoughAtMs: undefined,
        goneAtMs,
        isDead: goneAtMs !== undefined && beganAtMs >= goneAtMs + GONE_MS,
        lastSeen: sample.reason,
      };
    }
    case 'pass': {
      const passesInARow = state.passesInARow + 1;
      const enoughAtMs =
        state.enoughAtMs ?? (passesInARow >= timing.successes ? endedAtMs : undefined);
      const isPassed =
        enoughAtMs !== undefined &&
        endedAtMs >= enoughAtMs + timing.stableMs &&
        endedAtMs <= deadlineAtMs(timing, state);
      return {
        ...looked,
        passesInARow,
        enoughAtMs,
        passedAtMs: state.passedAtMs ?? (isPassed ? endedAtMs : undefined),
        sawProcess: state.sawProcess || sample.identity !== undefined,
        goneAtMs: undefined,
        lastSeen: 'passed',
      };
    }
  }
}

/**
 * The verdict at `nowMs` (CONTRACT 5, "Verify"): passed by `successes` in a row, staying so for `stable`, all of it before the
 * deadline, which counts from the start, grace included; failed at the deadline without that, whatever the single looks said,
 * and earlier only where the process that answered is dead.
 */
export function judge(timing: HeartbeatTiming, state: JudgeState, nowMs: number): Judgement {
  if (state.passedAtMs !== undefined) return { state: 'passed' };
  if (state.isDead)
    return { state: 'failed', why: `it ran, but has ended for good: ${state.lastSeen}` };
  const endsAtMs = deadlineAtMs(timing, state);
  if (nowMs >= endsAtMs) return { state: 'failed', why: whyFailed(timing, state) };
  return { state: 'waiting', nextLookAtMs: Math.min(nextLookAtMs(timing, state), endsAtMs) };
}

function nextLookAtMs(timing: HeartbeatTiming, state: JudgeState): number {
  if (state.lookedAtMs === undefined) return state.startedAtMs + timing.graceMs;
  const dueAtMs = state.lookedAtMs + Math.max(timing.intervalMs, INTERVAL_MIN_MS);
  // Where the interval is long, the look that ends the stable time, or proves a death, is not put off.
  const decidesAtMs = nextDecisionAtMs(timing, state);
  return decidesAtMs > state.lookedAtMs ? Math.min(dueAtMs, decidesAtMs) : dueAtMs;
}

function nextDecisionAtMs(timing: HeartbeatTiming, { enoughAtMs, goneAtMs }: JudgeState): number {
  if (enoughAtMs !== undefined) return enoughAtMs + timing.stableMs;
  return goneAtMs === undefined ? Infinity : goneAtMs + GONE_MS;
}

function deadlineAtMs(timing: HeartbeatTiming, state: JudgeState): number {
  return state.startedAtMs + timing.deadlineMs;
}

function whyFailed(timing: HeartbeatTiming, state: JudgeState): string {
  if (state.lookedAtMs === undefined) return 'the deadline passed before the first look';
  if (state.passesInARow === 0) return state.lastSeen;
  if (state.enoughAtMs === undefined) {
    return `${state.lastSeen}, but only ${state.passesInARow} of ${timing.successes} in a row`;
  }
  return `${state.lastSeen}, but not yet for the ${timing.stableMs} ms it must stay so`;
}
