import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statfsSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/** What the inode says of a file (inode(7)). */
export type FileStat = Pick<
  Stats,
  | 'uid'
  | 'gid'
  | 'mode'
  | 'size'
  | 'mtimeMs'
  | 'isFile'
  | 'isDirectory'
  | 'isFIFO'
  | 'isSocket'
  | 'isSymbolicLink'
>;

/** The system calls that state is kept with, and no other: so that a test can stand in for the disk, and lose power at any of them. Each throws as Node does, with the system's `code`. */
export interface Disk {
  open(path: string, flags: string | number, modeBits?: number): number;
  close(file: number): void;
  /** Bytes read into `into` from where the file stands; 0 at its end. */
  read(file: number, into: Buffer): number;
  /** Bytes read of what the file holds from `at` on, into the same place of `into`; it stays where it stands (pread(2)). */
  readAt(file: number, into: Buffer, at: number): number;
  /** Bytes taken of those from `offset` on; may be fewer (write(2)). */
  write(file: number, bytes: Buffer, offset: number): number;
  truncate(file: number, size: number): void;
  /** The content of a file, or the names in a folder, are on disk when this returns (fsync(2)). */
  sync(file: number): void;
  /** As `sync`, beside whatever else is done; of several at a time a file system makes one. */
  flush(file: number): Promise<void>;
  statOpen(file: number): FileStat;
  chmodOpen(file: number, modeBits: number): void;
  chownOpen(file: number, uid: number, gid: number): void;
  /** Links followed; undefined where nothing is there. */
  stat(path: string): FileStat | undefined;
  /** As `stat`, of a link itself. */
  lstat(path: string): FileStat | undefined;
  chmod(path: string, modeBits: number): void;
  readlink(path: string): string;
  realpath(path: string): string;
  readdir(path: string): readonly string[];
  rename(from: string, to: string): void;
  unlink(path: string): void;
  mkdir(path: string, modeBits: number): void;
  rmdir(path: string): void;
  /** What a user may still write on the disk of this path, in bytes. */
  freeBytes(path: string): number;
}

/** The disks of this machine. */
export const nodeDisk: Disk = {
  open: openSync,
  close: closeSync,
  read: (file, into) => readSync(file, into),
  readAt: (file, into, at) => readSync(file, into, at, into.length - at, at),
  write: (file, bytes, offset) => writeSync(file, bytes, offset),
  truncate: ftruncateSync,
  sync: fsyncSync,
  flush: (file) =>
    new Promise((resolve, reject) =>
      fsync(file, (error) => (error === null ? resolve() : reject(error))),
    ),
  statOpen: (file) => fstatSync(file),
  chmodOpen: fchmodSync,
  chownOpen: fchownSync,
  stat: (path) => statSync(path, { throwIfNoEntry: false }),
  lstat: (path) => lstatSync(path, { throwIfNoEntry: false }),
  chmod: chmodSync,
  readlink: (path) => readlinkSync(path),
  realpath: (path) => realpathSync(path),
  readdir: (path) => readdirSync(path),
  rename: renameSync,
  unlink: unlinkSync,
  mkdir(path, modeBits) {
    mkdirSync(path, modeBits);
  },
  rmdir: rmdirSync,
  freeBytes(path) {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  },
};
