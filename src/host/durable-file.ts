import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileAccess } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';

// The steps of a write that survives a crash at any point. All of them throw the system's errors; files.ts gives these words.

/** Permission bits and set-id bits, without the type of file (inode(7)). */
export const MODE_BITS = 0o7777;
/** For what only its owner may see before it is in place. */
const PRIVATE_MODE_BITS = 0o600;
const FOLDER_MODE_BITS = 0o755;
/** In a container pids come again after a crash, and with them the names of temporary files left behind. */
const TEMP_TRIES_MAX = 100;

/** Numbers for temporary files, each given once. */
export type NextTemp = () => number;

/** What a temporary file is to hold, and to whom it belongs. */
export interface Temp {
  readonly bytes: Buffer;
  readonly nextTemp: NextTemp;
  /** Of a file that is new. */
  readonly modeBits?: number;
  /** The file whose owner and mode are kept. */
  readonly like?: Stats | undefined;
  /** Over what `like` has and `modeBits` says. */
  readonly access?: FileAccess;
}

/** Writes a new file beside `target`, on disk when this returns; leaves nothing behind where it throws. */
export function writeTemp(target: string, temp: Temp): string {
  const { path, file } = openTemp(target, temp.nextTemp);
  try {
    try {
      writeAll(file, temp.bytes);
      dress(file, temp);
      fsyncSync(file);
      // A file system may report success and keep less (seen on a full tmpfs).
      if (fstatSync(file).size !== temp.bytes.length) throw shortWrite();
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    discard(path);
    throw thrown;
  }
  return path;
}

function openTemp(
  target: string,
  nextTemp: NextTemp,
): { readonly path: string; readonly file: number } {
  const prefix = join(dirname(target), `.${basename(target)}.${process.pid}`);
  for (let tries = 1; ; tries++) {
    const path = `${prefix}-${nextTemp()}.tmp`;
    try {
      return { path, file: openSync(path, 'wx', PRIVATE_MODE_BITS) };
    } catch (thrown) {
      if (errorCode(thrown) !== 'EEXIST' || tries === TEMP_TRIES_MAX) throw thrown;
    }
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length;) {
    const count = writeSync(file, bytes, offset);
    if (count === 0) throw shortWrite();
    offset += count;
  }
}

function shortWrite(): Error {
  return Object.assign(new Error('the disk took only a part of it'), { code: 'SHORT_WRITE' });
}

/** Owner first: chown takes set-id bits away. */
function dress(file: number, { like, access, modeBits = PRIVATE_MODE_BITS }: Temp): void {
  const made = fstatSync(file);
  const uid = access?.uid ?? like?.uid ?? made.uid;
  const gid = access?.gid ?? like?.gid ?? made.gid;
  if (uid !== made.uid || gid !== made.gid) fchownSync(file, uid, gid);
  const bits = like === undefined ? modeBits : like.mode & MODE_BITS;
  fchmodSync(file, access?.modeBits ?? bits);
}

/** Removes a temporary file on the way out of a failure, which matters more than this one. */
function discard(temp: string): void {
  try {
    unlinkSync(temp);
  } catch (thrown) {
    errorWords(thrown);
  }
}

/** Moves a temporary file to its place without syncing the folder; removes it where that fails. */
export function renameInto(target: string, temp: string): void {
  try {
    renameSync(temp, target);
  } catch (thrown) {
    discard(temp);
    throw thrown;
  }
}

/** Removes a file; the folder is synced after. */
export function unlinkDurably(path: string): void {
  unlinkSync(path);
  syncFolder(dirname(path));
}

/** Removes an empty folder; gone for good when this returns. */
export function removeFolderDurably(path: string): void {
  rmdirSync(path);
  syncFolder(dirname(path));
}

/** Makes a folder, 0755 whatever the umask, its name on disk; one that is there stays as it is. */
export function makeOneFolder(path: string): void {
  try {
    mkdirSync(path, FOLDER_MODE_BITS);
  } catch (thrown) {
    if (errorCode(thrown) === 'EEXIST') return; // another process was quicker
    throw thrown;
  }
  chmodSync(path, FOLDER_MODE_BITS); // mkdir(2) leaves out what the umask says
  syncFolder(dirname(path));
}

/** A new name is durable only when its folder is (fsync(2)). */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EINVAL') throw thrown; // a file system that has no such thing
  } finally {
    closeSync(folder);
  }
}
