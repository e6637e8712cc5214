import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import {
  makeOneFolder,
  MODE_BITS,
  removeFolderDurably,
  renameInto,
  syncFolder,
  unlinkDurably,
  writeTemp,
  type NextTemp,
} from './durable-file.ts';
import type { FileInfo, Files, ReplaceOptions } from './host.ts';
import { isPrivateFile, privateHome, removePrivateFile, writePrivateFile } from './private-file.ts';
import { errorCode, errorWords } from './system-error.ts';

/** The largest file that is read: what is read here is written by people, and far smaller; more would only fill the memory. */
export const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** How much is read at a time: nearly every file in one go. */
const READ_BYTES = 64 * 1024;
/** As many links in a row as Linux follows itself (path_resolution(7)). */
const LINKS_MAX = 40;

/** The files of this machine. Every write is on disk, and so is its folder, before it is called done. */
export function createFiles(): Files {
  let temps = 0;
  const nextTemp = () => (temps += 1);
  return {
    read,
    readHead: (path, bytes) => readBytes(path, bytes),
    list,
    inspect,
    resolve: realPath,
    replace: (path, text, options) =>
      attempt(path, () => replace(path, text, { ...options, nextTemp })),
    writeBeside: (path, text) =>
      attempt(path, () =>
        ok(hostPath('', writeTemp(path, { bytes: Buffer.from(text), nextTemp }))),
      ),
    remove: (path) => attempt(path, () => remove(path)),
    removeEmptyFolder: (path) => attempt(path, () => removeEmptyFolder(path)),
    makeFolder: (path) => attempt(path, () => makeFolder(path)),
    freeBytes,
    writePrivate: (name, text) =>
      attempt(hostPath('', privateHome()), () =>
        ok(hostPath('', writePrivateFile(name, text, nextTemp))),
      ),
    removePrivate: (path) => attempt(path, () => removePrivate(path)),
  };
}

function read(path: HostPath): Fact<string> {
  const bytes = readBytes(path, FILE_BYTES_MAX + 1);
  if (bytes.kind !== 'known') return bytes;
  if (bytes.value.length > FILE_BYTES_MAX)
    return unreadable(`${path} is larger than ${FILE_BYTES_MAX / 2 ** 20} MiB`);
  const text = bytes.value.toString('utf8');
  return isUtf8(bytes.value)
    ? known(text)
    : unreadable(`${path}:${firstBadLine(bytes.value, text)}: not UTF-8 text`);
}

/** The line of the first byte that decoding could not keep. */
function firstBadLine(bytes: Buffer, decoded: string): number {
  const encoded = Buffer.from(decoded);
  const bad = bytes.findIndex((byte, index) => byte !== encoded[index]);
  return bytes.subarray(0, bad).toString('latin1').split('\n').length;
}

function readBytes(path: HostPath, bytesMax: number): Fact<Buffer> {
  let file: number;
  try {
    // Not blocking: to open a named pipe would wait for its writer, for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    return missing(path, thrown);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return unreadable(`${path} is ${describe(found)}, not a file`);
    return known(readUpTo(file, bytesMax));
  } catch (thrown) {
    return unreadable(`${path}: ${errorWords(thrown)}`);
  } finally {
    closeSync(file);
  }
}

function readUpTo(file: number, bytesMax: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytesMax) {
    const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, bytesMax - length));
    const count = readSync(file, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks, length);
}

function list(path: HostPath): Fact<readonly string[]> {
  try {
    return known(readdirSync(path).toSorted());
  } catch (thrown) {
    // A file in the folder's place is not "no folder": what should be in it cannot be known.
    return errorCode(thrown) === 'ENOTDIR' && existsSync(path)
      ? unreadable(`${path} is not a folder`)
      : missing(path, thrown);
  }
}

function inspect(path: HostPath): Fact<FileInfo> {
  try {
    const found = statSync(path);
    const { uid, gid, size } = found;
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return known({ type, uid, gid, size, mode: found.mode & MODE_BITS });
  } catch (thrown) {
    return missing(path, thrown);
  }
}

function realPath(path: HostPath): Fact<HostPath> {
  try {
    return known(hostPath('', realpathSync(path)));
  } catch (thrown) {
    return missing(path, thrown);
  }
}

function freeBytes(path: HostPath): Fact<number> {
  for (let at: HostPath = path; ; at = hostPath('', dirname(at))) {
    try {
      const { bavail, bsize } = statfsSync(at);
      return known(bavail * bsize);
    } catch (thrown) {
      const why = missing(at, thrown);
      if (why.kind !== 'absent' || at === '/') return why;
    }
  }
}

function missing(path: HostPath, thrown: unknown): Fact<never> {
  const code = errorCode(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') return absent;
  if (code === 'ENXIO') return unreadable(`${path} is a socket or a device, not a file`);
  return unreadable(`${path}: ${errorWords(thrown)}`);
}

function describe(found: Stats): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

function attempt<T>(path: HostPath, write: () => Result<T>): Result<T> {
  try {
    return write();
  } catch (thrown) {
    const code = errorCode(thrown);
    const why = errorWords(thrown);
    return err(
      code === 'EACCES' || code === 'EPERM'
        ? { code: 'permission', path, why }
        : unusable(path, why),
    );
  }
}

function unusable(path: HostPath, why: string): Failure {
  return { code: 'file-unusable', path, why, what: 'write' };
}

function replace(
  path: HostPath,
  text: string,
  options: ReplaceOptions & { readonly nextTemp: NextTemp },
): Result<void> {
  const target = followLinks(path);
  const before = statOf(target);
  if (before !== undefined && !before.isFile())
    return err(unusable(path, `it is ${describe(before)}, not a file`));
  const bytes = Buffer.from(text);
  if (before === undefined || !hasAccess(before, options) || !holds(target, before, bytes)) {
    renameInto(target, writeTemp(target, { bytes, like: before, ...options }));
  }
  // Also where nothing was written: a run killed between rename and fsync may have left the same bytes, not yet durable.
  syncFolder(dirname(target));
  return ok(undefined);
}

/** The file a path leads to, there or not: renaming over a symbolic link would replace the link. */
function followLinks(path: string): string {
  let target = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const link = linkOf(target);
    if (link === undefined) return target;
    target = resolve(realpathSync(dirname(target)), link);
  }
  return realpathSync(path); // throws ELOOP
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'EINVAL' || code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function hasAccess(found: Stats, { access }: ReplaceOptions): boolean {
  const { uid = found.uid, gid = found.gid, modeBits = found.mode & MODE_BITS } = access ?? {};
  return found.uid === uid && found.gid === gid && (found.mode & MODE_BITS) === modeBits;
}

function holds(path: string, found: Stats, bytes: Buffer): boolean {
  if (found.size !== bytes.length) return false;
  try {
    return readFileSync(path).equals(bytes);
  } catch (thrown) {
    // Writing a file that may not be read is a matter of its folder, and is tried.
    if (errorCode(thrown) === 'EACCES') return false;
    throw thrown;
  }
}

function remove(path: HostPath): Result<void> {
  try {
    unlinkDurably(path);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw thrown;
  }
  return ok(undefined);
}

const STAYS: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST']);

function removeEmptyFolder(path: HostPath): Result<void> {
  try {
    removeFolderDurably(path);
  } catch (thrown) {
    if (!STAYS.has(errorCode(thrown))) throw thrown;
  }
  return ok(undefined);
}

function makeFolder(path: HostPath): Result<void> {
  const toMake: string[] = [];
  for (let at: string = path; statOf(at) === undefined; at = dirname(at)) toMake.unshift(at);
  toMake.forEach(makeOneFolder);
  const made = statSync(path);
  return made.isDirectory()
    ? ok(undefined)
    : err(unusable(path, `it is ${describe(made)}, not a folder`));
}

function removePrivate(path: HostPath): Result<void> {
  if (!isPrivateFile(path)) return err(unusable(path, 'it is no private file that bootstrap made'));
  removePrivateFile(path);
  return ok(undefined);
}
