import type { Sink } from '../model/event.ts';
import type { Streams } from './streams.ts';

/** How the runs of a command are shown while they go on. */
export interface RunView {
  /** Of these runs. */
  readonly sink: Sink;
  /** For all else that is printed meanwhile. */
  readonly streams: Streams;
  /** Does something that has the terminal to itself, as a question has. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** Leaves the terminal as it was found; nothing is shown of a run after this. */
  close(): Promise<void>;
}
