import { basename, dirname, join } from 'node:path';
import type { Disk, FileStat } from './disk.ts';
import { failpoint } from './failpoint.ts';
import type { FileAccess } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';
import { tempName, type NextTemp } from './temp-name.ts';

// The steps of a write that survives a crash at any point. All of them throw the system's errors; files.ts gives these words.

/** Permission bits and set-id bits, without the type of file (inode(7)). */
export const MODE_BITS = 0o7777;
/** For what only its owner may see, or not before it is in place. */
export const PRIVATE_MODE_BITS = 0o600;
/** In a container pids come again after a crash, and with them the names of temporary files left behind. */
const TEMP_TRIES_MAX = 100;

/** What a temporary file is to hold, and to whom it belongs. */
export interface Temp {
  readonly bytes: Buffer;
  readonly nextTemp: NextTemp;
  /** Of a file that is new. */
  readonly modeBits?: number;
  /** The file whose owner and mode are kept. */
  readonly like?: FileStat | undefined;
  /** Over what `like` has and `modeBits` says. */
  readonly access?: FileAccess;
}

/** Writes a new file beside `target`, on disk when this returns; leaves nothing behind where it throws. */
export function writeTemp(disk: Disk, target: string, temp: Temp): string {
  const draft = draftTemp(disk, target, temp);
  try {
    disk.sync(draft.file);
  } catch (thrown) {
    dropDraft(disk, draft);
    throw thrown;
  }
  return finishDraft(disk, draft);
}

/** A temporary file that is written, open, and not yet on disk. */
interface Draft {
  readonly path: string;
  readonly file: number;
  readonly bytes: number;
}

/** Writes a new file beside `target`, still to be synced; leaves nothing behind where it throws. */
export function draftTemp(disk: Disk, target: string, temp: Temp): Draft {
  const draft = { ...openTemp(disk, target, temp.nextTemp), bytes: temp.bytes.length };
  try {
    writeAll(disk, draft.file, temp.bytes);
    dress(disk, draft.file, temp);
    return draft;
  } catch (thrown) {
    dropDraft(disk, draft);
    throw thrown;
  }
}

/** As `writeTemp` goes on with it, beside whatever else is done. */
export async function flushDraft(disk: Disk, draft: Draft): Promise<string> {
  try {
    await disk.flush(draft.file);
  } catch (thrown) {
    dropDraft(disk, draft);
    throw thrown;
  }
  return finishDraft(disk, draft);
}

/** Closes a temporary file that was synced, and says where it is. */
function finishDraft(disk: Disk, { path, file, bytes }: Draft): string {
  try {
    try {
      checkSize(disk, file, bytes);
    } finally {
      disk.close(file);
    }
  } catch (thrown) {
    discard(disk, path);
    throw thrown;
  }
  failpoint('file.temp-written');
  return path;
}

/** Closes and removes a temporary file: on the way out of a failure, which matters more than this one. */
function dropDraft(disk: Disk, { path, file }: Pick<Draft, 'path' | 'file'>): void {
  try {
    disk.close(file);
  } catch (thrown) {
    errorWords(thrown);
  }
  discard(disk, path);
}

function openTemp(
  disk: Disk,
  target: string,
  nextTemp: NextTemp,
): { readonly path: string; readonly file: number } {
  for (let tries = 1; ; tries++) {
    const path = join(dirname(target), tempName(basename(target), nextTemp()));
    try {
      return { path, file: disk.open(path, 'wx', PRIVATE_MODE_BITS) };
    } catch (thrown) {
      if (errorCode(thrown) !== 'EEXIST' || tries === TEMP_TRIES_MAX) throw thrown;
    }
  }
}

/** Writes all of it: one write(2) may take less. */
export function writeAll(disk: Disk, file: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length;) {
    const count = disk.write(file, bytes, offset);
    if (count === 0) throw shortWrite();
    offset += count;
  }
}

/** Throws where a file is not as long as what was written to it: a file system may report success and keep less (seen on a full tmpfs). */
export function checkSize(disk: Disk, file: number, bytes: number): void {
  if (disk.statOpen(file).size !== bytes) throw shortWrite();
}

function shortWrite(): Error {
  return Object.assign(new Error('the disk took only a part of it'), { code: 'SHORT_WRITE' });
}

/** Owner first: chown takes set-id bits away. */
function dress(
  disk: Disk,
  file: number,
  { like, access, modeBits = PRIVATE_MODE_BITS }: Temp,
): void {
  const made = disk.statOpen(file);
  const uid = access?.uid ?? like?.uid ?? made.uid;
  const gid = access?.gid ?? like?.gid ?? made.gid;
  if (uid !== made.uid || gid !== made.gid) disk.chownOpen(file, uid, gid);
  const bits = like === undefined ? modeBits : like.mode & MODE_BITS;
  disk.chmodOpen(file, access?.modeBits ?? bits);
}

/** Removes a file that nobody will miss: on the way out of a failure, which matters more than this one. */
export function discard(disk: Disk, path: string): void {
  try {
    disk.unlink(path);
  } catch (thrown) {
    errorWords(thrown);
  }
}

/** Moves a temporary file to its place without syncing the folder; removes it where that fails. */
export function renameInto(disk: Disk, target: string, temp: string): void {
  try {
    disk.rename(temp, target);
  } catch (thrown) {
    discard(disk, temp);
    throw thrown;
  }
  failpoint('file.renamed');
}

/** A new name is durable only when its folder is (fsync(2)). */
export function syncFolder(disk: Disk, path: string): void {
  const folder = disk.open(path, 'r');
  try {
    disk.sync(folder);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EINVAL') throw thrown; // a file system that has no such thing
  } finally {
    disk.close(folder);
  }
}

/** As syncFolder, beside whatever else is done. */
export async function flushFolder(disk: Disk, path: string): Promise<void> {
  const folder = disk.open(path, 'r');
  try {
    await disk.flush(folder);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EINVAL') throw thrown; // a file system that has no such thing
  } finally {
    disk.close(folder);
  }
}

/** Syncs a folder from which a name has gone; of one that is gone itself there is nothing to sync. */
export function syncWhatIsLeft(disk: Disk, path: string): void {
  try {
    syncFolder(disk, path);
  } catch (thrown) {
    if (!GONE.has(errorCode(thrown))) throw thrown;
  }
}

/** Removes a folder with all that is in it, no link followed, or what else bears that name; nothing where nothing does. */
export function unlinkTree(disk: Disk, path: string): void {
  try {
    disk.unlink(path);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (GONE.has(code)) return;
    if (code !== 'EISDIR') throw thrown; // what Linux says of a folder (unlink(2))
    for (const name of disk.readdir(path)) unlinkTree(disk, join(path, name));
    disk.rmdir(path);
  }
}

/** What the system says of a path that leads nowhere. */
export const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR']);
