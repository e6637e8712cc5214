/*
 * The loop of `bootstrap watch`. What happens outside only ever says "look again"; each look reads everything.
 *
 *              look, or the rest is over                        stop
 *    ┌──────┐ ───────────────────────────▶ ┌─────────┐ ─────────────────────▶ ┌──────────┐
 *    │ rest │                              │ looking │                        │ stopping │
 *    └──────┘ ◀─────────────────────────── └─────────┘                        └──────────┘
 *        │      ended, nothing pending      ▲      │ look: one slot, the         │ ended
 *        │ stop                             └──────┘ latest wins; a newer        ▼
 *        │                              ended, look  revision cuts waits      ┌─────┐
 *        └──────────────────────────────── pending ──── short ──────────────▶ │ end │
 *                                                                             └─────┘
 */

/** Why a look is taken. `asked`: by a person; `hook`: by a program that knows of a change somewhere; `retry`: what failed is tried again. */
export type LookReason = 'start' | 'change' | 'asked' | 'hook' | 'unhealthy' | 'retry' | 'interval';

/** Where the loop is. */
export type LoopState =
  | { readonly at: 'rest' }
  | {
      readonly at: 'looking';
      /** What is looked at afterwards, at once; undefined: nothing happened meanwhile. */
      readonly pending: LookReason | undefined;
      /** Its waits were cut short: that is said once. */
      readonly isCutShort: boolean;
    }
  | { readonly at: 'stopping' }
  | { readonly at: 'end' };

/** What happens to the loop. */
export type LoopEvent =
  | {
      readonly type: 'look';
      readonly reason: LookReason;
      /** There is another desired state, and it can be used: whoever waits for the old one waits in vain. */
      readonly isNewer: boolean;
    }
  /** The look is over; `nextMs`: when the next one is due, and why. */
  | { readonly type: 'ended'; readonly next: Due }
  | { readonly type: 'stop' };

/** When something is due, from now. */
export interface Due {
  readonly inMs: number;
  readonly reason: Extract<LookReason, 'interval' | 'retry'>;
}

/** What is to be done now. */
export type LoopDeed =
  | { readonly do: 'look'; readonly reason: LookReason }
  | { readonly do: 'cut-short' }
  | { readonly do: 'rest'; readonly until: Due };

/** A state, and what is to be done on the way into it. */
export interface LoopStep {
  readonly state: LoopState;
  readonly deeds: readonly LoopDeed[];
}

/** Before anything happened. */
export const LOOP_BEGIN: LoopState = { at: 'rest' };

/** What becomes of the loop when something happens. */
export function stepLoop(state: LoopState, event: LoopEvent): LoopStep {
  switch (state.at) {
    case 'rest':
      return stepRest(event);
    case 'looking':
      return stepLooking(state, event);
    case 'stopping':
      return { state: event.type === 'ended' ? { at: 'end' } : state, deeds: [] };
    case 'end':
      return { state, deeds: [] };
  }
}

function stepRest(event: LoopEvent): LoopStep {
  switch (event.type) {
    case 'look':
      return look(event.reason);
    case 'stop':
      return { state: { at: 'end' }, deeds: [] };
    case 'ended':
      throw new Error('a look ended that was never begun');
  }
}

function look(reason: LookReason): LoopStep {
  return {
    state: { at: 'looking', pending: undefined, isCutShort: false },
    deeds: [{ do: 'look', reason }],
  };
}

function stepLooking(
  state: Extract<LoopState, { readonly at: 'looking' }>,
  event: LoopEvent,
): LoopStep {
  const { pending, isCutShort } = state;
  switch (event.type) {
    case 'look': {
      const cutsShort = event.isNewer && !isCutShort;
      return {
        state: {
          at: 'looking',
          pending: stronger(pending, event.reason),
          isCutShort: isCutShort || cutsShort,
        },
        deeds: cutsShort ? [{ do: 'cut-short' }] : [],
      };
    }
    case 'ended':
      if (pending !== undefined) return look(pending);
      return { state: { at: 'rest' }, deeds: [{ do: 'rest', until: event.next }] };
    case 'stop':
      return { state: { at: 'stopping' }, deeds: [] };
  }
}

// Each look reads everything, but what a person asks for is tried also where nothing changed.
const STRENGTH: { readonly [R in LookReason]: number } = {
  asked: 6,
  change: 5,
  start: 4,
  hook: 3,
  unhealthy: 2,
  retry: 1,
  interval: 0,
};

function stronger(before: LookReason | undefined, now: LookReason): LookReason {
  return before !== undefined && STRENGTH[before] > STRENGTH[now] ? before : now;
}
