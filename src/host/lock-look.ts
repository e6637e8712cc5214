import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../model/failure.ts';
import { valueOf } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import type { Liveness, LockReport } from '../model/lock.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Clock, Processes } from './host.ts';
import { type OwnerRecord, holderOf, livenessOf, lookAt, ownerFileName } from './lock-record.ts';
import { readStat } from './processes.ts';
import { errorCode } from './system-error.ts';

/** What a look at the lock needs. */
export interface Lookers {
  readonly processes: Processes;
  readonly clock: Clock;
}

/** The lock and its holder, without taking it. Fails as permission where it may not be looked at. */
export function lookAtLock(
  { processes, clock }: Lookers,
  lockPath: HostPath,
): Result<LockReport, Failure> {
  const look = lookAt(lockPath);
  switch (look.state) {
    case 'free':
      return ok(look);
    case 'denied':
      return err({ code: 'permission', path: lockPath, why: look.why });
    case 'unknown':
      return ok({ state: 'unknown', doubt: { about: 'contents', what: look.why } });
    case 'held': {
      const { record } = look;
      const liveness = livenessOf(processes, record);
      return ok({
        state: 'held',
        holder: holderOf(record),
        liveness,
        processState: processStateOf(record, liveness),
        heartbeatAgeMs: heartbeatAge(clock, lockPath, record),
      });
    }
  }
}

// Where the record is of another boot or namespace, our /proc has nobody or a stranger under its pid.
function processStateOf(record: OwnerRecord, liveness: Liveness): string | undefined {
  const isHere = liveness.is === 'alive' || (liveness.is === 'dead' && liveness.proof === 'ended');
  const stat = isHere ? valueOf(readStat(record.pid)) : undefined;
  return stat?.startTicks === record.startTicks ? stat.state : undefined;
}

function heartbeatAge(clock: Clock, lockPath: string, { token }: OwnerRecord): number | undefined {
  try {
    const { mtimeMs } = statSync(join(lockPath, ownerFileName(token)));
    return Math.max(0, clock.now().getTime() - mtimeMs);
  } catch (thrown) {
    if (errorCode(thrown) === undefined) throw thrown;
    return undefined; // released since
  }
}
