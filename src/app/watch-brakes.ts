import type { Brakes } from '../apply/context.ts';
import { startTimer } from '../host/clock.ts';
import type { DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';

/** The brakes of one look of watch. */
export interface LookBrakes extends Brakes {
  /** Ends its waits and starts nothing new: there is a newer desired state. A running script goes on to its end. */
  cutShort(): void;
  /** The look is over: lets go of its time limit. */
  release(): void;
}

/** Brakes that those of watch pull too, with a time limit of their own that pulls the first two at once. */
export function lookBrakes({ stop, terminate, kill }: Brakes, timeoutMs: DurationMs): LookBrakes {
  const [stopHere, terminateHere] = [new AbortController(), new AbortController()];
  const end = (failure: Failure): void => stopHere.abort(failure);
  const outOfTime = (): void => {
    end({ code: 'deadline-passed', afterMs: timeoutMs });
    terminateHere.abort();
  };
  const limit = startTimer(timeoutMs, outOfTime);
  return {
    stop: AbortSignal.any([stop, stopHere.signal]),
    terminate: AbortSignal.any([terminate, terminateHere.signal]),
    kill,
    cutShort: () => end({ code: 'superseded' }),
    release: () => clearTimeout(limit),
  };
}
