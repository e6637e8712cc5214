import type { HeldLock, Host } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { GenerationOutcome } from '../model/generation.ts';
import { layoutOf } from '../model/layout.ts';
import type { Trial } from '../model/trial.ts';
import { err, ok, type Result } from '../model/result.ts';
import { refuseNewerStatus } from '../report/status-file.ts';
import { openCallbacks, type Callbacks } from './callbacks.ts';
import { converge } from './converge.ts';
import { recordGeneration } from './generations.ts';
import { isPartialRun, type HeldRun, type Reconciled, type ReconcileRequest } from './held-run.ts';
import { loadWritten } from './load.ts';
import { blockDigest, quarantine, release } from './quarantine.ts';
import { lookAtStatus, recordStatus, writeStatus } from './status.ts';
import { refuseSuspended } from './suspension.ts';
import { endTrial, isOverdue, openWindow, readTrial } from './trial.ts';
import { loadWanted } from './wanted.ts';

/**
 * Brings the server to its desired state: reads, plans, asks, acts and reads again, all under the lock.
 * Every way to change a server ends here.
 */
export async function reconcile(
  host: Host,
  emit: Emit,
  request: ReconcileRequest,
): Promise<Reconciled> {
  const wanted = await loadWanted(host, request);
  if (!wanted.ok) return await refuseUnwanted({ host, emit, request }, wanted.error);
  const held = await holdLock(host, emit, request, async (lock, { hasWaited }) => {
    // What was read before the wait may be an old wish by now.
    const now = hasWaited ? await loadWanted(host, request) : wanted;
    if (!now.ok) return { failures: [now.error], changed: false };
    const { written, unusable } = now.value;
    const callbacks = callbacksOf({ host, emit, request, lock, written });
    callbacks.recover();
    const run = { host, emit, request, lock, written, callbacks };
    const ended = await convergeAndRecord(run, unusable);
    callbacks.ended(ended);
    return ended;
  });
  return held.ok ? held.value : { failures: [held.error], changed: false };
}

// Nothing can be done, not even what was applied last: that is put on record for whoever watches the status.
async function refuseUnwanted(
  { host, emit, request }: Pick<HeldRun, 'host' | 'emit' | 'request'>,
  failure: Failure,
): Promise<Reconciled> {
  const refused = { failures: [failure], changed: false };
  if (request.keepLast === undefined) return refused;
  const { site, runId, brakes } = request;
  const held = await holdLock(host, emit, request, async () => {
    const looked = await lookAtStatus(host, { site, runId, signal: brakes.stop });
    return looked.ok ? writeStatus(host, site, looked.value.status) : looked;
  });
  if (!held.ok) return { ...refused, failures: [failure, held.error] };
  return held.value.ok ? refused : { ...refused, failures: [failure, held.value.error] };
}

function callbacksOf({
  host,
  emit,
  request,
  lock,
  written,
}: Omit<HeldRun, 'callbacks'>): Callbacks {
  const { site, runId, command, onPosted } = request;
  const { revision, callbacks: receivers } = written.desired;
  const startedAt = host.clock.now().toISOString();
  // A guard that finds nothing to take back has looked at nothing.
  const partial = isPartialRun(request) || request.guard;
  return openCallbacks(host, {
    root: site.root,
    lock,
    run: { runId, command, revision, partial, startedAt },
    receivers,
    onPosted,
    warn: (message) => emit({ type: 'diagnostic', severity: 'warning', message }),
  });
}

type UnderLock<T> = (lock: HeldLock, wait: { readonly hasWaited: boolean }) => Promise<T>;

async function holdLock<T>(
  host: Host,
  emit: Emit,
  { site, command, runId, lockTimeoutMs, brakes }: ReconcileRequest,
  work: UnderLock<T>,
): Promise<Result<T, Failure>> {
  let hasWaited = false;
  const held = await host.lock.hold(
    {
      path: layoutOf(site.root).lock,
      command,
      runId,
      timeoutMs: lockTimeoutMs,
      signal: brakes.stop,
      onWait: (holder) => {
        hasWaited = true;
        emit({ type: 'lock.waiting', holder, timeoutMs: lockTimeoutMs });
      },
    },
    async (lock) => await work(lock, { hasWaited }),
  );
  // Who waits for the lock is interrupted as anybody else: by a signal, or by the run's own deadline.
  const isStopped = !held.ok && held.error.code === 'interrupted' && brakes.stop.aborted;
  return isStopped ? err(brakes.stop.reason as Failure) : held;
}

async function convergeAndRecord(run: HeldRun, unusable: Failure | undefined): Promise<Reconciled> {
  const { host, lock, request } = run;
  const { site } = request;
  const newer = refuseNewerStatus(host.files, layoutOf(site.root).statusFile);
  if (newer !== undefined) return { failures: [newer], changed: false };
  // What is on trial goes back when its time is up, whatever else is to wait.
  const suspended = request.guard ? undefined : refuseSuspended(host, site.root);
  if (suspended !== undefined) return { failures: [suspended], changed: false };
  const open = readTrial(host.files, site.root);
  if (!open.ok) return { failures: [open.error], changed: false };
  const why = trialVerdict(host, request, open.value);
  if (why !== 'go-on') return { failures: why, changed: false };
  const { failures: ofRun, changed, last } = await converge(run);
  const failures = unusable === undefined ? ofRun : [unusable, ...ofRun];
  if (last === undefined || !lock.owned()) return { failures, changed };
  const partial = isPartialRun(request);
  const kept = partial ? ok(undefined) : await keepGeneration(run, ofRun, changed);
  const seen = { site, failures, partial, unusable, ...last };
  const recorded = kept.ok ? recordStatus(host, seen) : kept;
  failpoint('status.written');
  return { failures: recorded.ok ? failures : [...failures, recorded.error], changed };
}

// While something is on trial nothing else is begun, but the way back; the guard comes only when its time is up.
function trialVerdict(
  host: Host,
  { guard, back }: ReconcileRequest,
  open: Trial | undefined,
): 'go-on' | readonly Failure[] {
  if (guard) return open !== undefined && isOverdue(host, open) ? 'go-on' : [];
  if (open === undefined || back !== undefined) return 'go-on';
  return [{ code: 'trial-open', deadline: open.deadline, runId: open.runId }];
}

// What became of this desired state as a whole; what came well through is no longer in quarantine.
async function keepGeneration(
  run: HeldRun,
  failures: readonly Failure[],
  changed: boolean,
): Promise<Result<void, Failure>> {
  const { host, request, written } = run;
  const { root } = request.site;
  const ended = outcomeOf(failures, changed);
  if (ended === undefined) return ok(undefined);
  const settled = await settleTrial(run, ended);
  if (!settled.ok) return settled;
  const outcome = settled.value;
  const kept = recordGeneration(host, written, { root, runId: request.runId, outcome });
  if (!kept.ok || (outcome !== 'good' && outcome !== 'trial')) return kept;
  if (request.back !== undefined) return await quarantinePresent(run);
  return release(host.files, root);
}

// A trial opens its window when its run was verified; it is over when that failed, or when the way back was gone.
async function settleTrial(
  { host, emit, request }: HeldRun,
  outcome: GenerationOutcome,
): Promise<Result<GenerationOutcome, Failure>> {
  const { root } = request.site;
  const read = readTrial(host.files, root);
  if (!read.ok) return read;
  const { value: trial } = read;
  if (trial === undefined) return ok(outcome);
  if (request.trial === undefined || outcome !== 'good') {
    const ended = endTrial(host.files, root);
    return ended.ok ? ok(outcome) : ended;
  }
  const opened = openWindow(host, root, { trial, windowMs: request.trial.windowMs });
  if (!opened.ok) return opened;
  const { deadline, generation } = opened.value;
  const message = `on trial until ${deadline}: bootstrap confirm keeps it, else generation ${generation} returns`;
  emit({ type: 'diagnostic', severity: 'warning', message });
  return ok('trial');
}

// Gone back from by hand: what the files ask for is not tried again as it stands.
async function quarantinePresent({
  host,
  request,
  written,
}: HeldRun): Promise<Result<void, Failure>> {
  const present = await loadWritten(host, request.site);
  if (!present.ok) return ok(undefined);
  const { products } = written.desired;
  const differing = [...present.value.desired.products.values()].filter((spec) => {
    const past = products.get(spec.name);
    if (past === undefined) return false;
    return blockDigest(host, past, written) !== blockDigest(host, spec, present.value);
  });
  const { root } = request.site;
  const reason = `rolled back by hand to ${written.desired.files.join(' + ')}`;
  const reasons = new Map(differing.map(({ name }) => [name, reason]));
  return quarantine(host, present.value, { root, runId: request.runId, reasons });
}

function outcomeOf([first]: readonly Failure[], changed: boolean): GenerationOutcome | undefined {
  if (first === undefined) return 'good';
  if (first.code === 'rolled-back') return 'rolledBack';
  if (first.code === 'blocked' || first.code === 'facts-unreadable') return 'incomplete';
  return changed ? 'failed' : undefined;
}
