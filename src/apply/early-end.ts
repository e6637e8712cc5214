import type { Failure } from '../model/failure.ts';
import type { ApplyContext } from './context.ts';

/** Why nothing new may be started: the lock is no longer ours, or the run was told to stop. Undefined while it may go on. */
export function endsEarly({ brakes, lock, lockPath }: ApplyContext): Failure | undefined {
  if (!lock.owned())
    return { code: 'lock-lost', lockPath, why: 'its owner file is gone or names another run' };
  return brakes.stop.aborted ? (brakes.stop.reason as Failure) : undefined;
}
