import { eventsOf, receiversOf, type Teller } from '../core/callback-events.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import {
  endedStory,
  endInJournal,
  storyEnd,
  storyInJournal,
  storyOf,
  type RunFacts,
  type RunStory,
} from '../core/run-story.ts';
import { readJournal } from '../format/journal-lines.ts';
import { failpoint } from '../host/failpoint.ts';
import type { HeldLock, Host } from '../host/host.ts';
import type { CallbackEvent, CallbackRecord, Post } from '../model/callback.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath } from '../model/ids.ts';
import type { JournalRecord } from '../model/journal.ts';
import { journalPath } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { CallbackTarget } from '../model/state.ts';
import { post } from '../report/outbox.ts';
import { readCallbackRecord, writeCallbackRecord } from './callback-record.ts';
import type { Reconciled } from './reconciled.ts';

/**
 * What receivers are told of a run, for the holder of the main lock: derived from its journal, decided in one write, then laid into the
 * outbox; what a crash leaves undone of that the next run does. Nothing here changes how a run ends: what goes wrong is a warning.
 */
export interface Callbacks {
  /** Tells what a run before this one came to and could not tell. Called before anything else is done. */
  recover(): void;
  /** Whatever becomes of the run from now on is told. Called before its journal is begun. */
  open(): void;
  /** Called when its journal is begun. */
  begun(): void;
  /** Called when the run is over, and all of it on record. */
  ended(end: Reconciled): void;
}

/** Whose callbacks they are. */
export interface CallbacksRequest {
  readonly root: string;
  readonly lock: HeldLock;
  readonly run: RunFacts;
  readonly receivers: readonly CallbackTarget[];
  /** Called when there is something new in the outbox. */
  readonly onPosted: () => void;
  readonly warn: (message: string) => void;
}

type Machine = Pick<Host, 'clock' | 'crypto' | 'files' | 'machine'>;

interface Telling extends CallbacksRequest {
  readonly host: Machine;
}

/** The callbacks of a run. Nothing is read yet. */
export function openCallbacks(host: Machine, request: CallbacksRequest): Callbacks {
  const telling: Telling = { ...request, host };
  const attempt = (
    tell: (telling: Telling, record: CallbackRecord) => Result<void, Failure>,
  ): void => {
    // Whoever has the lock now tells of this run too.
    if (!request.lock.owned()) return;
    const record = readCallbackRecord(host.files, request.root);
    const told = record.ok ? tell(telling, record.value) : record;
    if (!told.ok) request.warn(`callbacks: ${renderFailureLine(told.error)}`);
  };
  return {
    recover: () => attempt(recover),
    open: () => attempt(open),
    begun: () => attempt(begun),
    ended: (end) => attempt((_, record) => ended(telling, record, end)),
  };
}

function recover(telling: Telling, found: CallbackRecord): Result<void, Failure> {
  const laidOut = layOut(telling, found);
  if (!laidOut.ok || found.open === null) return laidOut;
  const record = { ...found, pending: [] };
  const { runId, receivers } = found.open;
  const records = journalOf(telling, runId);
  if (!records.ok) return records;
  // Whether it was about a part only is not on record: the run that finds all well says that it recovered.
  const story = storyInJournal(records.value, { partial: true });
  if (story === undefined) return keep(telling, { ...record, open: null });
  const end = endInJournal(records.value);
  return decide(telling, record, { story: endedStory(story, records.value, end), receivers });
}

// Who dies before its journal has begun has done nothing, and nothing is told of it.
function open(telling: Telling, record: CallbackRecord): Result<void, Failure> {
  const { receivers, run } = telling;
  if (receivers.length === 0) return ok(undefined);
  const opened = keep(telling, { ...record, open: { runId: run.runId, receivers } });
  failpoint('callbacks.opened');
  return opened;
}

// Not decided on record: of the same journal after the same record the same event is made once more.
function begun(telling: Telling, record: CallbackRecord): Result<void, Failure> {
  const story = ownStory(telling, record);
  if (!story.ok || story.value === undefined) return story.ok ? ok(undefined) : story;
  const { receivers } = telling;
  const { events } = eventsOf(record, story.value.story, tellerOf(telling));
  return postNow(telling, postsOf(events, receivers));
}

function ended(
  telling: Telling,
  record: CallbackRecord,
  { failures, changed }: Reconciled,
): Result<void, Failure> {
  const { host, run, receivers } = telling;
  const own = ownStory(telling, record);
  if (!own.ok) return own;
  const now = host.clock.now().toISOString();
  if (own.value === undefined) {
    if (receivers.length === 0) return ok(undefined);
    const end = storyEnd(failures, { at: now, changed });
    return decide(telling, record, { story: storyOf(run, end), receivers });
  }
  const { story, records } = own.value;
  const last = records.at(-1);
  const end = storyEnd(failures, { at: last?.type === 'end' ? last.time : now, changed });
  return decide(telling, record, { story: endedStory(story, records, end), receivers });
}

interface Own {
  readonly story: RunStory;
  readonly records: readonly JournalRecord[];
}

/** What the journal of this run tells of it; undefined where it has none, or nobody is told. */
function ownStory(telling: Telling, record: CallbackRecord): Result<Own | undefined, Failure> {
  const { run } = telling;
  if (record.open?.runId !== run.runId) return ok(undefined);
  const records = journalOf(telling, run.runId);
  if (!records.ok) return records;
  const story = storyInJournal(records.value, run);
  return ok(story && { story, records: records.value });
}

/** The records of a journal; [] where there is none, or nothing was begun. */
function journalOf(
  { host: { crypto, files }, root }: Telling,
  runId: string,
): Result<readonly JournalRecord[], Failure> {
  const path = journalPath(root, runId);
  const text = files.read(path);
  if (text.kind === 'absent') return ok([]);
  const records =
    text.kind === 'known' ? readJournal(text.value, (line) => crypto.crc32(line)) : err(text.why);
  return records.ok
    ? records
    : err({ code: 'file-unusable', path, why: records.error, what: 'read' });
}

const PENDING_MAX = 1000;

interface Heard {
  readonly story: RunStory;
  readonly receivers: readonly CallbackTarget[];
}

// One write decides what is told and what is known then; all that follows of it can be done again.
function decide(
  telling: Telling,
  record: CallbackRecord,
  { story, receivers }: Heard,
): Result<void, Failure> {
  const { events, after } = eventsOf(record, story, tellerOf(telling));
  if (events.length === 0 && record.open === null) return ok(undefined);
  // What could not be laid out yet, as on a full disk, is not given up for that.
  const pending = [...record.pending, ...postsOf(events, receivers)].slice(-PENDING_MAX);
  const decided = { ...after, open: null, pending };
  const kept = keep(telling, decided);
  failpoint('callbacks.decided');
  return kept.ok ? layOut(telling, decided) : kept;
}

function postsOf(
  events: readonly CallbackEvent[],
  receivers: readonly CallbackTarget[],
): readonly Post[] {
  return events.map((event) => ({ event, receivers: receiversOf(event, { events, receivers }) }));
}

function layOut(telling: Telling, record: CallbackRecord): Result<void, Failure> {
  if (record.pending.length === 0) return ok(undefined);
  const posted = postNow(telling, record.pending);
  failpoint('callbacks.posted');
  return posted.ok ? keep(telling, { ...record, pending: [] }) : posted;
}

function postNow({ host, root, onPosted }: Telling, posts: readonly Post[]): Result<void, Failure> {
  const posted = post(host, root, posts);
  if (posts.length > 0) onPosted();
  return posted;
}

function keep({ host, root }: Telling, record: CallbackRecord): Result<void, Failure> {
  return writeCallbackRecord(host.files, root, record);
}

const MACHINE_ID = hostPath('', '/etc/machine-id');
const SOURCE_DIGITS = 32;

// Never the machine-id itself: machine-id(5) asks for a keyed hash where it leaves the machine. A server in a folder is one of its own.
function tellerOf({ host, root }: Telling): Teller {
  const { crypto, files, machine } = host;
  const name = machine.hostname();
  const identity = valueOf(files.read(MACHINE_ID))?.trim() ?? name;
  const id = crypto.hmacSha256(identity, `bootstrap ${root || '/'}`).slice(0, SOURCE_DIGITS);
  return { source: `urn:bootstrap:${id}`, host: name };
}
