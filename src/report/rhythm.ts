import type { Clock } from '../host/host.ts';

/** What is done again and again while a run goes on. It keeps nothing alive longer than the pause it is in. */
export interface Rhythm {
  /** Begins anew, with a pause. */
  begin(): void;
  /** Nothing is done after this. */
  stop(): void;
  /** Resolves when it has come to rest. */
  rested(): Promise<void>;
}

/** What is done, and how long it is waited each time before it is; the pause is asked for anew each time. */
export interface Beat {
  readonly pauseMs: () => number;
  /** Never throws. */
  readonly act: () => void;
}

/** A rhythm that has not begun. */
export function createRhythm(clock: Clock, { pauseMs, act }: Beat): Rhythm {
  let over = new AbortController();
  let turning = Promise.resolve();
  const turn = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      await clock.sleep(pauseMs(), signal);
      if (signal.aborted) return;
      act();
    }
  };
  return {
    begin() {
      over.abort();
      over = new AbortController();
      turning = turn(over.signal);
    },
    stop: () => over.abort(),
    rested: async () => await turning,
  };
}
