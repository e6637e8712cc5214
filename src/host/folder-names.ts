import { dirname } from 'node:path';
import type { Disk } from './disk.ts';
import { flushFolder, syncFolder } from './durable-file.ts';
import { errorCode } from './system-error.ts';

const FOLDER_MODE_BITS = 0o755;

/** Makes folders, 0755 whatever the umask, and sees to it that their names are on disk; one that is there stays as it is. Throws the system's errors. */
export interface FolderNames {
  /** Makes a folder and the ones above it; their names are on disk when this returns. */
  make(path: string): void;
  /** As `make`, but for the name of the folder itself, which is on disk once `settle` says so. True where it was there before. */
  begin(path: string): boolean;
  /** Resolves once the name of a folder that is there is on disk. */
  settle(path: string): Promise<void>;
}

/** Knows which names this process has seen to. */
export function createFolderNames(disk: Disk): FolderNames {
  /** Folders whose names were synced since they were found: of those beside them, which a script may have made since, that says nothing. */
  const known = new Set<string>();
  /** Folders that this process has made, and whose names are not on disk yet. */
  const fresh = new Set<string>();
  const flush = flushingTogether(disk);

  const settled = (path: string): void => {
    known.add(path);
    fresh.delete(path);
  };
  // Of a folder that was there: nobody who may not read the one above has made it and synced that.
  const passBy = (path: string, thrown: unknown): void => {
    if (fresh.has(path) || errorCode(thrown) !== 'EACCES') throw thrown;
  };
  const name = (path: string): void => {
    known.delete(path);
    fresh.add(path);
    nameFolder(disk, path);
  };
  // A run that was killed may have made a folder, and not come to sync its name: the folders above it were, one after the other.
  const syncName = (path: string): void => {
    if (known.has(path)) return;
    try {
      syncFolder(disk, dirname(path));
    } catch (thrown) {
      passBy(path, thrown);
    }
    settled(path);
  };
  const make = (path: string): void => {
    const toMake: string[] = [];
    let at = path;
    for (; disk.stat(at) === undefined; at = dirname(at)) toMake.unshift(at);
    syncName(at);
    for (const folder of toMake) {
      name(folder);
      syncName(folder);
    }
  };
  return {
    make,
    begin(path) {
      if (disk.stat(path) !== undefined) return true;
      make(dirname(path));
      name(path);
      return false;
    },
    async settle(path) {
      if (known.has(path)) return;
      try {
        await flush(dirname(path));
      } catch (thrown) {
        passBy(path, thrown);
      }
      settled(path);
    },
  };
}

function nameFolder(disk: Disk, path: string): void {
  try {
    disk.mkdir(path, FOLDER_MODE_BITS);
    disk.chmod(path, FOLDER_MODE_BITS); // mkdir(2) leaves out what the umask says
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown; // another process was quicker
  }
}

/** Flushes folders, each once for all who ask while one of it is under way: what was made before a flush began is in it. */
function flushingTogether(disk: Disk): (folder: string) => Promise<void> {
  const underWay = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<void>>();
  const flushNext = async (folder: string): Promise<void> => {
    await underWay.get(folder);
    next.delete(folder);
    const flushing = flushFolder(disk, folder);
    underWay.set(folder, Promise.allSettled([flushing]));
    await flushing;
  };
  return (folder) => {
    const asked = next.get(folder) ?? flushNext(folder);
    next.set(folder, asked);
    return asked;
  };
}
