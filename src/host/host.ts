import type { DurationMs } from '../model/duration.ts';
import type { LikelyText } from '../model/expected.ts';
import type { Fact } from '../model/fact.ts';
import type { Failure, ScriptEnd } from '../model/failure.ts';
import type { ProcessIdentity } from '../model/heartbeat.ts';
import type { HostPath } from '../model/ids.ts';
import type { LockHolder } from '../model/lock.ts';
import type { Result } from '../model/result.ts';
import type { Net } from './network.ts';
import type { Supervisor } from './supervisor.ts';
import type { Watcher } from './watching.ts';

/** Every effect the engine can have, by noun. Nothing above this folder reaches the machine otherwise. */
export interface Host {
  readonly clock: Clock;
  readonly files: Files;
  readonly watcher: Watcher;
  readonly runner: Runner;
  readonly processes: Processes;
  readonly orphans: Orphans;
  readonly net: Net;
  readonly lock: Lock;
  readonly machine: Machine;
  readonly crypto: Crypto;
  readonly supervisor: Supervisor;
}

/** This machine, and who we are on it. */
export interface Machine {
  hostname(): string;
  /** The user we act as, by name; by number where it has none. */
  userName(): string;
  /** The home folder of the user we act as. */
  homeFolder(): string;
  /** A variable of the environment we were started in. */
  environment(name: string): string | undefined;
  /** The number of a user of /etc/passwd (passwd(5)); a number is its own. */
  userId(name: string): Fact<number>;
  /** The number of a group of /etc/group (group(5)); a number is its own. */
  groupId(name: string): Fact<number>;
  /** Whether what this process writes there goes straight to the journal (systemd.exec(5), $JOURNAL_STREAM). */
  isJournal(stream: 'stdout' | 'stderr'): boolean;
}

/** Digests and randomness. */
export interface Crypto {
  /** The SHA-256 of a text's UTF-8, in hex. */
  sha256(text: string): string;
  /** The HMAC-SHA-256 of a text's UTF-8, in hex. */
  hmacSha256(key: string, text: string): string;
  /** The HMAC-SHA-256 of bytes. */
  hmacSha256Of(data: Uint8Array, options: HmacOptions): string;
  /** Whether two texts are the same, in a time that tells nothing of where they differ. */
  sameText(one: string, other: string): boolean;
  /** So many random bytes, in hex. */
  randomHex(bytes: number): string;
  /** A random number from 0 up to, but not including, 1: for pauses that should not fall together, not for secrets. */
  random(): number;
  /** The CRC-32 of a text's UTF-8 (that of gzip, RFC 1952), as 8 hex digits: against damage, not against anybody. */
  crc32(text: string): string;
}

/** What bytes are signed with, and how the signature is written. */
export interface HmacOptions {
  readonly key: Uint8Array;
  readonly encoding: 'hex' | 'base64';
}

/** Time. Waits and durations use the monotonic clock, which no NTP step moves. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some fixed moment; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a path leads to; symbolic links are followed. */
export interface FileInfo {
  readonly type: 'file' | 'folder' | 'other';
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, sticky and set-id bits included. */
  readonly mode: number;
  readonly size: number;
  /** When its content was last changed, by the wall clock, in milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/** Whose a file is to be, and its permission bits; undefined: as it is, or would be. */
export interface FileAccess {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly modeBits: number | undefined;
}

/** How a file is put in place. */
export interface ReplaceOptions {
  /** Permission bits of a new file; an existing one keeps its own, and its owner. */
  readonly modeBits: number;
  /** Over what a new file would get, and an existing one has. */
  readonly access?: FileAccess;
}

/** A file as it is to be. */
export interface FileWrite extends ReplaceOptions {
  readonly path: HostPath;
  /** As bytes where it is in UTF-8 already. */
  readonly text: string | Uint8Array;
}

/** Files, synchronous and small on purpose (DESIGN.md, "Why state I/O is synchronous"), but for what many products wait for at a time. */
export interface Files {
  /** The whole file as UTF-8; unreadable where it is not UTF-8, too large, or may not be read. */
  read(path: HostPath): Fact<string>;
  /** As `read`; quicker where nothing is there, slower where something is. */
  readRare(path: HostPath): Fact<string>;
  /** As `read`; gives back `likely` itself where the file holds that text, and makes none of its bytes. */
  readLikely(path: HostPath, likely: LikelyText): Fact<string>;
  /** The first bytes of a file; fewer when it is shorter. */
  readHead(path: HostPath, bytes: number): Fact<Buffer>;
  /** Names in a folder, sorted. */
  list(path: HostPath): Fact<readonly string[]>;
  inspect(path: HostPath): Fact<FileInfo>;
  /** The path with every symbolic link followed. */
  resolve(path: HostPath): Fact<HostPath>;
  /** Makes the file hold `text`, durably and whole or not at all; writes nothing where it holds it already, with this access. */
  replace(path: HostPath, text: FileWrite['text'], options: ReplaceOptions): Result<void, Failure>;
  /**
   * As `replace`, of many files beside whatever else is done, missing folders made first. Each wave is on disk before the first name of
   * the next one changes; of one wave a power cut may leave any part. Where one cannot be written, nothing of a later wave is.
   */
  replaceAll(waves: readonly (readonly FileWrite[])[]): Promise<Result<void, Failure>>;
  /** Writes `text` to a new file beside `path`, 0600, and says where; the caller removes it. */
  writeBeside(path: HostPath, text: string): Result<HostPath, Failure>;
  /** Makes a new log, 0600, and its folder where that is missing; both are on disk when this returns. Refuses a path where something is. */
  createLog(path: HostPath): Result<AppendLog, Failure>;
  remove(path: HostPath): Result<void, Failure>;
  /** Renames a file within its folder; false where it is not there. Of several who try at a time one succeeds. */
  move(from: HostPath, to: HostPath): Result<boolean, Failure>;
  /** Renames a file or folder to `NAME.damaged`, numbered where that is taken, and says where it is now. */
  setAside(path: HostPath): Result<HostPath, Failure>;
  /** Removes a folder; one that is not there, or holds anything, is left as it is. */
  removeEmptyFolder(path: HostPath): Result<void, Failure>;
  /** Removes a folder with all that is in it, no link followed; one that is not there is removed already. */
  removeTree(path: HostPath): Result<void, Failure>;
  /** Makes the folder and the ones above it. */
  makeFolder(path: HostPath): Result<void, Failure>;
  /** What may still be written on the disk of this path, in bytes: there or not, the nearest folder above it counts. */
  freeBytes(path: HostPath): Fact<number>;
  /** Writes `text` to a new file of this name, 0600, alone in a temporary folder, 0700, and says where; the caller removes it with `removePrivate`. */
  writePrivate(name: string, text: string): Result<HostPath, Failure>;
  /** Removes what `writePrivate` made, with its folder and all that is in there, if it is still there; refuses any other path. */
  removePrivate(path: HostPath): Result<void, Failure>;
}

/** A file that only grows, line by line, written by one process. */
export interface AppendLog {
  /** Adds a line, whole or not at all; it, and all before it, is on disk when this resolves. What is given meanwhile goes together. Once a line has failed, so does every later one. */
  append(line: string): Promise<Result<void, Failure>>;
  /** Nothing is written after this; harmless when repeated. */
  close(): Promise<void>;
}

/** How a program is to be run. */
export interface RunRequest {
  /** The program and its arguments; never a shell line. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  readonly timeoutMs: DurationMs;
  /** Aborted: SIGTERM to the process group. */
  readonly terminate?: AbortSignal;
  /** Aborted: SIGKILL to the process group. */
  readonly kill?: AbortSignal;
  /** Called once the program runs, with what tells it apart; never where it could not be started. */
  readonly onStart?: (leader: ProcessIdentity) => void;
  /** Gets each whole line, control characters escaped, up to the cap on output. */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Texts that nobody may see: `***` wherever they would show, also as base64, in a URL or in JSON. Not in a kept stdout. */
  readonly mask?: readonly string[];
  /** Keep stdout as it is, for a program whose answer is read (a probe-script). */
  readonly keepStdout?: boolean;
  /** How much of it is kept; 1 MiB where this is left out. */
  readonly stdoutBytesMax?: number | undefined;
}

/** How a program ended. */
export interface RunReport {
  readonly end: { readonly how: 'exit'; readonly exitCode: 0 } | ScriptEnd;
  readonly durationMs: number;
  /** The last lines of both streams, escaped, for a failure's message. */
  readonly tail: readonly string[];
  /** With `keepStdout`, stdout up to its cap; else ''. */
  readonly stdout: string;
  /** Bytes of output beyond the cap, read and dropped. */
  readonly droppedBytes: number;
}

/** Programs: own process group, time limit, output capped and streamed (CONTRACT 5, "Scripts"). */
export interface Runner {
  run(request: RunRequest): Promise<RunReport>;
  /** Starts a program that outlives this one, and that nobody waits for. */
  startDetached(argv: readonly [string, ...string[]]): Promise<Result<void, Failure>>;
}

/** Who is running. */
export interface Processes {
  /** The process with this pid: absent when there is none or it is a zombie. */
  identify(pid: number): Fact<ProcessIdentity>;
  /** The user this process acts as, with its groups: for permission checks. */
  self(): { readonly uid: number; readonly gid: number };
  /** Whether this process is the one that its terminal listens to; false without a terminal, true where nobody can say. */
  isInForeground(): boolean;
}

/** Scripts that outlived the engine that started them. */
export interface Orphans {
  /** Waits for one, and ends it when its time is up; false where it is still there. */
  settle(request: OrphanRequest): Promise<boolean>;
  /** The leader of a script that a run started, by its path and what its environment says; undefined where there is none. */
  find(script: ScriptSought): ProcessIdentity | undefined;
}

/** A script that outlived its engine. */
export interface OrphanRequest {
  readonly leader: ProcessIdentity;
  /** How long it may run in all. */
  readonly timeoutMs: DurationMs;
  /** Aborted: it is waited for no longer. */
  readonly signal: AbortSignal;
}

/** What is known of a script of a run whose process is not. */
export interface ScriptSought {
  readonly path: HostPath;
  readonly args: readonly string[];
  readonly runId: string;
  readonly product: string;
}

/** How the lock is taken. */
export interface LockRequest {
  readonly path: HostPath;
  readonly command: string;
  readonly runId: string;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  /** Called once, when the lock turns out to be held and there is time to wait. */
  readonly onWait: (holder: LockHolder | undefined) => void;
}

/** The lock, while held. */
export interface HeldLock {
  /** Aborted when the lock was lost: nothing may be written from then on. */
  readonly lost: AbortSignal;
  /** True while the lock is provably ours, looked up afresh; asked before each side effect. */
  owned(): boolean;
}

/** One run at a time (CONTRACT 6). */
export interface Lock {
  /** Runs `work` with the lock held, and releases it whatever happens. */
  hold<T>(request: LockRequest, work: (lock: HeldLock) => Promise<T>): Promise<Result<T, Failure>>;
}
