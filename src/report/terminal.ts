import { renderEvent, renderFailures, type EventTextOptions } from '../core/render/event-text.ts';
import type { Event, Sink } from '../model/event.ts';
import { levelOf } from './journal-levels.ts';
import type { Streams } from './streams.ts';

/** Shows a run to a person: its course on stdout, what went wrong on stderr, last. */
export function terminalSink(streams: Streams, options: EventTextOptions): Sink {
  return (event: Event) => {
    const text = renderEvent(event, options);
    if (text !== '') streams.out(text, levelOf(event));
    if (event.type === 'run.finished')
      streams.err(renderFailures(event.failures, options), 'error');
  };
}
