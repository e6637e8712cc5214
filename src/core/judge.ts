import type { HeartbeatTiming, Sample } from '../model/heartbeat.ts';

// An interval of nothing would be a loop that only the network slows down.
const INTERVAL_MIN_MS = 10;

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
    lastSeen: 'no look was made',
  };
}

/**
 * The state after one more look. A fail starts the row and the stable time over; an error counts for nothing and breaks nothing.
 * The stable time ends with a look that passes, not with silence. A look that ends after the deadline comes too late to pass.
 */
export function addSample(timing: HeartbeatTiming, state: JudgeState, look: Look): JudgeState {
  const { sample, beganAtMs, endedAtMs } = look;
  const looked: JudgeState = { ...state, lookedAtMs: beganAtMs };
  switch (sample.verdict) {
    case 'error':
      return { ...looked, lastSeen: `could not look: ${sample.reason}` };
    case 'fail':
      return { ...looked, passesInARow: 0, enoughAtMs: undefined, lastSeen: sample.reason };
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
        lastSeen: 'passed',
      };
    }
  }
}

/**
 * The verdict at `nowMs` (CONTRACT 5, "Verify"): passed by `successes` in a row, staying so for `stable`, all of it before the
 * deadline, which counts from the start, grace included; failed at the deadline without that, whatever the single looks said.
 */
export function judge(timing: HeartbeatTiming, state: JudgeState, nowMs: number): Judgement {
  if (state.passedAtMs !== undefined) return { state: 'passed' };
  const endsAtMs = deadlineAtMs(timing, state);
  if (nowMs >= endsAtMs) return { state: 'failed', why: whyFailed(timing, state) };
  return { state: 'waiting', nextLookAtMs: Math.min(nextLookAtMs(timing, state), endsAtMs) };
}

function nextLookAtMs(timing: HeartbeatTiming, state: JudgeState): number {
  if (state.lookedAtMs === undefined) return state.startedAtMs + timing.graceMs;
  const dueAtMs = state.lookedAtMs + Math.max(timing.intervalMs, INTERVAL_MIN_MS);
  if (state.enoughAtMs === undefined) return dueAtMs;
  // Where the interval is long, the look that ends the stable time is not put off.
  const stableAtMs = state.enoughAtMs + timing.stableMs;
  return stableAtMs > state.lookedAtMs ? Math.min(dueAtMs, stableAtMs) : dueAtMs;
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
