// The two locks that the harness compares: ours, and proper-lockfile by itself as the control.
import { setTimeout as sleep } from 'node:timers/promises';
import { lock as lockPlainly } from 'proper-lockfile';
import { createLock } from '../../../src/host/lock.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { durationMs } from '../../../src/model/duration.ts';
import { lockRequest, parts } from '../../rig/lock-holder.ts';

/** `plain` is the library as its README shows it, with the shortest stale time that it has. */
export type Kind = 'ours' | 'plain';

/** Undefined where the work was done, else why the lock was not had. */
export type Refusal = Failure | { readonly code: string };

/** The library's shortest. */
const PLAIN_STALE_MS = 2000;
/** After so long without a heartbeat the library takes a lock away: it may round times up to a whole second. */
export const PLAIN_TAKES_AFTER_MS = PLAIN_STALE_MS + 1200;
const POLL_MS = 20;
const POLL_SPREAD_MS = 100;

/** Does `work` with the lock held, having waited for it so long at most; `signal` calls the waiting off. */
export async function withLock(
  kind: Kind,
  lockPath: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  work: () => Promise<void>,
): Promise<Refusal | undefined> {
  if (kind === 'plain') return await withPlainLock(lockPath, { timeoutMs, signal }, work);
  const request = lockRequest(lockPath, { timeoutMs: durationMs(timeoutMs), signal });
  const held = await createLock(parts).hold(request, work);
  return held.ok ? undefined : held.error;
}

async function withPlainLock(
  lockPath: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  work: () => Promise<void>,
): Promise<Refusal | undefined> {
  const deadlineMs = performance.now() + timeoutMs;
  let release: (() => Promise<void>) | undefined;
  while (release === undefined) {
    if (signal.aborted) return { code: 'interrupted' };
    try {
      release = await lockPlainly(lockPath, {
        lockfilePath: lockPath,
        realpath: false,
        retries: 0,
        stale: PLAIN_STALE_MS,
        onCompromised: () => undefined, // Its own throws out of a timer; the harness sees what comes of it.
      });
    } catch (thrown) {
      if (performance.now() > deadlineMs) return { code: codeOf(thrown) };
      await sleep(POLL_MS + Math.random() * POLL_SPREAD_MS);
    }
  }
  await work();
  await release().catch(() => undefined); // Lost meanwhile, as the library can be.
  return undefined;
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
}
