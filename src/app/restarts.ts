import { restartText } from '../core/render/restart-text.ts';
import { isDue, restartsAfter, withRestart, type RestartMoment } from '../core/restart-record.ts';
import { deathIn, restartable } from '../core/restart.ts';
import type { States } from '../core/diff.ts';
import type { Beat } from '../core/observation.ts';
import type { Files, Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { Heartbeat, Sample } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import { RESTARTS_FORMAT, type RestartRecord, type Restarts } from '../model/restart.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ProductSpec } from '../model/state.ts';
import { takeBeat, type BeatContext } from './health.ts';
import type { HeldRun } from './held-run.ts';
import { planFor, type Planned, type Planning } from './planning.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;
// A look that takes longer than its interval still leaves a breath to others.
const PAUSE_MIN_MS = 10;

/**
 * The plan with the restart of what is dead in it; as it is where nothing is, or all that is has to wait. A saved plan is done
 * exactly, and nobody was asked when it was made. Fails where what is on record of restarts cannot be told.
 */
export async function planRestarts(
  { host, request }: HeldRun,
  planning: Planning,
  planned: Planned,
): Promise<Result<Planned, Failure>> {
  const { states, plan } = planned;
  const { root } = request.site;
  const restarts = readRestarts(host.files, root);
  if (!restarts.ok) return restarts;
  const now = host.clock.now();
  const asked = request.saved === undefined ? restartable(states, plan) : [];
  const due = asked.filter(({ name }) => isDue(restarts.value[name], now));
  if (due.length === 0) return ok(planned);
  const { stop: signal } = request.brakes;
  const dead = await findDead(host, due, { root, look: planning.look, signal });
  if (signal.aborted) return err(signal.reason as Failure);
  return dead.size === 0 ? ok(planned) : await planFor(host, planning, { ...states, dead });
}

async function findDead(
  host: Host,
  specs: readonly ProductSpec[],
  context: BeatContext,
): Promise<States['dead']> {
  const dead = new Map<ProductName, readonly Heartbeat[]>();
  const looks = specs.map(async ({ name, heartbeats }) => {
    const verdicts = await Promise.all(
      heartbeats.map((heartbeat) => isDead(host, { product: name, heartbeat }, context)),
    );
    const by = heartbeats.filter((_, index) => verdicts[index]);
    if (by.length > 0) dead.set(name, by);
  });
  await Promise.all(looks);
  return dead;
}

async function isDead(
  host: Host,
  beat: Omit<Beat, 'sample'>,
  context: BeatContext,
): Promise<boolean> {
  const { clock } = host;
  const looks: Sample[] = [];
  // Bounded: deathIn() is sure after a few looks.
  for (;;) {
    const nextAtMs = clock.monotonicMs() + beat.heartbeat.timing.intervalMs;
    const { sample } = await takeBeat(host, beat, context);
    // A look that was cut short saw nothing.
    if (context.signal.aborted) return false;
    looks.push(sample);
    const death = deathIn(looks);
    if (death !== 'unsure') return death === 'dead';
    await clock.sleep(Math.max(nextAtMs - clock.monotonicMs(), PAUSE_MIN_MS), context.signal);
  }
}

/** Counts a restart that is about to begin, durably. For the holder of the lock only. */
export function countRestart(
  { host, request }: Pick<HeldRun, 'host' | 'request'>,
  product: ProductName,
): Result<void, Failure> {
  const { root } = request.site;
  const before = readRestarts(host.files, root);
  if (!before.ok) return before;
  return write(host.files, root, withRestart(before.value, product, momentOf(host, request)));
}

/** Forgets the restarts of what passes at the last look of a run, and says when what it restarted in vain is restarted next. For the holder of the lock only. */
export function settleRestarts(
  { host, emit, request }: HeldRun,
  beats: readonly Beat[],
): Result<void, Failure> {
  const { root } = request.site;
  const before = readRestarts(host.files, root);
  if (!before.ok) return before;
  if (Object.keys(before.value).length === 0) return ok(undefined);
  const failing = beats.filter((beat) => beat.heartbeat.restart && beat.sample.verdict !== 'pass');
  const moment = momentOf(host, request);
  const after = restartsAfter(before.value, new Set(failing.map(({ product }) => product)), moment);
  for (const [name, record] of Object.entries(after)) {
    if (record.runId !== request.runId) continue;
    const message = `${name}: ${restartText(record, moment.now)}`;
    emit({ type: 'diagnostic', severity: 'warning', message });
  }
  return write(host.files, root, after);
}

function momentOf(
  { clock, crypto }: Pick<Host, 'clock' | 'crypto'>,
  { runId }: HeldRun['request'],
): RestartMoment {
  return { runId, now: clock.now(), random: () => crypto.random() };
}

/** What is on record of restarts. Fails where that cannot be told: who forgets it would restart without a pause. */
export function readRestarts(files: Pick<Files, 'read'>, root: string): Result<Restarts, Failure> {
  const file = stateFile(root);
  const document = readStateFile(files, file);
  if (!document.ok) return document;
  const products: unknown = document.value === undefined ? {} : document.value['products'];
  if (isRestarts(products)) return ok(products);
  const why = 'it is damaged (it does not say what was restarted when)';
  return err({ code: 'file-unusable', path: file.path, why, what: 'read' });
}

function isRestarts(products: unknown): products is Restarts {
  return (
    typeof products === 'object' && products !== null && Object.values(products).every(isRecord)
  );
}

function isRecord(record: unknown): record is RestartRecord {
  if (typeof record !== 'object' || record === null) return false;
  if (!('attempts' in record && 'nextAt' in record && 'runId' in record)) return false;
  const { attempts, nextAt, runId } = record;
  const isTime = typeof nextAt === 'string' && !Number.isNaN(Date.parse(nextAt));
  return Number.isInteger(attempts) && isTime && typeof runId === 'string';
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).restarts, format: RESTARTS_FORMAT };
}

function write(files: Files, root: string, products: Restarts): Result<void, Failure> {
  return writeStateFile(files, {
    ...stateFile(root),
    body: { products },
    modeBits: STATE_FILE_BITS,
  });
}

/** What is on record of restarts, as far as it can be read: for those who only tell of it. */
export function restartsSeen(files: Pick<Files, 'read'>, root: string): Restarts {
  const read = readRestarts(files, root);
  return read.ok ? read.value : {};
}
