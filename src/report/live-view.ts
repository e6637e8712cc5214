import { followRuns } from '../core/live-run.ts';
import type { EventTextOptions } from '../core/render/event-text.ts';
import { renderLive } from '../core/render/live-text.ts';
import type { Clock } from '../host/host.ts';
import { createRegion, type Terminal } from './region.ts';
import { createRhythm } from './rhythm.ts';
import type { RunView } from './run-view.ts';
import type { Streams } from './streams.ts';
import { terminalSink } from './terminal.ts';

/** Ten times a second looks smooth, and is next to nothing to draw. A run that takes less has nothing drawn at all. */
const FRAME_MS = 100;

/** How a run is drawn on a terminal. */
export interface LiveViewOptions {
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Shown in turn; each takes one column. */
  readonly spinner: readonly string[];
  readonly text: Omit<EventTextOptions, 'isLive'>;
}

/** Runs on a terminal: what ended stays as a line, what goes on is drawn below those, and gone when it ends. */
export function liveView(
  given: Streams,
  { clock, terminal, spinner, text }: LiveViewOptions,
): RunView {
  const follower = followRuns();
  const region = createRegion(terminal, given);
  const tell = terminalSink(region.streams, { ...text, isLive: true, follower });
  let frame = 0;
  const lines = (): readonly string[] => {
    const run = follower.run();
    if (run === undefined) return [];
    const { palette } = text;
    const mark = spinner[frame % spinner.length] ?? '';
    return renderLive(run, { palette, ...terminal.size(), now: clock.now(), spinner: mark });
  };
  const rhythm = createRhythm(clock, {
    pauseMs: () => FRAME_MS,
    act: () => {
      frame += 1;
      region.draw(lines());
    },
  });
  const rest = (): void => {
    rhythm.stop();
    region.draw([]);
  };
  return {
    sink: (event) => {
      if (event.type === 'run.started') rhythm.begin();
      if (event.type === 'run.finished') rest();
      tell(event);
    },
    streams: region.streams,
    aside: async (work) => {
      rest();
      try {
        return await work();
      } finally {
        rhythm.begin();
      }
    },
    close: async () => {
      rhythm.stop();
      region.close();
      await rhythm.rested();
    },
  };
}
