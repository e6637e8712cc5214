import { eventLine, type FrameOf } from '../core/render/event-json.ts';
import type { Event, Sink } from '../model/event.ts';

/** Writes each event as a line of JSON (CONTRACT 4.3). */
export function ndjsonSink(out: (text: string) => void, frameOf: FrameOf): Sink {
  return (event: Event) => {
    out(`${eventLine(event, frameOf)}\n`);
  };
}
