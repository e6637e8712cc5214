import type { RunFollower } from '../core/live-run.ts';
import { renderEvent, renderFailures, type EventTextOptions } from '../core/render/event-text.ts';
import { renderSummary } from '../core/render/summary-text.ts';
import type { Event, Sink } from '../model/event.ts';
import { levelOf } from './journal-levels.ts';
import type { Streams } from './streams.ts';

/** How a run is told; the follower is shown each event first. */
export interface TerminalSinkOptions extends EventTextOptions {
  readonly follower: RunFollower;
}

/** Tells a run to a person: its course and what came of it on stdout, what went wrong on stderr, last. */
export function terminalSink(
  streams: Streams,
  { follower, ...options }: TerminalSinkOptions,
): Sink {
  return (event: Event) => {
    follower.note(event);
    const text = renderEvent(event, options);
    if (text !== '') streams.out(text, levelOf(event));
    if (event.type !== 'run.finished') return;
    const summary = options.quiet ? '' : renderSummary(follower.run(), event, options);
    if (summary !== '') streams.out(summary, levelOf(event));
    streams.err(renderFailures(event.failures, options), 'error');
  };
}
