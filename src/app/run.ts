import { endOfRun, NO_TALLY, tally, type RunEnd } from '../core/tally.ts';
import type { Host } from '../host/host.ts';
import type { Emit, EventBody, Sink } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { startCourier, type Courier } from './courier.ts';
import { LAST_WAIT_MS } from './flush.ts';
import { isPartialRun, type ReconcileRequest } from './held-run.ts';
import { reconcile } from './reconcile.ts';

/** How a run is told of and ended. */
export interface RunRequest extends Omit<ReconcileRequest, 'onPosted'> {
  readonly detailedExitCode: boolean;
  readonly sinks: readonly Sink[];
  /** Called before the end is told, so that what it means for the next run is on record by then; returns what is to be said of that. */
  readonly onEnd: (failures: readonly Failure[]) => readonly string[];
  /** Who delivers what receivers are told; undefined: the run sees to that itself, and waits a little for it at its end. */
  readonly courier: Courier | undefined;
}

/** One run from its first event to its last: reconciles, records the status, has the receivers told, names the exit code. */
export async function runApply(host: Host, request: RunRequest): Promise<RunEnd> {
  const startedMs = host.clock.monotonicMs();
  let seq = 0;
  let sum = NO_TALLY;
  const emit: Emit = (body: EventBody) => {
    sum = tally(sum, body);
    seq += 1;
    for (const sink of request.sinks)
      sink({ ...body, seq, time: host.clock.now(), runId: request.runId });
  };
  emit({ type: 'run.started', command: request.command, root: request.site.root });
  const courier = request.courier ?? ownCourier(host, request);
  const { failures, changed } = await reconcile(host, emit, {
    ...request,
    onPosted: () => courier.wake(),
  });
  const outlook = request.onEnd(failures);
  // What receivers take is no part of how long the run took.
  const durationMs = host.clock.monotonicMs() - startedMs;
  // Also for what runs before this one could not deliver.
  courier.wake();
  const undelivered = request.courier === undefined ? await courier.finish(LAST_WAIT_MS) : [];
  for (const message of [...undelivered, ...outlook])
    emit({ type: 'diagnostic', severity: 'warning', message });
  const end = endOfRun(failures, { changed, detailed: request.detailedExitCode });
  const partial = isPartialRun(request);
  emit({ type: 'run.finished', ...end, partial, counts: sum.counts, durationMs });
  return end;
}

function ownCourier(host: Host, { site, runId }: RunRequest): Courier {
  return startCourier(host, {
    site,
    runId,
    wakesItself: false,
    // There is no other time for it.
    countsCutOff: true,
    warn: () => {},
    onBug: () => {},
  });
}
