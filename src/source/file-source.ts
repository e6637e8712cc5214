import type { Snapshot } from '../model/source.ts';
import { readFiles, type Reading, type ReadingHost } from './read-files.ts';

/** A file that is saved is several events within a millisecond or so: one reading for all of them. And who waits for an earlier reading gets it before. */
const BURST_MS = 1;

/** The files of a desired state on this machine. */
export interface FileSource {
  /** The files as they are now: each of them whole, all as they stood at one moment. */
  read(): Promise<Snapshot>;
  /** Resolves when the signal was aborted, and nothing is watched or read any more. */
  readonly ended: Promise<void>;
}

/** What is done with a file source. */
export interface FileSourceRequest {
  /** Gets each snapshot that differs from the one before, given here or by `read`; none before the first `read`. */
  readonly onChange: (snapshot: Snapshot) => void;
  /** Aborted: nothing is watched, and nothing waited for, any longer. */
  readonly signal: AbortSignal;
}

/** Follows files, whatever is done to them, to the folders they are in, or to links on the way. */
export function openFileSource(
  host: ReadingHost,
  desired: Snapshot['desired'],
  { onChange, signal }: FileSourceRequest,
): FileSource {
  let last: Reading | undefined;
  let isHintTaken = false;
  // One after the other: of two readings at a time the older could end last.
  let turn: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<Snapshot> => {
    last = await readFiles(host, desired, { last, signal });
    // No event tells that a writer has closed its file at last.
    if (!last.isWhole && !signal.aborted) onHint();
    return last.snapshot;
  };
  const tell = async (): Promise<void> => {
    await host.clock.sleep(BURST_MS, signal);
    isHintTaken = false;
    const before = last?.snapshot.digest;
    if (before === undefined || signal.aborted) return;
    const snapshot = await read();
    if (snapshot.digest !== before && !signal.aborted) onChange(snapshot);
  };
  const onHint = (): void => {
    if (isHintTaken) return;
    isHintTaken = true;
    turn = turn.then(tell);
  };
  const paths = desired.map(({ path }) => path);
  const watched = host.watcher.watch(paths, { onHint, signal });
  return {
    read: async () => {
      const mine = turn.then(read);
      turn = mine;
      return await mine;
    },
    ended: watched.then(async () => {
      await turn;
    }),
  };
}
