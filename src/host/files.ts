import { basename, dirname } from 'node:path';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import { createLog } from './append-log.ts';
import { nodeDisk, type Disk } from './disk.ts';
import { GONE, syncFolder, syncWhatIsLeft, unlinkTree, writeTemp } from './durable-file.ts';
import { attempt, notWritable } from './file-failure.ts';
import { createFolderNames } from './folder-names.ts';
import type { AppendLog, Files } from './host.ts';
import { sweepLeftovers } from './leftovers.ts';
import { isPrivateFile, privateHome, removePrivateFile, writePrivateFile } from './private-file.ts';
import { createProcesses } from './processes.ts';
import {
  describe,
  freeBytes,
  inspectPath,
  listFolder,
  PAGE_BYTES,
  readBytes,
  readLikelyText,
  readRareText,
  readText,
  realPath,
  type Reader,
} from './read-file.ts';
import { replaceAll, replaceFile, type Writer } from './replace-file.ts';
import { errorCode } from './system-error.ts';

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
    names: createFolderNames(disk),
    sweep: (folder) => sweepLeftovers(disk, folder, living),
  };
  return {
    read: (path) => readText(reader, path),
    readLikely: (path, likely) => readLikelyText(reader, path, likely),
    readRare: (path) => readRareText(reader, path),
    readHead: (path, bytes) => readBytes(disk, path, bytes),
    list: (path) => listFolder(disk, path),
    inspect: (path) => inspectPath(disk, path),
    resolve: (path) => realPath(disk, path),
    freeBytes: (path) => freeBytes(disk, path),
    replace: (path, text, options) =>
      attempt(path, () => replaceFile(writer, { path, text, ...options })),
    replaceAll: (waves) => replaceAll(writer, waves),
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

function makeFolder({ disk, names }: Writer, path: HostPath): Result<void, Failure> {
  names.make(path);
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
