import type { Host } from '../host/host.ts';
import type { FileMark } from '../host/watching.ts';
import { showDuration } from '../model/duration.ts';
import { unreadable, valueOf, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import type { Snapshot } from '../model/source.ts';

/** How long a file must not have changed that nobody has open for writing: a script may write it in several goes, `echo >>` after `echo >`. */
const QUIET_MS = 8;
/** The same where a writer may be out of sight; longer than most writers stop for. */
const BLIND_QUIET_MS = 100;
/** How long a file must be gone, or empty: editors and deployments move the old one away before they put the new one there, and open(2) empties a file milliseconds before anybody can be seen to have it open. */
const EMPTY_QUIET_MS = 250;
/** How long a file is waited for that is being written. Then it is unreadable, not taken as it is: what is half written may well be valid, with products missing. */
const SETTLE_MS_MAX = 30_000;
/** Between two looks at a file that is being written: doubling, for a look costs milliseconds, and who has paused for long is seldom back in a moment. */
const PAUSE_MS_FIRST = 5;
const PAUSE_MS_MAX = 250;

/** What of the machine a reading needs. */
export type ReadingHost = Pick<Host, 'clock' | 'files' | 'watcher' | 'crypto'>;

/** The files of a desired state, as they were found whole. */
export interface Reading {
  readonly snapshot: Snapshot;
  /** False where a file did not stand still for as long as it is waited for: it is unreadable here. */
  readonly isWhole: boolean;
  /** What was read, for the next reading to tell what has changed. */
  readonly seen: ReadonlyMap<HostPath, Seen>;
}

/** What is remembered of a file. */
interface Seen {
  readonly mark: Fact<FileMark>;
  /** It had not changed for a while when it was read: with the same mark it needs no second wait. */
  readonly isSettled: boolean;
}

/** How a reading is made. */
export interface ReadRequest {
  /** The reading before this one. */
  readonly last: Reading | undefined;
  /** Aborted: nothing is waited for any more. */
  readonly signal: AbortSignal;
}

/** Reads the files, each of them whole and all as they stood at one moment; waits for those that are being written, for 30 s at most. */
export async function readFiles(
  host: ReadingHost,
  desired: Snapshot['desired'],
  request: ReadRequest,
): Promise<Reading> {
  const endMs = host.clock.monotonicMs() + SETTLE_MS_MAX;
  const paths = desired.map(({ path }) => path);
  for (let pauseMs = PAUSE_MS_FIRST; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    const attempt = await tryToRead(host, paths, request);
    const isOver = request.signal.aborted || host.clock.monotonicMs() >= endMs;
    if (attempt.restless.size === 0 || isOver) return readingOf(host, desired, attempt);
    await host.clock.sleep(pauseMs, request.signal);
  }
}

/** What one attempt found. */
interface Attempt {
  readonly texts: ReadonlyMap<HostPath, Fact<string>>;
  readonly seen: Reading['seen'];
  /** The files that were being written or changed meanwhile: what was read of them may be half of it. */
  readonly restless: ReadonlySet<HostPath>;
}

type Marks = ReadonlyMap<HostPath, Fact<FileMark>>;

async function tryToRead(
  host: ReadingHost,
  paths: readonly HostPath[],
  { last, signal }: ReadRequest,
): Promise<Attempt> {
  const sinceMs = host.clock.monotonicMs();
  const marks = marksOf(host, paths);
  const moved = [...marks].filter(([path, mark]) => !isSettled(mark, last?.seen.get(path)));
  const written = new Set<HostPath>();
  const quietMs = new Map<HostPath, number>();
  for (const [path, mark] of moved) {
    const isWritten = await host.watcher.isBeingWritten(path);
    if (isTrue(isWritten)) written.add(path);
    quietMs.set(path, quietMsOf({ mark, before: last?.seen.get(path), isWritten }));
  }
  const untilMs = sinceMs + Math.max(0, ...quietMs.values());
  if (written.size === 0) await standStill(host, marks, { untilMs, signal });
  // By now whoever has emptied a file is seen.
  for (const [path, mark] of moved)
    if (isEmpty(mark) && isTrue(await host.watcher.isBeingWritten(path))) written.add(path);
  const texts = new Map(paths.map((path) => [path, host.files.read(path)]));
  // Looked at again after the last was read: with no mark changed, all of them stood so when the first was.
  const changed = signal.aborted ? moved.map(([path]) => path) : changedSince(host, marks);
  return {
    texts,
    restless: new Set([...written, ...changed]),
    seen: new Map(
      [...marks].map(([path, mark]) => [path, { mark, isSettled: quietMs.get(path) !== 0 }]),
    ),
  };
}

function isSettled(mark: Fact<FileMark>, before: Seen | undefined): boolean {
  return before?.isSettled === true && isSame(before.mark, mark);
}

function isTrue(fact: Fact<boolean>): boolean {
  return fact.kind === 'known' && fact.value;
}

/** How long a file must stand still before it is read. */
function quietMsOf(file: {
  readonly mark: Fact<FileMark>;
  readonly before: Seen | undefined;
  readonly isWritten: Fact<boolean>;
}): number {
  const { mark, before, isWritten } = file;
  if (isEmpty(mark)) return EMPTY_QUIET_MS;
  if (isWritten.kind === 'unreadable') return BLIND_QUIET_MS;
  // A new file is whole as soon as nobody has it open: who makes it under its name opens it before its first byte, and else it is made elsewhere.
  const isNew = before !== undefined && valueOf(before.mark)?.inode !== valueOf(mark)?.inode;
  return isNew ? 0 : QUIET_MS;
}

function isEmpty(mark: Fact<FileMark>): boolean {
  return mark.kind === 'absent' || (mark.kind === 'known' && mark.value.isEmpty);
}

/** Resolves when it is time, or soon after one of the files has changed. */
async function standStill(
  host: ReadingHost,
  marks: Marks,
  { untilMs, signal }: { readonly untilMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const leftMs = () => untilMs - host.clock.monotonicMs();
  while (leftMs() > 0 && !signal.aborted && changedSince(host, marks).length === 0)
    await host.clock.sleep(Math.min(leftMs(), QUIET_MS), signal);
}

function marksOf({ watcher }: ReadingHost, paths: Iterable<HostPath>): Marks {
  return new Map([...paths].map((path) => [path, watcher.mark(path)]));
}

function changedSince(host: ReadingHost, marks: Marks): readonly HostPath[] {
  const now = marksOf(host, marks.keys());
  return [...marks].flatMap(([path, mark]) => (isSame(mark, now.get(path)) ? [] : [path]));
}

function isSame(a: Fact<FileMark>, b: Fact<FileMark> | undefined): boolean {
  return a.kind === b?.kind && valueOf(a)?.state === valueOf(b)?.state;
}

function readingOf(
  { crypto }: ReadingHost,
  desired: Snapshot['desired'],
  { texts: read, seen, restless }: Attempt,
): Reading {
  const texts = new Map(
    [...read].map(([path, text]) => [path, restless.has(path) ? halfWritten(path) : text]),
  );
  // By what people call the files: the same files elsewhere have the same digest.
  const content = desired.map(({ shown, path }) => [shown, texts.get(path)]);
  return {
    snapshot: { digest: crypto.sha256(JSON.stringify(content)), desired, texts, git: undefined },
    isWhole: restless.size === 0,
    seen: new Map([...seen].filter(([path]) => !restless.has(path))),
  };
}

function halfWritten(path: HostPath): Fact<string> {
  return unreadable(`${path}: still being written after ${showDuration(SETTLE_MS_MAX)}`);
}
