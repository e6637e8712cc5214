import type { Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';

/** Tells a file from what was there before. */
export interface FileMark {
  /** Its device and inode: another one where the file was replaced. */
  readonly inode: string;
  /** Another one also where anything was written to the file, or its owner or mode changed. */
  readonly state: string;
  readonly isEmpty: boolean;
}

/** What is done when files may have changed. */
export interface WatchRequest {
  /** Called soon after what a path leads to may have changed, and often when it has not. */
  readonly onHint: () => void;
  /** Aborted: nothing is watched any longer. */
  readonly signal: AbortSignal;
}

/** Whether files change; symbolic links are followed. */
export interface Watcher {
  /** Hints from now on, whatever is replaced, made or removed on the way to the paths; resolves when the signal was aborted and all is closed. */
  watch(paths: readonly HostPath[], request: WatchRequest): Promise<void>;
  mark(path: HostPath): Fact<FileMark>;
  /** Whether a process has the file open for writing; unreadable where not every process that may have is seen. */
  isBeingWritten(path: HostPath): Promise<Fact<boolean>>;
}
