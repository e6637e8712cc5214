// A disk in memory that knows what of it would survive a power cut: the log of all effects, and of what made them durable.
import { constants } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Disk, FileStat } from '../../../src/host/disk.ts';

/** A file or a folder, by number; names are in folders, not in it. */
interface Inode {
  readonly kind: 'file' | 'folder';
  mode: number;
  bytes: Buffer;
  readonly names: Map<string, number>;
}

/** What a power cut may lose until what it is `on` was synced. */
export type Effect =
  | { readonly what: 'write'; readonly on: number; readonly at: number; readonly bytes: Buffer }
  | { readonly what: 'truncate'; readonly on: number; readonly size: number }
  | { readonly what: 'names'; readonly on: number; readonly changes: readonly NameChange[] };

/** A name that leads to another inode from now on, or to none. */
interface NameChange {
  readonly folder: number;
  readonly name: string;
  readonly inode: number | undefined;
}

/** What happened, in order: effects, syncs of one inode, and what the program under test called done. */
export type Happening =
  Effect | { readonly what: 'sync'; readonly on: number } | { readonly what: 'done' };

/** All that a disk holds at one moment. */
export type Image = ReadonlyMap<
  number,
  Readonly<Omit<Inode, 'names'>> & { readonly names: ReadonlyMap<string, number> }
>;

/** A disk in memory. */
export interface MemoryDisk extends Disk {
  readonly log: readonly Happening[];
  /** The program under test has called one more thing done. */
  done(): void;
  image(): Image;
  /** Every file by its path, sorted. */
  files(): Readonly<Record<string, string>>;
}

const ROOT = 1;
const PERMISSIONS = 0o7777;
/** Any will do: nothing in memory is ever full. */
const FREE_BYTES = 2 ** 30;

/** An empty disk, or one that holds what the image does. */
export function createMemoryDisk(from?: Image): MemoryDisk {
  const inodes = new Map<number, Inode>();
  for (const [id, { names, ...inode }] of from ?? [])
    inodes.set(id, { ...inode, names: new Map(names) });
  if (from === undefined) inodes.set(ROOT, emptyInode('folder', 0o755));
  const log: Happening[] = [];
  return {
    ...createCalls({ inodes, log }),
    log,
    done: () => void log.push({ what: 'done' }),
    image: () => imageOf(inodes),
    files: () => filesOf(imageOf(inodes)),
  };
}

function imageOf(inodes: ReadonlyMap<number, Inode>): Image {
  return new Map([...inodes].map(([id, inode]) => [id, { ...inode, names: new Map(inode.names) }]));
}

/** Every file of an image by its path, sorted; a folder with nothing in it ends with `/`. */
export function filesOf(image: Image): Readonly<Record<string, string>> {
  const found: (readonly [string, string])[] = [];
  const visit = (path: string, id: number): void => {
    const inode = image.get(id);
    if (inode?.kind === 'file') found.push([path, inode.bytes.toString('latin1')]);
    if (inode?.kind === 'folder' && inode.names.size === 0) found.push([`${path}/`, '']);
    for (const [name, child] of inode?.names ?? []) visit(`${path}/${name}`, child);
  };
  visit('', ROOT);
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Does to an image what an effect does to a disk. */
export function applyEffect(inodes: Map<number, Inode>, effect: Effect): void {
  if (effect.what === 'names') {
    for (const { folder, name, inode } of effect.changes) {
      if (inode === undefined) inodes.get(folder)?.names.delete(name);
      else inodes.get(folder)?.names.set(name, inode);
    }
    return;
  }
  const inode = inodes.get(effect.on);
  if (inode === undefined) return;
  if (effect.what === 'truncate') inode.bytes = sized(inode.bytes, effect.size);
  else {
    const whole = sized(inode.bytes, Math.max(inode.bytes.length, effect.at + effect.bytes.length));
    effect.bytes.copy(whole, effect.at);
    inode.bytes = whole;
  }
}

function sized(bytes: Buffer, size: number): Buffer {
  const copy = Buffer.alloc(size);
  bytes.copy(copy);
  return copy;
}

/** A new inode of which nothing has reached the disk yet. */
export function emptyInode(kind: Inode['kind'], mode: number): Inode {
  return { kind, mode, bytes: Buffer.alloc(0), names: new Map() };
}

interface Store {
  readonly inodes: Map<number, Inode>;
  readonly log: Happening[];
}

interface Opened {
  readonly id: number;
  readonly appends: boolean;
  position: number;
}

function createCalls({ inodes, log }: Store): Disk {
  const opened = new Map<number, Opened>();
  let files = 2;
  let ids = Math.max(...inodes.keys());
  const happen = (effect: Effect): void => {
    log.push(effect);
    applyEffect(inodes, effect);
  };
  const inodeOf = (id: number): Inode => inodes.get(id) ?? fail('EIO', String(id));
  const openOf = (file: number): Opened => opened.get(file) ?? fail('EBADF', String(file));
  const find = (path: string): number | undefined => {
    let id = ROOT;
    for (const name of resolve(path)
      .split('/')
      .filter((part) => part !== '')) {
      const folder = inodeOf(id);
      if (folder.kind !== 'folder') fail('ENOTDIR', path);
      const next = folder.names.get(name);
      if (next === undefined) return undefined;
      id = next;
    }
    return id;
  };
  const need = (path: string): number => find(path) ?? fail('ENOENT', path);
  const name = (folder: number, changes: readonly NameChange[]): void =>
    happen({ what: 'names', on: folder, changes });
  const make = (path: string, kind: Inode['kind'], modeBits: number): number => {
    const folder = need(dirname(path));
    ids += 1;
    inodes.set(ids, emptyInode(kind, modeBits));
    name(folder, [{ folder, name: basename(path), inode: ids }]);
    return ids;
  };
  const removeName = (path: string): void => {
    const folder = need(dirname(path));
    name(folder, [{ folder, name: basename(path), inode: undefined }]);
  };
  const stat = (path: string): FileStat | undefined => {
    const id = find(path);
    return id === undefined ? undefined : statOf(inodeOf(id));
  };
  return {
    open(path, flags, modeBits = 0o666) {
      const found = find(path);
      const exclusive = typeof flags === 'string' && flags.endsWith('x');
      const reads =
        flags === 'r' || (typeof flags === 'number' && (flags & constants.O_WRONLY) === 0);
      if (exclusive && found !== undefined) fail('EEXIST', path);
      if (reads && found === undefined) fail('ENOENT', path);
      const id = found ?? make(path, 'file', modeBits);
      if (!reads && inodeOf(id).kind === 'folder') fail('EISDIR', path);
      if (flags === 'w') happen({ what: 'truncate', on: id, size: 0 });
      files += 1;
      opened.set(files, {
        id,
        position: 0,
        appends: typeof flags === 'string' && flags.startsWith('a'),
      });
      return files;
    },
    close: (file) => void (opened.delete(file) || fail('EBADF', String(file))),
    read(file, into) {
      const open = openOf(file);
      const count = inodeOf(open.id).bytes.copy(into, 0, open.position);
      open.position += count;
      return count;
    },
    readAt: (file, into, at) => inodeOf(openOf(file).id).bytes.copy(into, at, at),
    write(file, bytes, offset) {
      const open = openOf(file);
      const at = open.appends ? inodeOf(open.id).bytes.length : open.position;
      const taken = Buffer.from(bytes.subarray(offset));
      happen({ what: 'write', on: open.id, at, bytes: taken });
      open.position = at + taken.length;
      return taken.length;
    },
    truncate: (file, size) => happen({ what: 'truncate', on: openOf(file).id, size }),
    sync: (file) => void log.push({ what: 'sync', on: openOf(file).id }),
    flush: (file) => Promise.resolve(void log.push({ what: 'sync', on: openOf(file).id })),
    statOpen: (file) => statOf(inodeOf(openOf(file).id)),
    chmodOpen: (file, modeBits) => void (inodeOf(openOf(file).id).mode = modeBits),
    chownOpen: (file) => void openOf(file),
    stat,
    lstat: stat,
    chmod: (path, modeBits) => void (inodeOf(need(path)).mode = modeBits),
    readlink: (path) => fail(need(path) > 0 ? 'EINVAL' : 'ENOENT', path),
    realpath: (path) => (need(path) > 0 ? resolve(path) : path),
    readdir(path) {
      const folder = inodeOf(need(path));
      return folder.kind === 'folder' ? [...folder.names.keys()] : fail('ENOTDIR', path);
    },
    rename(from, to) {
      const inode = need(from);
      const [folder, into] = [need(dirname(from)), need(dirname(to))];
      if (folder !== into) fail('EXDEV', to); // nothing here moves a file to another folder
      name(folder, [
        { folder, name: basename(from), inode: undefined },
        { folder, name: basename(to), inode },
      ]);
    },
    unlink(path) {
      if (inodeOf(need(path)).kind === 'folder') fail('EISDIR', path);
      removeName(path);
    },
    mkdir(path, modeBits) {
      if (find(path) !== undefined) fail('EEXIST', path);
      make(path, 'folder', modeBits);
    },
    rmdir(path) {
      const { kind, names } = inodeOf(need(path));
      if (kind === 'file') fail('ENOTDIR', path);
      if (names.size > 0) fail('ENOTEMPTY', path);
      removeName(path);
    },
    freeBytes: (path) => (need(join(path)) > 0 ? FREE_BYTES : 0),
  };
}

function statOf({ kind, mode, bytes }: Inode): FileStat {
  return {
    uid: 0,
    gid: 0,
    mode: mode & PERMISSIONS,
    size: bytes.length,
    mtimeMs: 0,
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'folder',
    isFIFO: () => false,
    isSocket: () => false,
    isSymbolicLink: () => false,
  };
}

/** Throws as node:fs does. */
export function fail(code: string, path: string): never {
  throw Object.assign(new Error(`${code}: ${path}`), { code });
}
