import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { LikelyText } from '../model/expected.ts';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import type { Disk, FileStat } from './disk.ts';
import { GONE, MODE_BITS } from './durable-file.ts';
import type { FileInfo } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';

/** The largest file that is read: what is read here is written by people, and far smaller; more would only fill the memory. */
export const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** How much is read at a time where the size does not tell. */
const READ_BYTES = 64 * 1024;

/** Where files are read, and memory to read them into: most fit into it, and take one read and no memory of their own. */
export interface Reader {
  readonly disk: Disk;
  readonly page: Buffer;
}

/** As much as nearly every file fits into. */
export const PAGE_BYTES = READ_BYTES;

/** The whole file as UTF-8; unreadable where it is not UTF-8, too large, or may not be read. */
export function readText(reader: Reader, path: HostPath): Fact<string> {
  return readWhole(reader, path, (bytes) => decoded(path, bytes));
}

/** Files.readLikely. */
export function readLikelyText(reader: Reader, path: HostPath, likely: LikelyText): Fact<string> {
  const { start, end } = likely;
  return readWhole(reader, path, (bytes) =>
    likely.bytes.compare(bytes, 0, bytes.length, start, end) === 0 ? likely : decoded(path, bytes),
  );
}

function readWhole(
  { disk, page }: Reader,
  path: HostPath,
  tell: (bytes: Buffer) => Fact<string>,
): Fact<string> {
  return readOpened(disk, path, (file) => {
    const whole = readAtOnce({ disk, page }, file);
    if (whole !== undefined) return tell(whole);
    const bytes = readFrom(disk, file, { path, bytesMax: FILE_BYTES_MAX + 1 });
    if (bytes.kind !== 'known') return bytes;
    return bytes.value.length > FILE_BYTES_MAX
      ? unreadable(`${path} is larger than ${FILE_BYTES_MAX / 2 ** 20} MiB`)
      : tell(bytes.value);
  });
}

/** As `readText`, for what is seldom there: to look first takes less than to fail to open it. */
export function readRareText(reader: Reader, path: HostPath): Fact<string> {
  return inspectPath(reader.disk, path).kind === 'absent' ? absent : readText(reader, path);
}

// What is no file, and what is not told by one read.
const HAS_NO_START: ReadonlySet<string | undefined> = new Set(['ESPIPE', 'EISDIR']);

/**
 * The whole file, in the page where it fits; undefined where it has to be looked at more closely. What can be read at a place is
 * no pipe, no socket and no terminal (pread(2)), and of devices nothing is read, or as much as there is room for.
 */
function readAtOnce({ disk, page }: Reader, file: number): Buffer | undefined {
  try {
    const count = disk.readAt(file, page, 0);
    if (count === page.length) return readOn({ disk, page }, file);
    // Some files of /proc are told a piece at a time: only who reads nothing more has read all (read(2)).
    const isAll = count > 0 && disk.readAt(file, page, count) === 0;
    return isAll ? page.subarray(0, count) : undefined;
  } catch (thrown) {
    if (!HAS_NO_START.has(errorCode(thrown))) throw thrown;
    return undefined;
  }
}

/** The whole of a file that begins with what is on the page; undefined where it is not as long as it is said to be. */
function readOn({ disk, page }: Reader, file: number): Buffer | undefined {
  const found = disk.statOpen(file);
  if (!found.isFile() || found.size < page.length || found.size > FILE_BYTES_MAX) return undefined;
  const whole = Buffer.allocUnsafe(found.size + 1);
  page.copy(whole);
  const count = page.length + disk.readAt(file, whole, page.length);
  return count === found.size ? whole.subarray(0, count) : undefined;
}

function decoded(path: HostPath, bytes: Buffer): Fact<string> {
  const text = bytes.toString('utf8');
  // What cannot be decoded becomes this character; where there is none, none had to.
  return !text.includes('\uFFFD') || isUtf8(bytes)
    ? known(text)
    : unreadable(`${path}:${firstBadLine(bytes, text)}: not UTF-8 text`);
}

/** The line of the first byte that decoding could not keep. */
function firstBadLine(bytes: Buffer, decoded: string): number {
  const encoded = Buffer.from(decoded);
  const bad = bytes.findIndex((byte, index) => byte !== encoded[index]);
  return bytes.subarray(0, bad).toString('latin1').split('\n').length;
}

/** The first bytes of a file, all of them where there are no more than so many. */
export function readBytes(disk: Disk, path: HostPath, bytesMax: number): Fact<Buffer> {
  return readOpened(disk, path, (file) => readFrom(disk, file, { path, bytesMax }));
}

function readOpened<T>(disk: Disk, path: HostPath, read: (file: number) => Fact<T>): Fact<T> {
  let file: number;
  try {
    // Not blocking: to open a named pipe would wait for its writer, for ever.
    file = disk.open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    return missing(path, thrown);
  }
  try {
    try {
      return read(file);
    } finally {
      disk.close(file);
    }
  } catch (thrown) {
    return unreadable(`${path}: ${errorWords(thrown)}`);
  }
}

function readFrom(
  disk: Disk,
  file: number,
  { path, bytesMax }: { readonly path: HostPath; readonly bytesMax: number },
): Fact<Buffer> {
  const found = disk.statOpen(file);
  if (!found.isFile()) return unreadable(`${path} is ${describe(found)}, not a file`);
  return known(readUpTo(disk, file, bytesMax, found.size));
}

/** What an open file holds from where it stands, up to so many bytes; `size` is what it is said to hold. Throws the system's errors. */
export function readUpTo(disk: Disk, file: number, bytesMax: number, size: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytesMax) {
    // One byte more than there should be: who gets fewer knows that this was the end (read(2)).
    // What has grown meanwhile, or has no size at all as those of /proc (proc(5)), is read in large pieces.
    const wanted = size === 0 || length > size ? READ_BYTES : size + 1 - length;
    const chunk = Buffer.allocUnsafe(Math.min(wanted, bytesMax - length));
    const count = disk.read(file, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
    if (length === size && count < chunk.length) break;
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length);
}

/** Names in a folder, sorted. */
export function listFolder(disk: Disk, path: HostPath): Fact<readonly string[]> {
  try {
    return known(disk.readdir(path).toSorted());
  } catch (thrown) {
    // A file in the folder's place is not "no folder": what should be in it cannot be known.
    return errorCode(thrown) === 'ENOTDIR' && isThere(disk, path)
      ? unreadable(`${path} is not a folder`)
      : missing(path, thrown);
  }
}

function isThere(disk: Disk, path: HostPath): boolean {
  try {
    return disk.stat(path) !== undefined;
  } catch (thrown) {
    errorWords(thrown);
    return false;
  }
}

/** What a path leads to, links followed. */
export function inspectPath(disk: Disk, path: HostPath): Fact<FileInfo> {
  try {
    const found = disk.stat(path);
    if (found === undefined) return absent;
    const { uid, gid, size, mtimeMs: modifiedAtMs } = found;
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return known({ type, uid, gid, size, modifiedAtMs, mode: found.mode & MODE_BITS });
  } catch (thrown) {
    return missing(path, thrown);
  }
}

/** The path with every symbolic link followed. */
export function realPath(disk: Disk, path: HostPath): Fact<HostPath> {
  try {
    return known(hostPath('', disk.realpath(path)));
  } catch (thrown) {
    return missing(path, thrown);
  }
}

/** What may still be written on the disk of this path, in bytes: there or not, the nearest folder above it counts. */
export function freeBytes(disk: Disk, path: HostPath): Fact<number> {
  for (let at: HostPath = path; ; at = hostPath('', dirname(at))) {
    try {
      return known(disk.freeBytes(at));
    } catch (thrown) {
      const why = missing(at, thrown);
      if (why.kind !== 'absent' || at === '/') return why;
    }
  }
}

/** Absent where the error says that nothing is there, else unreadable with the reason. */
export function missing(path: HostPath, thrown: unknown): Fact<never> {
  const code = errorCode(thrown);
  if (GONE.has(code)) return absent;
  if (code === 'ENXIO') return unreadable(`${path} is a socket or a device, not a file`);
  return unreadable(`${path}: ${errorWords(thrown)}`);
}

/** What a path leads to, in words. */
export function describe(found: FileStat): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}
