import { readHolder } from '../host/lock-record.ts';
import { wholePlan } from '../core/plan.ts';
import type { States } from '../core/diff.ts';
import type { Beat, Observation } from '../core/observation.ts';
import { statusAfterRun, statusNow, statusOf } from '../core/status.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { LockHolder } from '../model/lock.ts';
import { WORKING_MODE } from '../model/mode.ts';
import { ok, type Result } from '../model/result.ts';
import type { StatusDocument } from '../model/status.ts';
import type { Trial } from '../model/trial.ts';
import { readActual } from '../actual/read.ts';
import { readStatusFile, writeStatusFile } from '../report/status-file.ts';
import { takeBeats, type BeatContext } from './health.ts';
import { quarantineSeen } from './quarantine.ts';
import { loadDefinition, loadWritten, type Written } from './load.ts';
import { lookAtStates, lookContext } from './look.ts';
import { restartsSeen } from './restarts.ts';
import type { Site } from './site.ts';
import { readRetry } from './retries.ts';
import { readSuspension } from './suspension.ts';
import { readTrial } from './trial.ts';

/** What status needs of a run: nothing is locked, nothing is changed. */
export interface StatusRequest {
  readonly site: Site;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** What is, at this moment. Without a valid desired state it still tells what the server itself says. */
export async function lookAtStatus(
  host: Host,
  request: StatusRequest,
): Promise<
  Result<{ readonly status: StatusDocument; readonly invalid: Failure | undefined }, Failure>
> {
  const written = await loadWritten(host, request.site);
  if (written.ok) {
    const seen = await observe(host, request, written.value);
    return ok({ status: statusOf(seen), invalid: undefined });
  }
  const definition = loadDefinition(host, request.site);
  if (!definition.ok) return definition;
  const seen = await observeAlone(host, request, {
    definition: definition.value,
    invalid: written.error,
  });
  return ok({ status: statusOf(seen), invalid: written.error });
}

/** The status that the last run left, with what is done now; nothing else is looked at. Undefined where no run left any. */
export function recordedStatus(host: Host, site: Pick<Site, 'root'>): StatusDocument | undefined {
  const { previous, ...seen } = frame(host, site);
  return previous && statusNow(previous, { ...seen, trial: trialOn(host, site) });
}

/** What a run knows at its end: its last look at the server, and what went wrong. */
export interface RunLook {
  readonly site: Site;
  readonly states: States;
  readonly beats: readonly Beat[];
  readonly failures: readonly Failure[];
  /** True where products were left out by choice. */
  readonly partial: boolean;
  /** Why the present desired state could not be dealt with, but one of before; undefined where it was. */
  readonly unusable: Failure | undefined;
  /** What is on trial from now on. */
  readonly trial: Trial | undefined;
}

/** Writes status.json as a run leaves it. For the holder of the lock only. */
export function recordStatus(
  host: Host,
  { site, states, beats, failures, partial, unusable, trial }: RunLook,
): Result<void, Failure> {
  const seen: Observation = {
    ...frame(host, site),
    running: undefined,
    // What comes next is decided after this.
    retry: undefined,
    trial,
    ...seenIn(states),
    invalid: unusable,
    isCopy: false,
    beats,
  };
  return writeStatus(host, site, statusAfterRun(seen, { failures, partial }));
}

/** Writes status.json. For the holder of the lock only. */
export function writeStatus(
  { files }: Pick<Host, 'files'>,
  { root }: Site,
  status: StatusDocument,
): Result<void, Failure> {
  return writeStatusFile(files, layoutOf(root).statusFile, status);
}

function seenIn(states: States): Pick<Observation, 'actual' | 'desired' | 'invalid' | 'plan'> {
  return {
    actual: states.actual,
    desired: states.desired,
    invalid: undefined,
    plan: wholePlan(states),
  };
}

async function observe(
  host: Host,
  { site, runId, signal }: StatusRequest,
  written: Written,
): Promise<Observation> {
  const look = lookContext(host, written.definition, { runId });
  const states = await lookAtStates(host, written, look);
  return {
    ...frame(host, site),
    ...seenIn(states),
    trial: trialOn(host, site),
    isCopy: isCopy(site),
    beats: await beatsOf(host, states, { root: site.root, look, signal }),
  };
}

function isCopy({ root, desired }: Site): boolean {
  const { state } = layoutOf(root);
  return desired.some(({ path }) => path.startsWith(`${state}/`));
}

async function beatsOf(
  host: Host,
  { desired, actual }: States,
  context: BeatContext,
): Promise<readonly Beat[]> {
  if (valueOf(actual.mode) !== WORKING_MODE) return [];
  return await takeBeats(host, [...desired.products.values()], context);
}

interface Alone {
  readonly definition: ServerDefinition;
  readonly invalid: Failure;
}

async function observeAlone(
  host: Host,
  { site, runId }: StatusRequest,
  { definition, invalid }: Alone,
): Promise<Observation> {
  const products: readonly ProductName[] = [...definition.products.keys()];
  const { environment } = lookContext(host, definition, { runId });
  const probe = { root: site.root, environment, mask: [] };
  const actual = await readActual(host, { definition, products, probe });
  return {
    ...frame(host, site),
    actual,
    desired: undefined,
    invalid: invalid.code === 'desired-missing' ? undefined : invalid,
    trial: trialOn(host, site),
    isCopy: false,
    plan: undefined,
    beats: [],
  };
}

function frame(
  host: Host,
  site: Pick<Site, 'root'>,
): Pick<
  Observation,
  'now' | 'running' | 'quarantine' | 'restarts' | 'retry' | 'suspension' | 'previous'
> {
  const layout = layoutOf(site.root);
  const suspension = readSuspension(host, site.root);
  return {
    now: host.clock.now(),
    running: livingHolder(host, layout.lock),
    retry: livingHolder(host, layout.watchLock) && readRetry(host.files, site.root),
    quarantine: quarantineSeen(host.files, site.root),
    suspension: suspension.ok ? suspension.value : undefined,
    restarts: restartsSeen(host.files, site.root),
    previous: valueOf(readStatusFile(host.files, layout.statusFile)),
  };
}

// One that was confirmed is over, whether or not that is on record everywhere.
function trialOn({ files }: Pick<Host, 'files'>, { root }: Pick<Site, 'root'>): Trial | undefined {
  const trial = readTrial(files, root);
  return trial.ok && trial.value?.state !== 'confirmed' ? trial.value : undefined;
}

function livingHolder(host: Host, lockPath: string): LockHolder | undefined {
  const look = readHolder(host.processes, lockPath);
  return look.state === 'held' && look.liveness.is !== 'dead' ? look.holder : undefined;
}
