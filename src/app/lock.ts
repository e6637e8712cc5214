import { breakLock } from '../host/lock-break.ts';
import { lookAtLock } from '../host/lock-look.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import type { LockBroken, LockReport } from '../model/lock.ts';
import type { Result } from '../model/result.ts';
import type { Site } from './site.ts';

/** Who holds the lock of a server, and whether it lives. Nothing is locked, nothing is changed. */
export function showLock(host: Host, { root }: Site): Result<LockReport, Failure> {
  return lookAtLock(host, layoutOf(root).lock);
}

/** How far breaking a lock may go, and who is told of it. */
export interface LockBreaking {
  readonly living: 'ask' | 'kill';
  readonly onSignal: (signal: 'SIGTERM' | 'SIGKILL', pid: number) => void;
}

/** Frees the lock of a server from a holder that is dead, or is ended first; never without that proof. */
export async function freeLock(
  host: Host,
  { root }: Site,
  breaking: LockBreaking,
): Promise<Result<LockBroken, Failure>> {
  return await breakLock(host, { path: layoutOf(root).lock, ...breaking });
}
