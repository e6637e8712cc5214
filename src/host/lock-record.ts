import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Fact } from '../model/fact.ts';
import type { ProcessIdentity } from '../model/heartbeat.ts';
import { parseJsonObject } from '../model/json-object.ts';
import type { DeathProof, Liveness, LockDoubt, LockHolder } from '../model/lock.ts';
import type { Processes } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';

/** What stands in the lock folder while the lock is held: its holder, told apart from every other process. */
export interface OwnerRecord extends LockHolder {
  readonly v: 1;
  /** Unique to one acquisition, and part of the record's file name: removing that file claims this very hold. */
  readonly token: string;
  /** Undefined on systems without /etc/machine-id. */
  readonly machineId: string | undefined;
  /** Whose clock `startTicks` is of (time_namespaces(7)). Undefined on a kernel before 5.6, which has but one. */
  readonly timeNs: string | undefined;
}

/** Where this process runs; '' where that cannot be read, which proves nothing about anybody. */
export type Here = Pick<OwnerRecord, 'bootId' | 'pidNs' | 'machineId' | 'timeNs'>;

/**
 * What stands at the path of a lock. `unknown`: something that no holder of ours left there; `denied`: it may not be looked at.
 */
export type Look =
  | { readonly state: 'free' }
  | { readonly state: 'held'; readonly record: OwnerRecord }
  | { readonly state: 'unknown' | 'denied'; readonly why: string };

/** Who holds a lock, for those who do not take it. */
export type HolderLook =
  | { readonly state: 'free' }
  | { readonly state: 'held'; readonly holder: LockHolder; readonly liveness: Liveness }
  | { readonly state: 'unknown'; readonly why: string };

const OWNER_FILE = /^owner\.([0-9a-f]{16,64})\.json$/;
// A record has some 400 bytes; whatever is much larger is not ours, and is not read.
const RECORD_BYTES_MAX = 64 * 1024;
const FREE: Look = { state: 'free' };

/** Who holds the lock, without taking it. Unreadable and foreign things are `unknown` with the reason, never `free`. */
export function readHolder(processes: Processes, lockPath: string): HolderLook {
  const look = lookAt(lockPath);
  switch (look.state) {
    case 'free':
      return look;
    case 'held': {
      const liveness = livenessOf(processes, look.record);
      return { state: 'held', holder: holderOf(look.record), liveness };
    }
    case 'unknown':
    case 'denied':
      return { state: 'unknown', why: look.why };
  }
}

/** What stands at `lockPath` now. A missing or empty folder, or a record that went while it was read, is `free`. */
export function lookAt(lockPath: string): Look {
  try {
    const names = readdirSync(lockPath);
    const [name] = names;
    if (name === undefined) return FREE;
    const stranger = names.find((each) => !OWNER_FILE.test(each));
    if (stranger !== undefined) return unknown(`it holds ${JSON.stringify(stranger)}`);
    if (names.length > 1) return unknown(`it holds ${names.length} records`);
    return readRecord(join(lockPath, name), OWNER_FILE.exec(name)?.[1]);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'ENOENT') return FREE;
    const why = errorWords(thrown);
    return code === 'EACCES' || code === 'EPERM' ? { state: 'denied', why } : unknown(why);
  }
}

function readRecord(path: string, token: string | undefined): Look {
  const info = lstatSync(path); // A pipe with the right name must not block us, nor a link lead us elsewhere.
  if (!info.isFile() || info.size > RECORD_BYTES_MAX)
    return unknown(`its ${basename(path)} is no record of a lock`);
  const record = parseRecord(readFileSync(path, 'utf8'));
  if (record === undefined || record.token !== token)
    return unknown(`its ${basename(path)} is no record of a lock`);
  return { state: 'held', record };
}

/** Whether the holder that a record names lives, as seen from this process. */
export function livenessOf(processes: Processes, record: OwnerRecord): Liveness {
  return judge(record, readHere(), processes.identify(record.pid));
}

/**
 * Whether a holder lives, given what our namespace has under its pid. Never by age: a stopped process, a blocked one and one
 * under a clock that jumped look old, and are not dead.
 */
export function judge(record: OwnerRecord, here: Here, found: Fact<ProcessIdentity>): Liveness {
  if (record.bootId === '' || here.bootId === '') return doubtful({ about: 'boot' });
  // Another boot of this machine ended the holder; of another machine, which shares the folder, it says nothing.
  if (record.bootId !== here.bootId)
    return record.machineId === here.machineId ? dead('rebooted') : doubtful({ about: 'machine' });
  if (record.pidNs === '' || record.pidNs !== here.pidNs)
    return doubtful({ about: 'pid-namespace' });
  switch (found.kind) {
    case 'known':
      // Every time namespace counts from a start of its own: another number there is not another process.
      if (record.timeNs !== here.timeNs) return doubtful({ about: 'time-namespace' });
      return found.value.startTicks === record.startTicks ? { is: 'alive' } : dead('pid-reused');
    case 'absent':
      return dead('ended');
    case 'unreadable':
      return doubtful({ about: 'process', why: found.why });
  }
}

function dead(proof: DeathProof): Liveness {
  return { is: 'dead', proof };
}

function doubtful(doubt: LockDoubt): Liveness {
  return { is: 'unknown', doubt };
}

/** This boot, pid and time namespace and machine (proc(5), namespaces(7), random(4), machine-id(5)). */
export function readHere(): Here {
  // A /proc of another pid namespace (unshare without a new mount) shows strangers under our pids.
  const isOwnProc = readOr('', () => readlinkSync('/proc/self')) === String(process.pid);
  return {
    bootId: readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNs: isOwnProc ? readOr('', () => readlinkSync('/proc/self/ns/pid')) : '',
    machineId: readOr(undefined, () => readFileSync('/etc/machine-id', 'utf8').trim()),
    timeNs: readOr(undefined, () => readlinkSync('/proc/self/ns/time')),
  };
}

function readOr<T>(otherwise: T, read: () => string): string | T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** The name of the file that holds a record. */
export function ownerFileName(token: string): string {
  return `owner.${token}.json`;
}

/** A record from its text, or undefined where the text is none of ours. */
export function parseRecord(text: string): OwnerRecord | undefined {
  const fields = parseJsonObject(text);
  if (fields?.['v'] !== 1) return undefined;
  const { token, pid, startTicks, bootId, pidNs, machineId, timeNs } = fields;
  const { command, runId, startedAt } = fields;
  if (!isCount(pid) || pid === 0 || !isCount(startTicks)) return undefined; // kill(0) would mean our own group
  if (!isText(token) || !isText(bootId) || !isText(pidNs)) return undefined;
  if (!isText(command) || !isText(runId) || !isText(startedAt)) return undefined;
  if (machineId !== undefined && !isText(machineId)) return undefined;
  if (timeNs !== undefined && !isText(timeNs)) return undefined;
  const where = { bootId, pidNs, machineId, timeNs };
  return { v: 1, token, pid, startTicks, ...where, command, runId, startedAt };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The holder that a record names, without what only the lock itself needs. */
export function holderOf({
  pid,
  startTicks,
  bootId,
  pidNs,
  command,
  runId,
  startedAt,
}: OwnerRecord): LockHolder {
  return { pid, startTicks, bootId, pidNs, command, runId, startedAt };
}

function unknown(why: string): Look {
  return { state: 'unknown', why };
}
