import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { LockDoubt, LockHolder } from '../model/lock.ts';
import { type Result, err, ok } from '../model/result.ts';
import { failpoint } from './failpoint.ts';
import type { Clock, HeldLock, Lock, LockRequest, Processes } from './host.ts';
import {
  type Claim,
  LOCK_FOLDER_MODE,
  errorOf,
  publishClaim,
  removeClaim,
} from './lock-library.ts';
import {
  type OwnerRecord,
  holderOf,
  livenessOf,
  lookAt,
  ownerFileName,
  readHere,
} from './lock-record.ts';
import { randomHex } from './machine.ts';
import { errorCode, errorWords } from './system-error.ts';

interface Parts {
  readonly processes: Processes;
  readonly clock: Clock;
}

interface Taken {
  readonly held: HeldLock;
  readonly release: () => Promise<void>;
}

/** Who or what is in the way; `holder` is undefined where nobody can say who. */
interface Obstacle {
  readonly holder: LockHolder | undefined;
  readonly doubt: LockDoubt | undefined;
}

/** How one try went. */
type Try =
  | { readonly kind: 'taken'; readonly taken: Taken }
  | ({ readonly kind: 'busy' } & Obstacle)
  | { readonly kind: 'failed'; readonly failure: Failure };

// A waiter looks at the lock this often, at random between the two so that many do not march in step.
const POLL_MIN_MS = 20;
const POLL_MAX_MS = 120;
// A round is lost to somebody who made headway; so many in a row mean a crowd, and then the lock counts as held.
const ROUNDS_MAX = 16;
const TOKEN_BYTES = 16;
const DRAFT_NAME_END = /^\.[0-9a-f]{32}\.draft$/;

// What the file system says when another process was quicker, or swept our draft away.
const BEATEN: ReadonlySet<string | undefined> = new Set(['ENOTEMPTY', 'ENOENT']);
const DENIED: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** The lock of CONTRACT 6: taken from a holder only on proof of its death. Fails as locked, interrupted, permission or file-unusable. */
export function createLock(parts: Parts): Lock {
  return {
    async hold<T>(request: LockRequest, work: (lock: HeldLock) => Promise<T>): Promise<Result<T>> {
      const taken = await take(parts, request);
      if (!taken.ok) return taken;
      failpoint('lock.acquired');
      try {
        return ok(await work(taken.value.held));
      } finally {
        failpoint('lock.before-release');
        await taken.value.release();
      }
    },
  };
}

async function take(parts: Parts, request: LockRequest): Promise<Result<Taken>> {
  const { clock } = parts;
  const startMs = clock.monotonicMs();
  for (let hasWaited = false; ; hasWaited = true) {
    if (request.signal.aborted)
      return err({ code: 'interrupted', signal: reasonOf(request.signal) });
    const tried = await tryOnce(parts, request);
    if (tried.kind === 'failed') return err(tried.failure);
    if (tried.kind === 'taken') return ok(tried.taken);
    const waitedMs = clock.monotonicMs() - startMs;
    const leftMs = request.timeoutMs - waitedMs;
    const { holder, doubt } = tried;
    if (leftMs <= 0)
      return err({ code: 'locked', lockPath: request.path, holder, doubt, waitedMs });
    if (!hasWaited) request.onWait(holder);
    const pollMs = POLL_MIN_MS + Math.random() * (POLL_MAX_MS - POLL_MIN_MS);
    await clock.sleep(Math.min(pollMs, leftMs), request.signal);
  }
}

function reasonOf(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'abort';
}

/** Takes the lock if it is free or its holder provably dead. The rename decides between those who see that together. */
async function tryOnce(parts: Parts, request: LockRequest): Promise<Try> {
  let holder: LockHolder | undefined;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const look = lookAt(request.path);
    if (look.state === 'unknown') return busy(undefined, { about: 'contents', what: look.why });
    if (look.state === 'denied')
      return failed({ code: 'permission', path: request.path, why: look.why });
    if (look.state === 'held') {
      holder = holderOf(look.record);
      const liveness = livenessOf(parts.processes, look.record);
      if (liveness.is === 'alive') return busy(holder, undefined);
      if (liveness.is === 'unknown') return busy(holder, liveness.doubt);
      const ended = endHold(request.path, look.record);
      if (!ended.ok) return failed(ended.error);
    }
    const claim = makeClaim(parts, request);
    if (!claim.ok) return failed(claim.error);
    const tried = await takeClaim(parts, claim.value);
    if (tried !== undefined) return tried;
  }
  return busy(holder, undefined);
}

function busy(holder: LockHolder | undefined, doubt: LockDoubt | undefined): Try {
  return { kind: 'busy', holder, doubt };
}

function failed(failure: Failure): Try {
  return { kind: 'failed', failure };
}

/** Ends the hold of one proved dead. Its token is in the name: of many who try one removes it, and none removes a newer one. */
function endHold(lockPath: string, { token }: OwnerRecord): Result<void> {
  const error = errorOf(() => unlinkSync(join(lockPath, ownerFileName(token))));
  return error === null || errorCode(error) === 'ENOENT'
    ? ok(undefined)
    : err(failureOf(lockPath, error));
}

function makeClaim({ processes, clock }: Parts, request: LockRequest): Result<Claim> {
  const self = processes.identify(process.pid);
  if (self.kind !== 'known') {
    const why = self.kind === 'absent' ? 'no such process' : self.why;
    return err({ code: 'file-unusable', path: `/proc/${process.pid}/stat`, why, what: 'read' });
  }
  const { path: lockPath, command, runId } = request;
  const token = randomHex(TOKEN_BYTES);
  const run = { command, runId, startedAt: clock.now().toISOString() };
  const record: OwnerRecord = { v: 1, token, ...self.value, ...readHere(), ...run };
  const ownerPath = join(lockPath, ownerFileName(token));
  return ok({ lockPath, record, ownerPath, draftPath: `${lockPath}.${token}.draft` });
}

/** Puts the claim in place; undefined when another process was quicker. */
async function takeClaim({ processes }: Parts, claim: Claim): Promise<Try | undefined> {
  const lost = new AbortController();
  let released = false;
  let unlock: () => Promise<void>;
  try {
    makeParent(dirname(claim.lockPath));
    // A release that meets an update halfway is reported as a loss too: it is none.
    unlock = await publishClaim(claim, (cause) => released || lost.abort(cause));
  } catch (thrown) {
    return BEATEN.has(errorCode(thrown)) ? undefined : failed(failureOf(claim.lockPath, thrown));
  }
  errorOf(() => sweepDrafts(claim.lockPath, processes)); // Litter is no reason not to run.
  const owned = () => !released && !lost.signal.aborted && existsSync(claim.ownerPath);
  const release = async () => {
    released = true;
    // The library refuses once it has reported a loss; if our record came back meanwhile, it goes. Whatever else fails here,
    // our end frees the lock, and the work's result matters more.
    await unlock().catch(() => errorOf(() => removeClaim(claim)));
  };
  return { kind: 'taken', taken: { held: { lost: lost.signal, owned }, release } };
}

// One by one: `recursive` says ENOENT where the disk is read-only, as if somebody had been quicker.
function makeParent(path: string): void {
  if (existsSync(path)) return;
  makeParent(dirname(path));
  try {
    mkdirSync(path, { mode: LOCK_FOLDER_MODE });
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
  }
  chmodSync(path, LOCK_FOLDER_MODE); // mkdir heeds the umask
}

/** Removes what died between mkdir and rename. Losing a draft costs its maker one more round, no more; living ones are spared. */
function sweepDrafts(lockPath: string, processes: Processes): void {
  const [parent, name] = [dirname(lockPath), basename(lockPath)];
  const isDraft = (each: string) =>
    each.startsWith(name) && DRAFT_NAME_END.test(each.slice(name.length));
  for (const draft of readdirSync(parent).filter(isDraft)) {
    const look = lookAt(join(parent, draft));
    const isLiving = look.state === 'held' && livenessOf(processes, look.record).is !== 'dead';
    if (!isLiving) rmSync(join(parent, draft), { recursive: true, force: true });
  }
}

/** What a call about the lock threw, as a failure. */
export function failureOf(path: string, thrown: unknown): Failure {
  const why = errorWords(thrown);
  if (DENIED.has(errorCode(thrown))) return { code: 'permission', path, why };
  return { code: 'file-unusable', path, why, what: 'write' };
}
