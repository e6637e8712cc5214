import {
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { HostPath } from '../model/ids.ts';
import { type OwnerRecord, ownerFileName } from './lock-record.ts';
import { errorCode } from './system-error.ts';

/** One acquisition: the lock's folder, our record in it, and where both are made ready before they are renamed into place. */
export interface Claim {
  readonly lockPath: HostPath;
  readonly record: OwnerRecord;
  readonly ownerPath: string;
  readonly draftPath: string;
}

/** The permission bits of a lock's folder and of the one above: everybody may look who holds it. */
export const LOCK_FOLDER_MODE = 0o755;
const RECORD_MODE = 0o644;
// The library's shortest: a holder that waits for a long script hears within a second that its lock is gone.
const UPDATE_MS = 1000;
// What rmdir says of a folder that another process has moved into, or removed.
const TAKEN_SINCE: ReadonlySet<string | undefined> = new Set(['EEXIST', 'ENOTEMPTY', 'ENOENT']);

/**
 * Puts a claim in place through proper-lockfile; gives back its release. Rejects with ENOTEMPTY where a record stands, with
 * ENOENT where a draft or a folder was removed under way, else with what the file system says.
 */
export async function publishClaim(
  claim: Claim,
  onLost: (cause: Error) => void,
): Promise<() => Promise<void>> {
  const { lock } = await loadLibrary();
  return await lock(claim.lockPath, {
    lockfilePath: claim.lockPath,
    fs: libraryFiles(claim),
    realpath: false,
    retries: 0,
    stale: Infinity, // The library never takes a lock away; lock.ts does, on proof.
    update: UPDATE_MS, // Not left out: half of Infinity would reach setTimeout.
    onCompromised: onLost, // The library's own throws, out of a timer.
  });
}

/**
 * proper-lockfile, loaded when first needed, without its signal listeners. It brings signal-exit, whose listeners end
 * the process where they find no other one left, as in the middle of a SIGINT heard with `once`: signals are the command
 * line's to judge. What signal-exit does as the process exits stays. The bundle has it listen to none to begin with.
 */
async function loadLibrary(): Promise<typeof import('proper-lockfile')> {
  const before = new Set(signalListeners().map(({ listener }) => listener));
  const library = await import('proper-lockfile');
  for (const { signal, listener } of signalListeners()) {
    if (before.has(listener) || listener === ignoreSignal) continue;
    // Node ignores SIGXFSZ, so that a file too large is an EFBIG; without any listener it would from now on be deadly.
    if (signal === 'SIGXFSZ') process.on(signal, ignoreSignal);
    process.off(signal, listener);
  }
  return library;
}

interface SignalListener {
  readonly signal: NodeJS.Signals;
  readonly listener: NodeJS.SignalsListener;
}

function signalListeners(): readonly SignalListener[] {
  const signals = process.eventNames().filter(isSignal);
  return signals.flatMap((signal) =>
    process.listeners(signal).map((listener) => ({ signal, listener })),
  );
}

function isSignal(name: string | symbol): name is NodeJS.Signals {
  return typeof name === 'string' && name.startsWith('SIG');
}

function ignoreSignal(): void {}

type Done = (error: Error | null) => void;
type StatDone = (error: Error | null, stats: { readonly mtime: Date }) => void;

/**
 * The file calls that the library makes, made about our record instead of the folder: the folder appears with the record in
 * it, the heartbeat goes to the record, and a release removes nothing but the record. The library calls a lock lost when a
 * time is not the one it wrote; it is told that one, so that only a missing record is a loss. None of them is left to other
 * threads: to start those takes longer than all of these calls.
 */
function libraryFiles(claim: Claim) {
  let written = new Date(0);
  const rmdirSync = () => removeClaim(claim);
  return {
    mkdir: (_path: string, done: Done) => done(errorOf(() => renameIntoPlace(claim))),
    stat: (_path: string, done: StatDone) =>
      done(
        errorOf(() => statSync(claim.ownerPath)),
        { mtime: written },
      ),
    utimes: (_path: string, atime: Date, mtime: Date, done: Done) => {
      const error = errorOf(() => utimesSync(claim.ownerPath, atime, mtime));
      if (error === null) written = mtime;
      done(error);
    },
    rmdir: (_path: string, done: Done) => done(errorOf(rmdirSync)),
    rmdirSync, // called as the process exits with the lock held
  };
}

/** rename(2) replaces an empty folder, and no other: the lock never stands without its record, and only one claim gets in. */
function renameIntoPlace({ lockPath, record, draftPath }: Claim): void {
  try {
    mkdirSync(draftPath, { mode: LOCK_FOLDER_MODE });
    const text = `${JSON.stringify(record)}\n`;
    // Flushed: a record torn by a power cut could never be judged, and would hold the lock for good.
    const options = { flag: 'wx', mode: RECORD_MODE, flush: true };
    writeFileSync(join(draftPath, ownerFileName(record.token)), text, options);
    renameSync(draftPath, lockPath);
  } catch (thrown) {
    rmSync(draftPath, { recursive: true, force: true });
    // XFS says EEXIST, on which the library would look at the folder's age.
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
    throw Object.assign(new Error('the lock is held', { cause: thrown }), { code: 'ENOTEMPTY' });
  }
}

/** Removes a record, ours or that of one proved dead, then the folder where nobody else moved in. Throws ENOENT where the record was not there any more. */
export function removeClaim({ lockPath, ownerPath }: Pick<Claim, 'lockPath' | 'ownerPath'>): void {
  unlinkSync(ownerPath);
  try {
    rmdirSync(lockPath);
  } catch (thrown) {
    if (!TAKEN_SINCE.has(errorCode(thrown))) throw thrown;
  }
}

/** What a call threw, or null: Node's way to hand an error on. */
export function errorOf(call: () => void): Error | null {
  try {
    call();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
