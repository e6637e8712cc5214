import { followRuns } from '../core/live-run.ts';
import type { EventTextOptions } from '../core/render/event-text.ts';
import { renderSignOfLife } from '../core/render/live-text.ts';
import type { Clock } from '../host/host.ts';
import { createRhythm } from './rhythm.ts';
import type { RunView } from './run-view.ts';
import type { Streams } from './streams.ts';
import { terminalSink } from './terminal.ts';

// After this long without a word people, and the pipelines that wait for them, begin to think that it hangs.
const SILENCE_MS_MAX = 10_000;

/** How a run is told to a pipe. */
export interface PlainViewOptions {
  readonly clock: Clock;
  readonly text: EventTextOptions;
}

/** Runs as lines that stay, none drawn over: for pipes, CI and terminals that can do no more. Where nothing was to be said for ten seconds, a line says what goes on. */
export function plainView(given: Streams, { clock, text }: PlainViewOptions): RunView {
  const follower = followRuns();
  let saidAtMs = clock.monotonicMs();
  const heard =
    (print: Streams['out']): Streams['out'] =>
    (words, level) => {
      saidAtMs = clock.monotonicMs();
      print(words, level);
    };
  const streams = { out: heard(given.out), err: heard(given.err) };
  const silenceLeftMs = (): number => saidAtMs + SILENCE_MS_MAX - clock.monotonicMs();
  const rhythm = createRhythm(clock, {
    pauseMs: () => Math.max(0, silenceLeftMs()),
    act: () => {
      const run = follower.run();
      if (silenceLeftMs() > 0) return;
      const sign = run === undefined ? '' : renderSignOfLife(run, clock.now());
      // A sign of life is not what anybody looks for in the journal.
      streams.out(sign === '' ? '' : `${sign}\n`, 'debug');
    },
  });
  const tell = terminalSink(streams, { ...text, follower });
  const begin = (): void => {
    saidAtMs = clock.monotonicMs();
    if (!text.quiet) rhythm.begin();
  };
  return {
    sink: (event) => {
      if (event.type === 'run.started') begin();
      if (event.type === 'run.finished') rhythm.stop();
      tell(event);
    },
    streams,
    aside: async (work) => {
      rhythm.stop();
      try {
        return await work();
      } finally {
        begin();
      }
    },
    close: async () => {
      rhythm.stop();
      await rhythm.rested();
    },
  };
}
