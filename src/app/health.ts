import type { Judge } from '../apply/context.ts';
import { sickText, type Beat } from '../core/observation.ts';
import type { Host } from '../host/host.ts';
import type { Verification } from '../model/action.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { showProbe, type Heartbeat, type ProcessIdentity } from '../model/heartbeat.ts';
import type { Plan } from '../model/plan.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Restarts } from '../model/restart.ts';
import type { ActualState, ProductSpec } from '../model/state.ts';
import { awaitHeartbeat, lookOnce, type OnceRequest } from '../verify/heartbeat.ts';
import { learnSecrets, type LookContext } from './look.ts';

// A look that takes longer than its interval still leaves a breath to others.
const PAUSE_MIN_MS = 10;

/** What looking at heartbeats takes. */
export interface BeatContext {
  readonly root: string;
  readonly look: LookContext;
  readonly signal: AbortSignal;
}

/** Looks once at every heartbeat of the products, all at the same time. */
export async function takeBeats(
  host: Host,
  products: readonly ProductSpec[],
  context: BeatContext,
): Promise<readonly Beat[]> {
  if (products.every(({ heartbeats }) => heartbeats.length === 0)) return [];
  learnSecrets(products, context.look.secrets);
  const looks = products.flatMap(({ name: product, heartbeats }) =>
    heartbeats.map(async (heartbeat) => await takeBeat(host, { product, heartbeat }, context)),
  );
  return await Promise.all(looks);
}

/** What is looked at at its own interval, and who is told of each look; `latest` is the last look at each so far, in their order. */
export interface BeatWatch extends BeatContext {
  readonly onBeat: (beat: Beat, latest: readonly Beat[]) => void;
}

/** Looks at each heartbeat of the products at its own interval, until the signal is aborted; true where each of them passed in the end. */
export async function watchBeats(
  host: Host,
  products: readonly ProductSpec[],
  { onBeat, ...context }: BeatWatch,
): Promise<boolean> {
  learnSecrets(products, context.look.secrets);
  const { clock } = host;
  const watched = products.flatMap(({ name: product, heartbeats }) =>
    heartbeats.map((heartbeat) => ({ product, heartbeat })),
  );
  const seen = new Map<Heartbeat, Beat>();
  const latest = (): readonly Beat[] =>
    watched.flatMap(({ heartbeat }) => seen.get(heartbeat) ?? []);
  const watches = watched.map(async (each) => {
    while (!context.signal.aborted) {
      const nextAtMs = clock.monotonicMs() + each.heartbeat.timing.intervalMs;
      const beat = await takeBeat(host, each, context);
      // A look that was cut short saw nothing.
      if (context.signal.aborted) return;
      seen.set(each.heartbeat, beat);
      onBeat(beat, latest());
      await clock.sleep(Math.max(nextAtMs - clock.monotonicMs(), PAUSE_MIN_MS), context.signal);
    }
  });
  await Promise.all(watches);
  return seen.size === watched.length && latest().every(({ sample }) => sample.verdict === 'pass');
}

/** Looks once at one heartbeat of a product. */
export async function takeBeat(
  host: Host,
  { product, heartbeat }: Omit<Beat, 'sample'>,
  context: BeatContext,
): Promise<Beat> {
  const sample = await lookOnce(host, heartbeat, waitRequest(product, context));
  return { product, heartbeat, sample };
}

function waitRequest(product: ProductName, { root, look, signal }: BeatContext): OnceRequest {
  return {
    root,
    signal,
    environment: look.environment(product),
    mask: look.secrets.values(),
  };
}

/** What was seen before a plan is run. */
export interface Baseline {
  /** The processes that answered, of products of which only a new one will count. */
  readonly processes: ReadonlyMap<Heartbeat, ProcessIdentity>;
  /** What did not pass then. */
  readonly failing: ReadonlySet<Heartbeat>;
}

/** What was seen before a run that failed, and still counts when it is taken back. */
export interface Earlier {
  /** Heartbeats that did not pass even then, in words. */
  readonly failing: ReadonlySet<string>;
  /** Processes of what is gone back to: that they answer again is no deception. */
  readonly processes: readonly ProcessIdentity[];
  /** Products of which no other version was tried: any process of theirs counts. */
  readonly sameVersion: ReadonlySet<ProductName>;
}

/** What a plan is looked at with before it is run. */
export interface BaselineRequest extends BeatContext {
  readonly plan: Plan;
  readonly actual: ActualState;
  /** Undefined where nothing was run before the plan. */
  readonly earlier: Earlier | undefined;
}

/** Looks once at what a plan will be judged by, before it is run. */
export async function takeBaseline(
  host: Host,
  { plan, actual, earlier, ...context }: BaselineRequest,
): Promise<Baseline> {
  const processes = new Map<Heartbeat, ProcessIdentity>();
  const failing = new Set<Heartbeat>();
  const looks = plan.verifications.flatMap(({ product, heartbeats, newProcess, wasFailing }) =>
    heartbeats.map(async (heartbeat) => {
      const sample = await lookOnce(host, heartbeat, waitRequest(product, context));
      const isKnown = wasFailing || earlier?.failing.has(showProbe(heartbeat.probe)) === true;
      if (isKnown || (sample.verdict === 'fail' && wasServing(actual, product)))
        failing.add(heartbeat);
      const identity = sample.verdict === 'pass' ? sample.identity : undefined;
      if (newProcess && identity !== undefined && !mayAnswer(identity, product, earlier))
        processes.set(heartbeat, identity);
    }),
  );
  await Promise.all(looks);
  return { processes, failing };
}

function mayAnswer(
  { pid, startTicks }: ProcessIdentity,
  product: ProductName,
  earlier: Earlier | undefined,
): boolean {
  if (earlier === undefined) return false;
  const isOfThen = (each: ProcessIdentity): boolean =>
    each.pid === pid && each.startTicks === startTicks;
  return earlier.sameVersion.has(product) || earlier.processes.some(isOfThen);
}

// What was never told to serve, or was left half done, had no health to lose.
function wasServing({ mode, products }: ActualState, name: ProductName): boolean {
  const found = products.get(name);
  if (valueOf(mode) !== WORKING_MODE || found?.version.kind !== 'known') return false;
  return (valueOf(found.status) ?? 'valid') === 'valid';
}

/** What judging takes; `onBeat` is told of each look. */
export interface JudgeContext extends Omit<BeatContext, 'signal'> {
  readonly baseline: Baseline;
  readonly onBeat: (beat: Beat) => void;
}

/** The gate of a run: all heartbeats of a product must pass, and by a new process where the plan asks for one. */
export function heartbeatJudge(host: Host, { root, look, baseline, onBeat }: JudgeContext): Judge {
  return async (
    { product, heartbeats }: Verification,
    signal: AbortSignal,
  ): Promise<Failure | undefined> => {
    const waits = heartbeats.map(async (heartbeat): Promise<Failure | undefined> => {
      const wait = await awaitHeartbeat(host, heartbeat, {
        ...waitRequest(product, { root, look, signal }),
        oldProcess: baseline.processes.get(heartbeat),
        onSample: (sample) => onBeat({ product, heartbeat, sample }),
      });
      if (wait.ok) return undefined;
      const { waitedMs, lastSeen } = wait;
      return {
        code: 'verify-failed',
        product,
        heartbeat: showProbe(heartbeat.probe),
        waitedMs,
        lastSeen,
        wasFailing: baseline.failing.has(heartbeat),
      };
    });
    return (await Promise.all(waits)).find((failure) => failure !== undefined);
  };
}

/** The failure `unhealthy` with a line a heartbeat that does not pass, or undefined when all do. */
export function unhealthy(
  beats: readonly Beat[],
  { restarts, now }: { readonly restarts: Restarts; readonly now: Date },
): Failure | undefined {
  const products = beats.flatMap((beat) => {
    const reason = sickText(beat, restarts[beat.product], now);
    return reason === undefined ? [] : [{ product: beat.product, reason }];
  });
  return products.length === 0 ? undefined : { code: 'unhealthy', products };
}
