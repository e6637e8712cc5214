import type { Brakes } from '../apply/context.ts';
import { startTimer } from '../host/clock.ts';
import { durationMs, showDuration, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';

// systemd kills what does not stop within 90 s; a script gets this long of it before it is killed.
const TERM_PATIENCE_MS = durationMs(15_000);

/** The brakes of one run: signals pull them rung by rung, its deadline pulls the first two at once. */
export interface RunBrakes extends Brakes {
  /** Lets go of signals and timers. */
  release(): void;
}

/** What pulls the brakes of one run: these signals, and its time limit where there is one. */
export interface BrakeCauses {
  readonly signals: readonly NodeJS.Signals[];
  readonly timeoutMs: DurationMs | undefined;
}

/** What ends a run that somebody began: SIGHUP comes where their terminal is gone. */
export const BY_HAND: BrakeCauses['signals'] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Listens to signals and to the clock until released (CONTRACT 5, "Interrupt"). Each rung says what it waits for. */
export function createBrakes(
  { signals, timeoutMs }: BrakeCauses,
  say: (text: string) => void,
): RunBrakes {
  const [stop, terminate, kill] = [
    new AbortController(),
    new AbortController(),
    new AbortController(),
  ];
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, then: () => void): void => {
    timers.push(startTimer(ms, then).unref());
  };
  const pull = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      stop.abort({ code: 'interrupted', signal } satisfies Failure);
      const more =
        signal === 'SIGTERM'
          ? `it is killed after ${showDuration(TERM_PATIENCE_MS)}`
          : `${signal === 'SIGHUP' ? 'SIGTERM' : `${signal} again`} ends it`;
      say(`${signal}: nothing new is started; waiting for what is running (${more}).\n`);
      if (signal === 'SIGTERM') later(TERM_PATIENCE_MS, () => kill.abort());
    } else if (signal === 'SIGHUP') {
      // One terminal that is gone may be told of twice, by its shell too: nobody insists.
    } else if (!terminate.signal.aborted) {
      terminate.abort();
      say(
        `${signal}: told the running scripts to end; waiting for them (${signal} again kills them).\n`,
      );
    } else {
      kill.abort();
      say(`${signal}: killed the running scripts; their outcome is unknown.\n`);
    }
  };
  if (timeoutMs !== undefined)
    later(timeoutMs, () => {
      if (!stop.signal.aborted)
        stop.abort({ code: 'deadline-passed', afterMs: timeoutMs } satisfies Failure);
      terminate.abort();
    });
  for (const signal of signals) process.on(signal, pull);
  return {
    stop: stop.signal,
    terminate: terminate.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of signals) process.off(signal, pull);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
