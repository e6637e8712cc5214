import { basename, dirname, resolve } from 'node:path';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { createLog } from './append-log.ts';
import { nodeDisk, type Disk, type FileStat } from './disk.ts';
import {
  GONE,
  makeFolderDurably,
  MODE_BITS,
  renameInto,
  syncFolder,
  syncWhatIsLeft,
  unlinkTree,
  writeTemp,
} from './durable-file.ts';
import { attempt, notWritable } from './file-failure.ts';
import type { AppendLog, Files, ReplaceOptions } from './host.ts';
import { sweepLeftovers, type Living } from './leftovers.ts';
import { isPrivateFile, privateHome, removePrivateFile, writePrivateFile } from './private-file.ts';
import { createProcesses } from './processes.ts';
import {
  describe,
  freeBytes,
  inspectPath,
  listFolder,
  PAGE_BYTES,
  readBytes,
  readRareText,
  readText,
  readUpTo,
  realPath,
  type Reader,
} from './read-file.ts';
import { errorCode } from './system-error.ts';
import type { NextTemp } from './temp-name.ts';

/** As many links in a row as Linux follows itself (path_resolution(7)). */
const LINKS_MAX = 40;

/** The files on a disk, this machine's own unless told otherwise. Every write is on disk, and so is its folder, before it is called done. */
export function createFiles(disk: Disk = nodeDisk): Files {
  const reader: Reader = { disk, page: Buffer.allocUnsafeSlow(PAGE_BYTES) };
  let temps = 0;
  const nextTemp = () => (temps += 1);
  const ours = new Set<string>();
  const living = { processes: createProcesses(), ours };
  const writer: Writer = {
    disk,
    nextTemp,
    living,
    ours,
    settled: new Set(),
    sweep: (folder) => sweepLeftovers(disk, folder, living),
  };
  return {
    read: (path) => readText(reader, path),
    readRare: (path) => readRareText(reader, path),
    readHead: (path, bytes) => readBytes(disk, path, bytes),
    list: (path) => listFolder(disk, path),
    inspect: (path) => inspectPath(disk, path),
    resolve: (path) => realPath(disk, path),
    freeBytes: (path) => freeBytes(disk, path),
    replace: (path, text, options) =>
      attempt(path, () => replace(writer, path, { ...options, text })),
    writeBeside: (path, text) => attempt(path, () => writeBeside(writer, path, text)),
    createLog: (path) => attempt(path, () => newLog(writer, path)),
    remove: (path) => attempt(path, () => remove(writer, path)),
    move: (from, to) => attempt(from, () => move(writer, from, to)),
    setAside: (path) => attempt(path, () => setAside(writer, path)),
    removeEmptyFolder: (path) => attempt(path, () => removeEmptyFolder(writer, path)),
    removeTree: (path) => attempt(path, () => removeTree(writer, path)),
    makeFolder: (path) => attempt(path, () => makeFolder(writer, path)),
    writePrivate: (name, text) =>
      attempt(hostPath('', privateHome()), () => writePrivate(writer, name, text)),
    removePrivate: (path) => attempt(path, () => removePrivate(writer, path)),
  };
}

/** What every write needs. */
interface Writer {
  readonly disk: Disk;
  readonly nextTemp: NextTemp;
  readonly living: Living;
  /** Names of what `writeBeside` and `writePrivate` have made, and nobody has removed yet. */
  readonly ours: Set<string>;
  /** Folders whose names are on disk for good. */
  readonly settled: Set<string>;
  /** Done before a write: what was left behind may be what fills the disk. */
  readonly sweep: (folder: string) => void;
}

function replace(
  { disk, nextTemp, sweep }: Writer,
  path: HostPath,
  { text, ...options }: ReplaceOptions & { readonly text: string },
): Result<void, Failure> {
  const target = followLinks(disk, path);
  const before = disk.stat(target);
  if (before !== undefined && !before.isFile())
    return notWritable(path, `it is ${describe(before)}, not a file`);
  const folder = dirname(target);
  sweep(folder);
  const bytes = Buffer.from(text);
  if (before === undefined || !hasAccess(before, options) || !holds(disk, target, bytes)) {
    const temp = writeTemp(disk, target, { bytes, nextTemp, like: before, ...options });
    renameInto(disk, target, temp);
  }
  // Also where nothing was written: a run killed between rename and fsync may have left the same bytes, not yet durable.
  syncFolder(disk, folder);
  return ok(undefined);
}

function move({ disk }: Writer, from: HostPath, to: HostPath): Result<boolean, Failure> {
  try {
    disk.rename(from, to);
  } catch (thrown) {
    if (!GONE.has(errorCode(thrown))) throw thrown;
    return ok(false);
  }
  syncFolder(disk, dirname(to));
  return ok(true);
}

function setAside({ disk }: Writer, path: HostPath): Result<HostPath, Failure> {
  for (let number = 1; ; number += 1) {
    const target = `${path}.damaged${number === 1 ? '' : `-${number}`}`;
    if (disk.stat(target) !== undefined) continue;
    disk.rename(path, target);
    syncFolder(disk, dirname(path));
    return ok(hostPath('', target));
  }
}

/** The file a path leads to, there or not: renaming over a symbolic link would replace the link. */
function followLinks(disk: Disk, path: string): string {
  let target = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const link = linkOf(disk, target);
    if (link === undefined) return target;
    target = resolve(disk.realpath(dirname(target)), link);
  }
  return disk.realpath(path); // throws ELOOP
}

function linkOf(disk: Disk, path: string): string | undefined {
  try {
    return disk.readlink(path);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'EINVAL' || code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function hasAccess(found: FileStat, { access }: Pick<ReplaceOptions, 'access'>): boolean {
  const { uid = found.uid, gid = found.gid, modeBits = found.mode & MODE_BITS } = access ?? {};
  return found.uid === uid && found.gid === gid && (found.mode & MODE_BITS) === modeBits;
}

function holds(disk: Disk, path: string, bytes: Buffer): boolean {
  let file: number;
  try {
    file = disk.open(path, 'r');
  } catch (thrown) {
    // Writing a file that may not be read is a matter of its folder, and is tried.
    if (errorCode(thrown) === 'EACCES') return false;
    throw thrown;
  }
  try {
    const { size } = disk.statOpen(file);
    return size === bytes.length && readUpTo(disk, file, size + 1, size).equals(bytes);
  } finally {
    disk.close(file);
  }
}

function writeBeside(
  { disk, nextTemp, ours, sweep }: Writer,
  path: HostPath,
  text: string,
): Result<HostPath, Failure> {
  sweep(dirname(path));
  const temp = writeTemp(disk, path, { bytes: Buffer.from(text), nextTemp });
  ours.add(basename(temp));
  return ok(hostPath('', temp));
}

function newLog(writer: Writer, path: HostPath): Result<AppendLog, Failure> {
  const folder = makeFolder(writer, hostPath('', dirname(path)));
  return folder.ok ? ok(createLog(writer.disk, path)) : folder;
}

// Both sync also where nothing was there any more: a run killed between unlink and fsync has left that to us.

function remove({ disk, ours, sweep }: Writer, path: HostPath): Result<void, Failure> {
  sweep(dirname(path));
  try {
    disk.unlink(path);
  } catch (thrown) {
    if (!GONE.has(errorCode(thrown))) throw thrown;
  }
  ours.delete(basename(path));
  syncWhatIsLeft(disk, dirname(path));
  return ok(undefined);
}

const STAYS: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST']);

function removeEmptyFolder({ disk, sweep }: Writer, path: HostPath): Result<void, Failure> {
  sweep(path);
  try {
    disk.rmdir(path);
  } catch (thrown) {
    if (!STAYS.has(errorCode(thrown))) throw thrown;
  }
  syncWhatIsLeft(disk, dirname(path));
  return ok(undefined);
}

function removeTree({ disk }: Writer, path: HostPath): Result<void, Failure> {
  unlinkTree(disk, path);
  syncWhatIsLeft(disk, dirname(path));
  return ok(undefined);
}

function makeFolder({ disk, settled }: Writer, path: HostPath): Result<void, Failure> {
  makeFolderDurably(disk, path, settled);
  const made = disk.stat(path);
  return made?.isDirectory() === true
    ? ok(undefined)
    : notWritable(path, `it is ${made === undefined ? 'gone' : describe(made)}, not a folder`);
}

function writePrivate(
  { nextTemp, living, ours }: Writer,
  name: string,
  text: string,
): Result<HostPath, Failure> {
  const path = writePrivateFile(name, text, { nextTemp, ...living });
  ours.add(basename(dirname(path)));
  return ok(hostPath('', path));
}

function removePrivate({ ours }: Writer, path: HostPath): Result<void, Failure> {
  if (!isPrivateFile(path)) return notWritable(path, 'it is no private file that bootstrap made');
  removePrivateFile(path);
  ours.delete(basename(dirname(path)));
  return ok(undefined);
}
