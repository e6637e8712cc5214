import type { Host } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { isPartial } from '../model/plan.ts';
import { refuseNewerStatus } from '../report/status-file.ts';
import { converge } from './converge.ts';
import type { HeldRun, Reconciled, ReconcileRequest } from './held-run.ts';
import { loadWritten } from './load.ts';
import { recordStatus } from './status.ts';

/**
 * Brings the server to its desired state: reads, plans, asks, acts and reads again, all under the lock.
 * Every way to change a server ends here.
 */
export async function reconcile(
  host: Host,
  emit: Emit,
  request: ReconcileRequest,
): Promise<Reconciled> {
  const { site, brakes } = request;
  const written = await loadWritten(host, site);
  if (!written.ok) return { desired: undefined, failures: [written.error], changed: false };
  let hasWaited = false;
  const held = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command: request.command,
      runId: request.runId,
      timeoutMs: request.lockTimeoutMs,
      signal: brakes.stop,
      onWait: (holder) => {
        hasWaited = true;
        emit({ type: 'lock.waiting', holder, timeoutMs: request.lockTimeoutMs });
      },
    },
    async (lock) => {
      // What was read before the wait may be an old wish by now.
      const now = hasWaited ? await loadWritten(host, site) : written;
      if (!now.ok) return { failures: [now.error], changed: false };
      return await convergeAndRecord({ host, emit, request, lock, written: now.value });
    },
  );
  const { desired } = written.value;
  if (held.ok) return { desired, ...held.value };
  // Who waits for the lock is interrupted as anybody else: by a signal, or by the run's own deadline.
  const isStopped = held.error.code === 'interrupted' && brakes.stop.aborted;
  const failure = isStopped ? (brakes.stop.reason as Failure) : held.error;
  return { desired, failures: [failure], changed: false };
}

async function convergeAndRecord(run: HeldRun): Promise<Pick<Reconciled, 'failures' | 'changed'>> {
  const { host, lock, request } = run;
  const { site } = request;
  const newer = refuseNewerStatus(host.files, layoutOf(site.root).statusFile);
  if (newer !== undefined) return { failures: [newer], changed: false };
  const { failures, changed, last } = await converge(run);
  if (last === undefined || !lock.owned()) return { failures, changed };
  const partial = isPartial(request.asked.selection);
  const recorded = recordStatus(host, { site, failures, partial, ...last });
  failpoint('status.written');
  return { failures: recorded.ok ? failures : [...failures, recorded.error], changed };
}
