import { join } from 'node:path';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import type { Liveness, LockBroken, LockKept } from '../model/lock.ts';
import { err, ok, type Result } from '../model/result.ts';
import { errorOf, removeClaim } from './lock-library.ts';
import type { Lookers } from './lock-look.ts';
import { type OwnerRecord, holderOf, livenessOf, lookAt, ownerFileName } from './lock-record.ts';
import { failureOf } from './lock.ts';
import { errorCode, errorWords } from './system-error.ts';

/** What is to be broken, and how far that may go. */
export interface BreakRequest {
  readonly path: HostPath;
  /** `ask` leaves a living holder alone; `kill` ends it. */
  readonly living: 'ask' | 'kill';
  /** Told when a living holder was sent a signal. */
  readonly onSignal: (signal: 'SIGTERM' | 'SIGKILL', pid: number) => void;
}

// A run that is told to end gives its script 15 s, then kills it and releases the lock itself: killed before that, it would leave it running.
const TERM_PATIENCE_MS = 20_000;
// A killed process is gone within milliseconds, unless it hangs in the kernel, as on a disk that does not answer.
const KILL_PATIENCE_MS = 5_000;
const POLL_MS = 20;

/**
 * Takes the record of a dead holder away, or first ends a living one and takes it away on proof of its death. Never a record
 * that nobody can judge. Fails as lock-kept, permission or file-unusable.
 */
export async function breakLock(
  lookers: Lookers,
  request: BreakRequest,
): Promise<Result<LockBroken, Failure>> {
  const look = lookAt(request.path);
  switch (look.state) {
    case 'free':
      return ok(look);
    case 'denied':
      return err({ code: 'permission', path: request.path, why: look.why });
    case 'unknown': {
      const doubt = { about: 'contents', what: look.why } as const;
      return err(kept(request, undefined, { why: 'doubt', doubt }));
    }
    case 'held':
      return await breakHold(lookers, request, look.record);
  }
}

async function breakHold(
  lookers: Lookers,
  request: BreakRequest,
  record: OwnerRecord,
): Promise<Result<LockBroken, Failure>> {
  const liveness = livenessOf(lookers.processes, record);
  switch (liveness.is) {
    case 'unknown':
      return err(kept(request, record, { why: 'doubt', doubt: liveness.doubt }));
    case 'dead':
      return takeAway(request.path, record, 'before');
    case 'alive': {
      if (request.living === 'ask') return err(kept(request, record, { why: 'alive' }));
      const ended = await endHolder(lookers, request, record);
      return ended.ok ? takeAway(request.path, record, ended.value) : ended;
    }
  }
}

/** Ends a living holder, and says by what once its death is proved. */
async function endHolder(
  lookers: Lookers,
  request: BreakRequest,
  record: OwnerRecord,
): Promise<Result<'before' | 'SIGTERM' | 'SIGKILL', Failure>> {
  const startMs = lookers.clock.monotonicMs();
  const steps = [
    ['SIGTERM', TERM_PATIENCE_MS],
    ['SIGKILL', KILL_PATIENCE_MS],
  ] as const;
  let last: 'before' | 'SIGTERM' | 'SIGKILL' = 'before';
  for (const [signal, patienceMs] of steps) {
    const sent = send(lookers, request, { record, signal });
    if (!sent.ok) return sent;
    if (sent.value === 'sent') last = signal;
    const after = await livenessWithin(lookers, record, patienceMs);
    if (after.is === 'dead') return ok(last);
    if (after.is === 'unknown')
      return err(kept(request, record, { why: 'doubt', doubt: after.doubt }));
  }
  const waitedMs = lookers.clock.monotonicMs() - startMs;
  return err(kept(request, record, { why: 'survived', waitedMs }));
}

/** Sends a signal to the holder and to no other: its pid and start are looked up again right before. */
function send(
  { processes }: Lookers,
  { path, onSignal }: BreakRequest,
  { record, signal }: { readonly record: OwnerRecord; readonly signal: 'SIGTERM' | 'SIGKILL' },
): Result<'sent' | 'not-needed', Failure> {
  if (livenessOf(processes, record).is !== 'alive') return ok('not-needed');
  const error = errorOf(() => process.kill(record.pid, signal));
  if (error === null) {
    onSignal(signal, record.pid);
    return ok('sent');
  }
  if (errorCode(error) === 'ESRCH') return ok('not-needed');
  const why = `${signal} to pid ${record.pid}: ${errorWords(error)}`;
  return err({ code: 'permission', path, why });
}

async function livenessWithin(
  { processes, clock }: Lookers,
  record: OwnerRecord,
  patienceMs: number,
): Promise<Liveness> {
  const deadlineMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const liveness = livenessOf(processes, record);
    if (liveness.is !== 'alive' || clock.monotonicMs() >= deadlineMs) return liveness;
    await clock.sleep(POLL_MS);
  }
}

// As a takeover does: the token in the name makes this the end of that very hold, and of none that came after it.
function takeAway(
  lockPath: HostPath,
  record: OwnerRecord,
  ended: 'before' | 'SIGTERM' | 'SIGKILL',
): Result<LockBroken, Failure> {
  const ownerPath = join(lockPath, ownerFileName(record.token));
  const error = errorOf(() => removeClaim({ lockPath, ownerPath }));
  // Gone: it released the lock as it ended, or another run has taken over from it.
  return error === null || errorCode(error) === 'ENOENT'
    ? ok({ state: 'broken', holder: holderOf(record), ended })
    : err(failureOf(lockPath, error));
}

function kept({ path }: BreakRequest, record: OwnerRecord | undefined, because: LockKept): Failure {
  const holder = record === undefined ? undefined : holderOf(record);
  return { code: 'lock-kept', lockPath: path, holder, because };
}
