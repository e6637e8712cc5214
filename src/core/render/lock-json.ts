import type { LockBroken, LockDoubt, LockReport } from '../../model/lock.ts';

/** What `lock show` and `lock break` print with `--format json`. */
export type LockDocument = { readonly schema: 'bootstrap.lock/1' } & Readonly<
  Record<string, unknown>
>;

/** The JSON twin of `renderLock`; null where there is nothing to say. Ages are in whole milliseconds. */
export function lockDocument(report: LockReport, lockPath: string): LockDocument {
  const head = { schema: 'bootstrap.lock/1', path: lockPath, state: report.state } as const;
  switch (report.state) {
    case 'free':
      return { ...head, ...NOTHING_HELD, reason: null };
    case 'unknown':
      return { ...head, ...NOTHING_HELD, reason: doubtDocument(report.doubt) };
    case 'held': {
      const { holder, liveness, processState, heartbeatAgeMs } = report;
      return {
        ...head,
        holder,
        processState: processState ?? null,
        heartbeatAgeMs: heartbeatAgeMs === undefined ? null : Math.round(heartbeatAgeMs),
        verdict: liveness.is,
        reason: reasonOf(liveness),
      };
    }
  }
}

const NOTHING_HELD = { holder: null, processState: null, heartbeatAgeMs: null, verdict: null };

function reasonOf(
  liveness: Extract<LockReport, { readonly state: 'held' }>['liveness'],
): object | null {
  switch (liveness.is) {
    case 'alive':
      return null;
    case 'dead':
      return { code: liveness.proof, message: null };
    case 'unknown':
      return doubtDocument(liveness.doubt);
  }
}

function doubtDocument(doubt: LockDoubt): object {
  const message = 'what' in doubt ? doubt.what : 'why' in doubt ? doubt.why : null;
  return { code: doubt.about, message };
}

/** The JSON twin of `renderBroken`: the lock as it is now, and whose it was. */
export function brokenDocument(broken: LockBroken, lockPath: string): LockDocument {
  const head = { schema: 'bootstrap.lock/1', path: lockPath, state: 'free' } as const;
  return broken.state === 'free'
    ? { ...head, broken: null }
    : { ...head, broken: { holder: broken.holder, ended: broken.ended } };
}
