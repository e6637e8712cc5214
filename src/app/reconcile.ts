import { renderFailureLine } from '../core/render/failure-text.ts';
import { trialText } from '../core/render/trial-text.ts';
import { holdProgram } from '../host/hold-program.ts';
import type { HeldLock, Host } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { GenerationOutcome } from '../model/generation.ts';
import { layoutOf } from '../model/layout.ts';
import type { Trial } from '../model/trial.ts';
import { err, ok, type Result } from '../model/result.ts';
import { refuseNewerStatus } from '../report/status-file.ts';
import { openCallbacks, type Callbacks, type CallbacksEnd } from './callbacks.ts';
import { keepCompiled } from './compiled.ts';
import { converge } from './converge.ts';
import { recordGeneration } from './generations.ts';
import { isPartialRun, type HeldRun, type ReconcileRequest } from './held-run.ts';
import { provesWhole } from './last-look.ts';
import { loadWritten } from './load.ts';
import { blockDigest, quarantine, release } from './quarantine.ts';
import type { Reconciled } from './reconciled.ts';
import { settleRestarts } from './restarts.ts';
import { lookAtStatus, recordStatus, writeStatus } from './status.ts';
import { refuseSuspended } from './suspension.ts';
import { claimReturn, endTrial, isOverdue, openTrial, openWindow, readTrial } from './trial.ts';
import { accept } from './trust.ts';
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
  return openCallbacks(host, {
    root: site.root,
    lock,
    run: { runId, command, revision, startedAt },
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
        // Who is waited for may be upgrading bootstrap.
        holdProgram();
        emit({ type: 'lock.waiting', holder, timeoutMs: lockTimeoutMs });
      },
    },
    async (lock) => await work(lock, { hasWaited }),
  );
  // Who waits for the lock is interrupted as anybody else: by a signal, or by the run's own deadline.
  const isStopped = !held.ok && held.error.code === 'interrupted' && brakes.stop.aborted;
  return isStopped ? err(brakes.stop.reason as Failure) : held;
}

async function convergeAndRecord(
  run: HeldRun,
  unusable: Failure | undefined,
): Promise<CallbacksEnd> {
  const { host, lock, request } = run;
  const { site } = request;
  const newer = refuseNewerStatus(host.files, layoutOf(site.root).statusFile);
  if (newer !== undefined) return notBegun(newer);
  // What is on trial goes back when its time is up, whatever else is to wait.
  const suspended = request.guard ? undefined : refuseSuspended(host, site.root);
  if (suspended !== undefined) return notBegun(suspended);
  const open = openTrial(host.files, site.root);
  const verdict = open.ok ? trialVerdict(host, request, open.value) : open;
  if (!verdict.ok) return notBegun(verdict.error);
  if (verdict.value === 'settled') return notBegun();
  const { failures: ofRun, changed, last } = await converge(run);
  const failures = unusable === undefined ? [...ofRun] : [unusable, ...ofRun];
  if (last === undefined || !lock.owned()) return { failures, changed, isWhole: false };
  const partial = isPartialRun(request);
  const isWhole = !partial || (ofRun.length === 0 && provesWhole(last));
  const kept = await keep(run, { failures: ofRun, changed, isWhole });
  const settled = kept.ok ? settleRestarts(run, last.beats) : kept;
  if (settled.ok && failures.length === 0) failures.push(...acceptCommit(run));
  const trial = kept.ok ? kept.value : undefined;
  const seen = { site, failures, partial, unusable, trial, ...last };
  const recorded = settled.ok ? recordStatus(host, seen) : settled;
  failpoint('status.written');
  if (!recorded.ok) return { failures: [...failures, recorded.error], changed, isWhole };
  const remembered = keepCompiled(host, site.root, run.written);
  // The server is as it should be all the same; the next run only takes longer.
  if (!remembered.ok)
    run.emit({
      type: 'diagnostic',
      severity: 'warning',
      message: renderFailureLine(remembered.error),
    });
  return { failures, changed, isWhole };
}

// Nothing was looked at.
function notBegun(...failures: readonly Failure[]): CallbacksEnd {
  return { failures, changed: false, isWhole: false };
}

// What came well through from git is what everything after it has to follow.
function acceptCommit({ host, request, written }: HeldRun): readonly Failure[] {
  const { site, snapshot } = request;
  if (snapshot?.git === undefined) return [];
  const { serial } = written.desired.metadata;
  const accepted = accept(host, { root: site.root, git: snapshot.git, snapshot, serial });
  return accepted.ok ? [] : [accepted.error];
}

// While something is on trial nothing else is begun, but the way back; the guard comes only when its time is up.
function trialVerdict(
  host: Host,
  { guard, back, site }: ReconcileRequest,
  open: Trial | undefined,
): Result<'go-on' | 'settled', Failure> {
  if (guard) {
    if (open === undefined || !isOverdue(host, open)) return ok('settled');
    const claimed = claimReturn(host.files, site.root, open);
    return claimed.ok ? ok(claimed.value ? 'go-on' : 'settled') : claimed;
  }
  if (open === undefined || back !== undefined) return ok('go-on');
  return err({ code: 'trial-open', deadline: open.deadline, runId: open.runId });
}

// The end of a trial comes last: until all else is on record, a crash leaves it to be settled. What is on trial still is returned.
async function keep(run: HeldRun, ended: EndedRun): Promise<Result<Trial | undefined, Failure>> {
  const { host, request } = run;
  const trial = readTrial(host.files, request.site.root);
  if (!trial.ok) return trial;
  const isOnTrial = trial.value !== undefined && request.trial !== undefined;
  const kept = ended.isWhole ? await keepGeneration(run, { ...ended, isOnTrial }) : ok(undefined);
  return kept.ok ? settleTrial(run, trial.value, ended) : kept;
}

type Ended = Pick<Reconciled, 'failures' | 'changed'>;

interface EndedRun extends Ended {
  /** Set where it says something about the desired state as a whole. */
  readonly isWhole: boolean;
}

// What became of this desired state as a whole; what came well through is no longer in quarantine.
async function keepGeneration(
  run: HeldRun,
  { failures, changed, isOnTrial }: Ended & { readonly isOnTrial: boolean },
): Promise<Result<void, Failure>> {
  const { host, request, written } = run;
  const { root } = request.site;
  const isBack = request.back !== undefined;
  if (isBack && failures.every(({ code }) => code === 'unhealthy')) {
    const held = await quarantinePresent(run);
    if (!held.ok) return held;
  }
  const ended = outcomeOf(failures, changed);
  if (ended === undefined) return ok(undefined);
  const outcome = ended === 'good' && isOnTrial ? 'trial' : ended;
  const kept = recordGeneration(host, written, { root, runId: request.runId, outcome });
  return kept.ok && ended === 'good' && !isBack ? release(host.files, root) : kept;
}

// A trial opens its window when its run was verified, be it in part; it is over when that failed, or when the way back was gone.
function settleTrial(
  { host, emit, request }: HeldRun,
  trial: Trial | undefined,
  { failures }: Ended,
): Result<Trial | undefined, Failure> {
  const { root } = request.site;
  if (trial === undefined) return ok(undefined);
  const warn = (message: string): void =>
    emit({ type: 'diagnostic', severity: 'warning', message });
  // What was cut short nobody has verified: the way back is still open, be it on the way there or back.
  if (failures.some(({ code }) => code === 'interrupted' || code === 'deadline-passed')) {
    warn(trialText(trial));
    return ok(trial);
  }
  if (request.trial === undefined || !failures.every(isLeftAlone)) {
    const over = endTrial(host.files, root);
    return over.ok ? ok(undefined) : over;
  }
  const opened = openWindow(host, root, { trial, windowMs: request.trial.windowMs });
  if (!opened.ok) return opened;
  warn(trialText(opened.value));
  return opened;
}

// Gone back from, by hand or because nobody confirmed it: what the files ask for is not tried again as it stands.
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
  const back = written.desired.files.join(' + ');
  const reason =
    request.command === 'trial'
      ? `not confirmed in time: back to ${back}`
      : `rolled back by hand to ${back}`;
  const reasons = new Map(differing.map(({ name }) => [name, reason]));
  return quarantine(host, present.value, { root, runId: request.runId, reasons });
}

function outcomeOf(failures: readonly Failure[], changed: boolean): GenerationOutcome | undefined {
  const [first] = failures;
  if (first === undefined) return 'good';
  if (first.code === 'rolled-back') return 'rolledBack';
  if (isLeftAlone(first)) return 'incomplete';
  return changed ? 'failed' : undefined;
}

// What was not to be touched, or could not be looked at: all else was done.
function isLeftAlone({ code }: Failure): boolean {
  return code === 'blocked' || code === 'facts-unreadable';
}
