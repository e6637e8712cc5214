import type { Brakes } from '../apply/context.ts';
import type { Due, LookReason } from '../core/loop.ts';
import { durationMs, type DurationMs } from '../model/duration.ts';
import type { RunEnd } from '../core/tally.ts';
import { retryAfter, triesOf, waitBeforeTry } from '../core/retry.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { RunId } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import { WHOLE } from '../model/plan.ts';
import { ok, type Result } from '../model/result.ts';
import type { Retry } from '../model/retry.ts';
import type { Snapshot } from '../model/source.ts';
import type { Courier } from './courier.ts';
import { isOf, readGenerations } from './generations.ts';
import { loadWritten } from './load.ts';
import { writeRetry } from './retries.ts';
import { runApply, type RunRequest } from './run.ts';
import type { Site } from './site.ts';
import { withFreshLock } from './watch-lock.ts';
import { withTexts } from './with-texts.ts';

/** Where desired states come from. */
export interface Source {
  /** What it says now. Fails where it cannot be had. */
  read(signal: AbortSignal): Promise<Result<Snapshot, Failure>>;
}

/** What looks of watch are taken with. */
export interface LookRequest {
  readonly run: Pick<RunRequest, 'parallelism' | 'onFailure' | 'sinks'>;
  /** Undefined: each run has one of its own. */
  readonly courier: Courier | undefined;
  readonly site: Pick<Site, 'root' | 'definition'>;
  readonly source: Source;
  readonly intervalMs: DurationMs;
  /** Looks that are due at the interval are late by up to this, so that not all servers look at once. */
  readonly splayMs: DurationMs;
  readonly newRunId: () => RunId;
  readonly random: () => number;
}

/** What watch remembers from look to look; all of it can be lost. */
export interface WatchMemory {
  /** What the source told of by itself, not looked at yet. */
  fresh: Snapshot | undefined;
  /** What was looked at last. */
  snapshot: Snapshot | undefined;
  /** What failed, and when it is tried again. */
  retry: Retry | undefined;
}

/** One look: why it is taken, and what ends it early. */
export interface Looking {
  readonly reason: LookReason;
  readonly memory: WatchMemory;
  readonly brakes: Brakes;
}

/** What a look came to: when the next one is due, and how its run ended where it was time for one. */
export interface Looked {
  readonly next: Due;
  readonly end?: RunEnd;
}

// The lock is waited for until it is free: watch has time.
const LOCK_TIMEOUT_MS = durationMs(24 * 3_600_000);
// A person, or a file that somebody saved, is not kept waiting for what failed before.
const AT_ONCE: ReadonlySet<LookReason> = new Set(['asked', 'change']);

/** Reads everything anew and brings it about, unless it is too early to try the same once more. */
export async function takeLook(
  host: Host,
  request: LookRequest,
  { reason, memory, brakes }: Looking,
): Promise<Looked> {
  const { root } = request.site;
  const { snapshot, because } = await takeSnapshot(request, memory, brakes.stop);
  const digest = snapshot?.digest ?? '';
  if (reason === 'start') memory.retry ??= await givenUp(host, request, snapshot);
  const before = memory.retry;
  const waitMs = AT_ONCE.has(reason)
    ? durationMs(0)
    : waitBeforeTry(before, { digest, now: host.clock.now() });
  if (waitMs === undefined && isInvalid(host, root)) return { next: atInterval(request) };
  if (waitMs !== undefined && waitMs > 0) return { next: { inMs: waitMs, reason: 'retry' } };
  const held = withFreshLock(host, async () => await isStale(request, memory, brakes.stop));
  const end = await runApply(snapshot === undefined ? held : withTexts(held, snapshot.texts), {
    ...EVERYTHING_AS_THE_FILES_SAY,
    ...request.run,
    courier: request.courier,
    site: { ...request.site, desired: snapshot?.desired ?? [] },
    runId: request.newRunId(),
    keepLast: { because },
    snapshot,
    brakes,
    onEnd: (failures) => {
      const { random } = request;
      const retry = retryAfter(before, { digest, failures, now: host.clock.now(), random });
      memory.retry = retry;
      const kept = writeRetry(host.files, root, retry);
      return [...(kept.ok ? [] : [renderFailureLine(kept.error)]), ...outlook(retry)];
    },
  });
  const { failures } = end;
  return { next: nextLook(request, { retry: memory.retry, failures, now: host.clock.now() }), end };
}

const EVERYTHING_AS_THE_FILES_SAY = {
  command: 'watch',
  asked: {
    downgrades: new Set<never>(),
    removals: new Set<never>(),
    changesMax: undefined,
    selection: WHOLE,
    mode: 'wished',
  },
  back: undefined,
  saved: undefined,
  trial: undefined,
  guard: false,
  lockTimeoutMs: LOCK_TIMEOUT_MS,
  confirm: () => Promise.resolve('yes' as const),
  detailedExitCode: false,
} as const;

interface Taken {
  /** What the source said last; undefined where it never did. */
  readonly snapshot: Snapshot | undefined;
  /** Why it says nothing now. */
  readonly because: Failure | undefined;
}

// A source that cannot be reached changes nothing: what it said last still holds.
async function takeSnapshot(
  { source }: LookRequest,
  memory: WatchMemory,
  signal: AbortSignal,
): Promise<Taken> {
  const { fresh } = memory;
  memory.fresh = undefined;
  const read = fresh === undefined ? await source.read(signal) : ok(fresh);
  if (read.ok) memory.snapshot = read.value;
  return { snapshot: memory.snapshot, because: read.ok ? undefined : read.error };
}

// What came meanwhile is what is looked at next.
async function isStale(
  { source }: LookRequest,
  memory: WatchMemory,
  signal: AbortSignal,
): Promise<boolean> {
  const read = await source.read(signal);
  if (!read.ok || read.value.digest === memory.snapshot?.digest) return false;
  memory.fresh = read.value;
  return true;
}

// A run that left the server invalid may have died before this was kept, or was one by hand.
async function givenUp(
  host: Host,
  { site }: LookRequest,
  snapshot: Snapshot | undefined,
): Promise<Retry | undefined> {
  const newest = readGenerations(host.files, site.root).at(-1);
  if (snapshot === undefined || newest?.outcome !== 'failed' || !isInvalid(host, site.root))
    return undefined;
  const { desired, digest, texts } = snapshot;
  const written = await loadWritten(withTexts(host, texts), { ...site, desired });
  if (!written.ok || !isOf(newest, written.value)) return undefined;
  const reason = `run ${newest.runId} left the server in mode invalid`;
  return { digest, attempts: {}, reason, nextAt: null };
}

// What a run left for a person stays as it is until that person has mended it, or another desired state comes.
function isInvalid({ files }: Host, root: string): boolean {
  return valueOf(files.read(layoutOf(root).serverMode))?.trim() === 'invalid';
}

function atInterval({ intervalMs, splayMs, random }: LookRequest): Due {
  return { inMs: intervalMs + random() * splayMs, reason: 'interval' };
}

interface Ended {
  readonly retry: Retry | undefined;
  readonly failures: readonly Failure[];
  readonly now: Date;
}

function nextLook(request: LookRequest, { retry, failures: [first], now }: Ended): Due {
  const interval = atInterval(request);
  if (first?.code === 'superseded') return { ...interval, inMs: 0 };
  if (first?.code === 'suspended' && first.until !== null) {
    const leftMs = Date.parse(first.until) - now.getTime();
    return { ...interval, inMs: Math.min(interval.inMs, Math.max(0, leftMs)) };
  }
  const leftMs = retry && waitBeforeTry(retry, { digest: retry.digest, now });
  return leftMs === undefined || leftMs === 0 ? interval : { inMs: leftMs, reason: 'retry' };
}

function outlook(retry: Retry | undefined): readonly string[] {
  if (retry === undefined) return [];
  const tries = `try ${triesOf(retry)} failed`;
  return retry.nextAt === null
    ? [
        `${tries}: not tried again until the desired state changes, or somebody mends it or asks for it`,
      ]
    : [`${tries}: tried again at ${retry.nextAt}`];
}
