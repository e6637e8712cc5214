import { basename, dirname, resolve } from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { Disk, FileStat } from './disk.ts';
import {
  discard,
  draftTemp,
  flushDraft,
  flushFolder,
  MODE_BITS,
  renameInto,
  syncFolder,
  writeTemp,
} from './durable-file.ts';
import { attempt, attemptLater, notWritable } from './file-failure.ts';
import type { FolderNames } from './folder-names.ts';
import type { FileAccess, FileWrite } from './host.ts';
import type { Living } from './leftovers.ts';
import { describe, readUpTo } from './read-file.ts';
import { errorCode } from './system-error.ts';
import type { NextTemp } from './temp-name.ts';

/** As many links in a row as Linux follows itself (path_resolution(7)). */
const LINKS_MAX = 40;

/** What every write needs. */
export interface Writer {
  readonly disk: Disk;
  readonly nextTemp: NextTemp;
  readonly living: Living;
  /** Names of temporary files and folders that are in use. */
  readonly ours: Set<string>;
  readonly names: FolderNames;
  /** Done before a write: what was left behind may be what fills the disk. */
  readonly sweep: (folder: string) => void;
}

/** Replaces one file, on disk when this returns; its folder is there. Throws the system's errors. */
export function replaceFile(writer: Writer, write: FileWrite): Result<void, Failure> {
  const { disk, nextTemp, sweep } = writer;
  const found = look(disk, write);
  if (!found.ok) return found;
  const { target, like, bytes } = found.value;
  const folder = dirname(target);
  sweep(folder);
  if (!isThere(disk, write, found.value))
    renameInto(disk, target, writeTemp(disk, target, { ...write, bytes, nextTemp, like }));
  // Also where nothing was written: a run killed between rename and fsync may have left the same bytes, not yet durable.
  syncFolder(disk, folder);
  return ok(undefined);
}

/**
 * Files.replaceAll. All texts are synced at the same time, then all folders of a wave: of syncs that wait at the same time a file system
 * makes one, of as many one after the other it makes each.
 */
export async function replaceAll(
  writer: Writer,
  waves: readonly (readonly FileWrite[])[],
): Promise<Result<void, Failure>> {
  const { disk, ours, names } = writer;
  const folders = new Map(waves.flat().map(({ path }) => [dirname(path), path]));
  const made = makeFolders(writer, folders);
  if (!made.ok) return made;
  const drafting = waves.map((wave) => wave.map((write) => draftFile(writer, write)));
  const naming = [...folders].map(([folder, path]) =>
    attemptLater(path, async () => ok(await names.settle(folder))),
  );
  const [named, ...drafts] = await Promise.all([
    allOf(naming),
    ...drafting.map((wave) => Promise.all(wave)),
  ]);
  const ready = named.ok ? firstFailure(drafts.flat()) : named;
  const placed = ready.ok ? await placeAll(disk, drafts.map(valuesOf)) : ready;
  for (const { temp } of drafts.flatMap(valuesOf)) {
    if (temp === undefined) continue;
    ours.delete(basename(temp));
    if (!placed.ok) discard(disk, temp);
  }
  return placed;
}

/** A file that is ready to be put in place. */
interface Drafted {
  readonly path: HostPath;
  readonly target: string;
  /** What is to be moved there, on disk; undefined where the file holds its text already. */
  readonly temp: string | undefined;
}

// Nothing is waited for before the text is written: a temporary file is known to be ours before anybody else sweeps its folder.
function draftFile(
  { disk, nextTemp, ours, sweep }: Writer,
  write: FileWrite,
): Promise<Result<Drafted, Failure>> {
  const { path } = write;
  return attemptLater(path, async (): Promise<Result<Drafted, Failure>> => {
    const found = look(disk, write);
    if (!found.ok) return found;
    const { target, like, bytes } = found.value;
    if (target !== path) sweep(dirname(target));
    if (isThere(disk, write, found.value)) return ok({ path, target, temp: undefined });
    const draft = draftTemp(disk, target, { ...write, bytes, nextTemp, like });
    const name = basename(draft.path);
    ours.add(name);
    try {
      return ok({ path, target, temp: await flushDraft(disk, draft) });
    } catch (thrown) {
      ours.delete(name);
      throw thrown;
    }
  });
}

/** Makes the folders, each with a file that is to be written there; their own names are still to be settled. */
function makeFolders(
  { names, sweep }: Writer,
  folders: ReadonlyMap<string, HostPath>,
): Result<void, Failure> {
  for (const [folder, path] of folders) {
    const made = attempt(path, () => ok(names.begin(folder)));
    if (!made.ok) return made;
    if (made.value) sweep(folder);
  }
  return ok(undefined);
}

async function placeAll(
  disk: Disk,
  waves: readonly (readonly Drafted[])[],
): Promise<Result<void, Failure>> {
  for (const wave of waves) {
    for (const { path, target, temp } of wave) {
      if (temp === undefined) continue;
      const moved = attempt(path, () => ok(renameInto(disk, target, temp)));
      if (!moved.ok) return moved;
    }
    // Also of those that were not written, as in replaceFile.
    const folders = new Map(wave.map(({ path, target }) => [dirname(target), path]));
    const synced = await allOf(
      [...folders].map(([folder, path]) =>
        attemptLater(path, async () => ok(await flushFolder(disk, folder))),
      ),
    );
    if (!synced.ok) return synced;
  }
  return ok(undefined);
}

/** Waits for all of them, and gives the first failure: none may still be at work when another has failed. */
async function allOf(
  tries: readonly Promise<Result<unknown, Failure>>[],
): Promise<Result<void, Failure>> {
  return firstFailure(await Promise.all(tries));
}

function firstFailure(results: readonly Result<unknown, Failure>[]): Result<void, Failure> {
  const failed = results.find((result) => !result.ok);
  return failed === undefined || failed.ok ? ok(undefined) : failed;
}

function valuesOf<T>(results: readonly Result<T, Failure>[]): readonly T[] {
  return results.flatMap((result) => (result.ok ? [result.value] : []));
}

/** Where a write goes, and what is there. */
interface Found {
  readonly target: string;
  readonly like: FileStat | undefined;
  readonly bytes: Buffer;
}

function look(disk: Disk, { path, text }: FileWrite): Result<Found, Failure> {
  const { target, like } = followLinks(disk, path);
  if (like !== undefined && !like.isFile())
    return notWritable(path, `it is ${describe(like)}, not a file`);
  return ok({ target, like, bytes: Buffer.from(text) });
}

function isThere(disk: Disk, { access }: FileWrite, { target, like, bytes }: Found): boolean {
  return like !== undefined && hasAccess(like, access) && holds(disk, target, bytes);
}

/** The file a path leads to, there or not: renaming over a symbolic link would replace the link. */
function followLinks(disk: Disk, path: string): Omit<Found, 'bytes'> {
  let target = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const like = disk.lstat(target);
    if (like?.isSymbolicLink() !== true) return { target, like };
    target = resolve(disk.realpath(dirname(target)), disk.readlink(target));
  }
  return { target: disk.realpath(path), like: undefined }; // throws ELOOP
}

function hasAccess(found: FileStat, access: Partial<FileAccess> = {}): boolean {
  const { uid = found.uid, gid = found.gid, modeBits = found.mode & MODE_BITS } = access;
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
