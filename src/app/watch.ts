import type { Brakes } from '../apply/context.ts';
import {
  LOOP_BEGIN,
  stepLoop,
  type Due,
  type LookReason,
  type LoopDeed,
  type LoopEvent,
  type LoopState,
} from '../core/loop.ts';
import type { Beat } from '../core/observation.ts';
import type { RunEnd } from '../core/tally.ts';
import type { Host } from '../host/host.ts';
import { durationMs, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import type { Result } from '../model/result.ts';
import type { Snapshot } from '../model/source.ts';
import { startCourier, type Courier } from './courier.ts';
import { LAST_WAIT_MS } from './flush.ts';
import { loadWritten } from './load.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { readRetry } from './retries.ts';
import { lookBrakes, type LookBrakes } from './watch-brakes.ts';
import { watchAround } from './watch-around.ts';
import { awaitSick } from './watch-beats.ts';
import { takeLook, type LookRequest, type Source, type WatchMemory } from './watch-look.ts';
import { withTexts } from './with-texts.ts';

/** What watch is asked to do. */
export interface WatchRequest extends Omit<LookRequest, 'source' | 'courier'> {
  /** Opens where desired states come from; `onChange` is told of another one, until the signal is aborted. */
  readonly openSource: (request: SourceRequest) => Source;
  /** Looks once, and ends. */
  readonly once: boolean;
  /** For one look. */
  readonly timeoutMs: DurationMs;
  readonly brakes: Brakes;
  /** Called once with what watch can be told while it runs. */
  readonly onBegin: (watching: WatchHandle) => void;
  /** Told of each look at a heartbeat between two runs. */
  readonly onBeat: (beat: Beat) => void;
  /** Called when a look is over, with how its run ended and what comes next. */
  readonly onLooked: (end: RunEnd | undefined, next: Due) => void;
  /** Takes what is worth a word beside a look. */
  readonly warn: (message: string) => void;
}

/** What a source is opened with. */
export interface SourceRequest {
  readonly onChange: (snapshot: Snapshot) => void;
  readonly signal: AbortSignal;
}

/** What a watch that runs can be told. */
export interface WatchHandle {
  /** Look now: `asked` also at what failed before, `hook` only if there is something else. */
  look(reason: Extract<LookReason, 'asked' | 'hook'>): void;
}

/**
 * Keeps the server at what the source says, until it is told to stop: one look after the other, each of which reads everything and ends in
 * the same reconcile as an apply. Returns how the last run ended; undefined where none was. Fails where another watch has this server.
 */
export async function watch(
  host: Host,
  request: WatchRequest,
): Promise<Result<RunEnd | undefined, Failure>> {
  return await host.lock.hold(
    {
      path: layoutOf(request.site.root).watchLock,
      command: 'watch',
      runId: request.newRunId(),
      timeoutMs: durationMs(0),
      signal: request.brakes.stop,
      onWait: () => {},
    },
    async () => await runLoop(host, request),
  );
}

async function runLoop(host: Host, request: WatchRequest): Promise<RunEnd | undefined> {
  const over = new AbortController();
  const watching = beginWatching(host, request, over.signal);
  const { mail } = watching;
  const onStop = (): void => mail.put({ type: 'stop' });
  request.brakes.stop.addEventListener('abort', onStop);
  const ask = (reason: LookReason): void => mail.put({ type: 'look', reason, isNewer: false });
  const onChange = (): void => ask('change');
  inBackground(watching, watchAround(host, { site: request.site, onChange, signal: over.signal }));
  request.onBegin({
    look: (reason) => {
      ask(reason);
      if (watching.state.at === 'looking') inBackground(watching, scout(watching));
    },
  });
  ask('start');
  // What a watch before this one could not deliver.
  watching.request.courier.wake();
  try {
    while (watching.state.at !== 'end') {
      const { state, deeds } = stepLoop(watching.state, await mail.take());
      watching.state = state;
      for (const deed of deeds) carryOut(watching, deed);
    }
  } finally {
    over.abort();
    request.brakes.stop.removeEventListener('abort', onStop);
    await watching.request.courier.finish(request.once ? LAST_WAIT_MS : 0);
  }
  return watching.last;
}

interface Watching {
  readonly host: Host;
  readonly request: WatchRequest & LookRequest;
  readonly mail: Mailbox<LoopEvent>;
  readonly memory: WatchMemory;
  state: LoopState;
  /** Of the look under way. */
  brakes: LookBrakes | undefined;
  /** Aborted: there is something to do before the rest is over. */
  resting: AbortController;
  last: RunEnd | undefined;
}

function beginWatching(host: Host, request: WatchRequest, signal: AbortSignal): Watching {
  const retry = readRetry(host.files, request.site.root);
  const source = request.openSource({
    onChange: (snapshot) => inBackground(watching, change(watching, snapshot)),
    signal,
  });
  const mail = createMailbox<LoopEvent>();
  const courier = courierOf(host, request, mail);
  const watching: Watching = {
    host,
    request: { ...request, source, courier },
    mail,
    memory: { fresh: undefined, snapshot: undefined, retry },
    state: LOOP_BEGIN,
    brakes: undefined,
    resting: new AbortController(),
    last: undefined,
  };
  return watching;
}

function courierOf(host: Host, request: WatchRequest, mail: Mailbox<LoopEvent>): Courier {
  const { site, newRunId, once, warn } = request;
  return startCourier(host, {
    site,
    runId: newRunId(),
    wakesItself: !once,
    // Whoever ends watch wants it to end; one look is as an apply, and has no other time to deliver.
    countsCutOff: once,
    warn,
    onBug: (thrown) => mail.fail(thrown),
  });
}

function carryOut(watching: Watching, deed: LoopDeed): void {
  switch (deed.do) {
    case 'look':
      return inBackground(watching, look(watching, deed.reason));
    case 'cut-short':
      return watching.brakes?.cutShort();
    case 'rest':
      return inBackground(watching, rest(watching, deed.until));
  }
}

// What goes wrong there is a bug, and ends the loop.
function inBackground({ mail }: Watching, work: Promise<void>): void {
  work.catch((thrown: unknown) => mail.fail(thrown));
}

async function look(watching: Watching, reason: LookReason): Promise<void> {
  const { host, request, memory, mail } = watching;
  watching.resting.abort();
  const over = new AbortController();
  const brakes = lookBrakes(request.brakes, request.timeoutMs);
  watching.brakes = brakes;
  inBackground(watching, scoutOn(watching, over.signal));
  try {
    const { end, next } = await takeLook(host, request, { reason, memory, brakes });
    watching.last = end ?? watching.last;
    request.onLooked(end, next);
    mail.put({ type: 'ended', next });
    if (request.once) mail.put({ type: 'stop' });
  } finally {
    over.abort();
    brakes.release();
  }
}

async function rest(watching: Watching, { inMs, reason }: Due): Promise<void> {
  const { host, mail } = watching;
  watching.resting = new AbortController();
  const { signal } = watching.resting;
  inBackground(watching, watchBeats(watching, signal));
  await host.clock.sleep(inMs, signal);
  if (!signal.aborted) mail.put({ type: 'look', reason, isNewer: false });
}

// What is dead is not left so until the next look is due.
async function watchBeats(watching: Watching, signal: AbortSignal): Promise<void> {
  const { host, request, memory, mail } = watching;
  const { snapshot } = memory;
  if (snapshot === undefined) return;
  const { site, newRunId, onBeat } = request;
  const isSick = await awaitSick(host, {
    site,
    snapshot,
    runId: newRunId(),
    signal,
    onBeat,
  });
  if (isSick) mail.put({ type: 'look', reason: 'unhealthy', isNewer: false });
}

// While a look waits, for a heartbeat say, the source is asked at the interval all the same: it may have something newer.
async function scoutOn(watching: Watching, signal: AbortSignal): Promise<void> {
  const { host, request } = watching;
  for (;;) {
    await host.clock.sleep(request.intervalMs, signal);
    if (signal.aborted) return;
    await scout(watching);
  }
}

async function scout(watching: Watching): Promise<void> {
  const { request, memory } = watching;
  const read = await request.source.read(request.brakes.stop);
  if (read.ok && read.value.digest !== memory.snapshot?.digest) await change(watching, read.value);
}

// Whoever waits for the old desired state waits in vain; but for one that cannot be used nothing is given up.
async function change(watching: Watching, snapshot: Snapshot): Promise<void> {
  const { host, request, memory, mail } = watching;
  memory.fresh = snapshot;
  const isNewer = watching.state.at === 'looking' && (await isUsable(host, request, snapshot));
  mail.put({ type: 'look', reason: 'change', isNewer });
}

async function isUsable(
  host: Host,
  { site }: Pick<WatchRequest, 'site'>,
  { desired, texts }: Snapshot,
): Promise<boolean> {
  return (await loadWritten(withTexts(host, texts), { ...site, desired })).ok;
}
