import type { Host } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { GenerationOutcome } from '../model/generation.ts';
import { layoutOf } from '../model/layout.ts';
import type { Trial } from '../model/trial.ts';
import { err, ok, type Result } from '../model/result.ts';
import { refuseNewerStatus } from '../report/status-file.ts';
import { converge } from './converge.ts';
import { isOf, loadGeneration, readGenerations, recordGeneration } from './generations.ts';
import { isPartialRun, type HeldRun, type Reconciled, type ReconcileRequest } from './held-run.ts';
import { loadWritten, type Written } from './load.ts';
import { blockDigest, quarantine, release } from './quarantine.ts';
import { recordStatus } from './status.ts';
import { claimReturn, endTrial, isOverdue, openTrial, openWindow, readTrial } from './trial.ts';

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
  const written = await loadWanted(host, request);
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
      const now = hasWaited ? await loadWanted(host, request) : written;
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

// What is to be brought about: what the files say, or a good generation of before.
async function loadWanted(
  host: Host,
  { site, back }: ReconcileRequest,
): Promise<Result<Written, Failure>> {
  const present = await loadWritten(host, site);
  if (back === undefined) return present;
  const good = readGenerations(host.files, site.root).filter(({ outcome }) => outcome === 'good');
  const { generation: number } = back;
  const target =
    number === undefined
      ? good.findLast((each) => !present.ok || !isOf(each, present.value))
      : good.find((each) => each.number === number);
  if (target === undefined) return err({ code: 'no-generation', number });
  return await loadGeneration(host, site, target);
}

async function convergeAndRecord(run: HeldRun): Promise<Pick<Reconciled, 'failures' | 'changed'>> {
  const { host, lock, request } = run;
  const { site } = request;
  const newer = refuseNewerStatus(host.files, layoutOf(site.root).statusFile);
  if (newer !== undefined) return { failures: [newer], changed: false };
  const open = openTrial(host.files, site.root);
  const verdict = open.ok ? trialVerdict(host, request, open.value) : open;
  if (!verdict.ok) return { failures: [verdict.error], changed: false };
  if (verdict.value === 'settled') return { failures: [], changed: false };
  const { failures, changed, last } = await converge(run);
  if (last === undefined || !lock.owned()) return { failures, changed };
  const partial = isPartialRun(request);
  const kept = partial ? ok(undefined) : await keepGeneration(run, failures, changed);
  const recorded = kept.ok ? recordStatus(host, { site, failures, partial, ...last }) : kept;
  failpoint('status.written');
  return { failures: recorded.ok ? failures : [...failures, recorded.error], changed };
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
