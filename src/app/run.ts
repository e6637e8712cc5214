import { endOfRun, NO_TALLY, tally, type RunEnd } from '../core/tally.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import type { Emit, EventBody, Sink } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { sendCallbacks } from '../report/callback.ts';
import { isPartialRun, type Reconciled, type ReconcileRequest } from './held-run.ts';
import { reconcile } from './reconcile.ts';

/** How a run is told of and ended. */
export interface RunRequest extends ReconcileRequest {
  readonly detailedExitCode: boolean;
  readonly sinks: readonly Sink[];
  /** Called before the end is told, so that what it means for the next run is on record by then; returns what is to be said of that. */
  readonly onEnd: (failures: readonly Failure[]) => readonly string[];
  /** What the receivers were told last; the same once more is no news. */
  readonly told: string | undefined;
}

/** One run from its first event to its last: reconciles, records the status, tells the receivers, names the exit code. */
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
  const reconciled = await reconcile(host, emit, request);
  const { failures, changed } = reconciled;
  const outlook = request.onEnd(failures);
  const warnings = [...(await tell(host, request, reconciled)), ...outlook];
  for (const message of warnings) emit({ type: 'diagnostic', severity: 'warning', message });
  const end = endOfRun(failures, { changed, detailed: request.detailedExitCode });
  const durationMs = host.clock.monotonicMs() - startedMs;
  const partial = isPartialRun(request);
  emit({ type: 'run.finished', ...end, partial, counts: sum.counts, durationMs });
  return end;
}

// Only what happened is told: a run that found nothing to do, or was not confirmed, is no news.
async function tell(
  host: Host,
  { told }: RunRequest,
  { desired, failures, changed }: Reconciled,
): Promise<readonly string[]> {
  const [first] = failures;
  if (desired === undefined || (!changed && first === undefined) || first?.code === 'unconfirmed')
    return [];
  const message = messageOf(failures);
  if (!changed && message === told) return [];
  const status = first === undefined ? 'valid' : 'invalid';
  return await sendCallbacks(host.net, desired.callbacks, { status, message });
}

/** How a run ended, on one line, for a receiver. */
export function messageOf(failures: readonly Failure[]): string {
  return failures.length === 0 ? 'applied' : failures.map(renderFailureLine).join('; ');
}
