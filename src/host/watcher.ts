import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { watch } from 'chokidar';
import type { HostPath } from '../model/ids.ts';
import type { Clock } from './host.ts';
import { errorWords } from './system-error.ts';
import { readTrail, type Trail } from './trail.ts';
import type { WatchRequest } from './watching.ts';

/** How long a change stays unseen where no event tells of it: NFS, a mount, a folder far above, no inotify watch left. */
const POLL_MS = 1_000;
/** A folder that could not be watched is tried again, for somebody may have raised the limit of inotify watches. */
const RETRY_MS = 60_000;
/** chokidar is ready within some milliseconds or, where reading the folder failed, never. */
const READY_MS_MAX = 1_000;
/** chokidar reads the whole of a folder at each event in it: with a thousand names and 50 events a second that is most of a core, so the poll has to do. */
const NAMES_MAX = 500;

/** Calls `onHint` when what the paths lead to may have changed, until the signal is aborted; when it resolves, nothing is watched any more. */
export async function watchPaths(
  clock: Clock,
  paths: readonly HostPath[],
  { onHint, signal }: WatchRequest,
): Promise<void> {
  const folders = new Map<string, WatchedFolder>();
  let trail: Trail | undefined;
  let wake = new AbortController();
  const rouse = () => wake.abort();
  const onEvent = (folder: string, name: string) => {
    if (trail === undefined || matters(trail, folder, name)) rouse();
  };
  signal.addEventListener('abort', rouse);
  while (!signal.aborted) {
    const before = trail;
    trail = readTrail(paths);
    const isRoused = wake.signal.aborted;
    wake = new AbortController();
    if (isRoused || trail.found !== before?.found) onHint();
    // What changed before the new watchers stood had no event: it is looked at once more.
    if (await keepWatched(folders, trail.folders, { clock, onEvent })) rouse();
    await clock.sleep(POLL_MS, wake.signal);
    // To save a file is several events, most of them in one turn: one hint.
    await new Promise(setImmediate);
  }
  signal.removeEventListener('abort', rouse);
  await closeAll(folders.values());
}

function matters({ names }: Trail, folder: string, name: string): boolean {
  // A folder that is itself moved or removed is named by its own watcher (inotify(7), IN_MOVE_SELF).
  return names.get(folder)?.has(name) === true || name === basename(folder);
}

/** A folder, and what is told of the names in it. */
interface WatchedFolder {
  /** On the monotonic clock; Infinity while events are told. */
  readonly retryAtMs: () => number;
  readonly close: () => Promise<void>;
}

interface Listening {
  readonly clock: Clock;
  readonly onEvent: (folder: string, name: string) => void;
}

/** Watches these folders and no other; true where one was not watched before. */
async function keepWatched(
  folders: Map<string, WatchedFolder>,
  wanted: Trail['folders'],
  listening: Listening,
): Promise<boolean> {
  const nowMs = listening.clock.monotonicMs();
  const over = [...folders].filter(
    ([key, { retryAtMs }]) => !wanted.has(key) || retryAtMs() <= nowMs,
  );
  for (const [key] of over) folders.delete(key);
  await closeAll(over.map(([, folder]) => folder));
  const added = [...wanted].filter(([key]) => !folders.has(key));
  await Promise.all(
    added.map(async ([key, folder]) => folders.set(key, await watchFolder(folder, listening))),
  );
  return added.length > 0;
}

async function closeAll(folders: Iterable<WatchedFolder>): Promise<void> {
  for (const folder of folders) await folder.close();
}

/** Of chokidar only the raw events are used: its own are held back where they come quickly one after the other, and end where a folder is replaced. */
async function watchFolder(folder: string, { clock, onEvent }: Listening): Promise<WatchedFolder> {
  let retryAtMs = Infinity;
  const onFailure = () => (retryAtMs = clock.monotonicMs() + RETRY_MS);
  const folderOf = { retryAtMs: () => retryAtMs };
  if (hasManyNames(folder)) {
    onFailure();
    return { ...folderOf, close: () => Promise.resolve() };
  }
  const ready = new AbortController();
  const watcher = watch(folder, {
    ignored: (path) => path !== folder,
    depth: 0,
    followSymlinks: false,
    atomic: false,
    // Otherwise chokidar shares the watch of a path among its watchers, also when another folder has the path by now.
    persistent: false,
  });
  watcher
    .on('raw', (_, name) => onEvent(folder, name))
    .on('error', onFailure)
    .on('ready', () => ready.abort());
  await clock.sleep(READY_MS_MAX, ready.signal);
  if (!ready.signal.aborted) onFailure();
  return {
    ...folderOf,
    async close() {
      await watcher.close();
      // It may still be reading, and an error that nobody listens to would be thrown.
      watcher.on('error', () => {});
    },
  };
}

function hasManyNames(folder: string): boolean {
  try {
    return readdirSync(folder).length > NAMES_MAX;
  } catch (thrown) {
    errorWords(thrown); // gone, or not to be read: chokidar will say so
    return false;
  }
}
