import type { Disk } from '../../../src/host/disk.ts';

/** The name of a system call. */
export type Call = keyof Disk;

/** Stands between a program and its disk: is given each call, and says what comes of it. */
export type Tap = <T>(call: Call, run: () => T) => T;

/** A disk each call of which goes through `tap`. */
export function tappedDisk(disk: Disk, tap: Tap): Disk {
  return {
    open: (...args) => tap('open', () => disk.open(...args)),
    close: (...args) => tap('close', () => disk.close(...args)),
    read: (...args) => tap('read', () => disk.read(...args)),
    readAt: (...args) => tap('readAt', () => disk.readAt(...args)),
    write: (...args) => tap('write', () => disk.write(...args)),
    truncate: (...args) => tap('truncate', () => disk.truncate(...args)),
    sync: (...args) => tap('sync', () => disk.sync(...args)),
    flush: async (...args) => await tap('flush', () => disk.flush(...args)),
    statOpen: (...args) => tap('statOpen', () => disk.statOpen(...args)),
    chmodOpen: (...args) => tap('chmodOpen', () => disk.chmodOpen(...args)),
    chownOpen: (...args) => tap('chownOpen', () => disk.chownOpen(...args)),
    stat: (...args) => tap('stat', () => disk.stat(...args)),
    lstat: (...args) => tap('lstat', () => disk.lstat(...args)),
    chmod: (...args) => tap('chmod', () => disk.chmod(...args)),
    readlink: (...args) => tap('readlink', () => disk.readlink(...args)),
    realpath: (...args) => tap('realpath', () => disk.realpath(...args)),
    readdir: (...args) => tap('readdir', () => disk.readdir(...args)),
    rename: (...args) => tap('rename', () => disk.rename(...args)),
    unlink: (...args) => tap('unlink', () => disk.unlink(...args)),
    mkdir: (...args) => tap('mkdir', () => disk.mkdir(...args)),
    rmdir: (...args) => tap('rmdir', () => disk.rmdir(...args)),
    freeBytes: (...args) => tap('freeBytes', () => disk.freeBytes(...args)),
  };
}
