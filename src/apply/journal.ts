import { journalLine } from '../format/journal-lines.ts';
import { failpoint } from '../host/failpoint.ts';
import type { AppendLog, HeldLock, Host } from '../host/host.ts';
import type { EventBody } from '../model/event.ts';
import { failureNote } from '../core/render/failure-note.ts';
import type { Failure } from '../model/failure.ts';
import type { RunId } from '../model/ids.ts';
import type { JournalBody, JournalRecord } from '../model/journal.ts';
import { journalledRuns, journalPath, layoutOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';

const STATE_FILE_BITS = 0o644;
// Enough to look back for months; a run that changes nothing leaves none.
const JOURNALS_KEPT_MAX = 200;

/** What a run writes down before and after each thing it does. */
export interface Journal {
  /** On disk when it resolves, so that what follows may be done; in the order in which they were given. */
  note(record: JournalBody): Promise<Result<void, Failure>>;
  close(): Promise<void>;
}

type Machine = Pick<Host, 'clock' | 'crypto' | 'files'>;

/** Whose journal it is. */
export interface JournalOwner {
  readonly root: string;
  readonly lock: HeldLock;
}

/** Opens the journal of a run with its first record, and makes it the newest; the oldest ones are removed. Once the lock is lost nothing more is written. */
export async function openJournal(
  host: Machine,
  { root, lock }: JournalOwner,
  begin: Extract<JournalBody, { readonly type: 'begin' }>,
): Promise<Result<Journal, Failure>> {
  const { files } = host;
  const log = files.createLog(journalPath(root, begin.runId));
  if (!log.ok) return log;
  const journal = createJournal(host, log.value, lock);
  const begun = await journal.note(begin);
  if (!begun.ok) return begun;
  failpoint('journal.begun');
  // Only now: until then the journal before this one tells how things are.
  const { newestRun } = layoutOf(root);
  const named = files.replace(newestRun, `${begin.runId}\n`, { modeBits: STATE_FILE_BITS });
  if (!named.ok) return named;
  failpoint('journal.named');
  const swept = removeOldest(host, root, begin.runId);
  return swept.ok ? ok(journal) : swept;
}

function createJournal({ clock, crypto }: Machine, log: AppendLog, lock: HeldLock): Journal {
  let seq = 0;
  const note = async (record: JournalBody): Promise<Result<void, Failure>> => {
    // Whoever has the lock now may have read it already.
    if (!lock.owned()) return ok(undefined);
    seq += 1;
    const dated: JournalRecord = { seq, time: clock.now().toISOString(), ...record };
    return await log.append(journalLine(dated, (text) => crypto.crc32(text)));
  };
  return { note, close: () => log.close() };
}

// Their names begin with the time of their run.
function removeOldest({ files }: Machine, root: string, newest: RunId): Result<void, Failure> {
  const listed = files.list(layoutOf(root).runs);
  const names = listed.kind === 'known' ? listed.value : [];
  const journals = journalledRuns(names).filter((runId) => runId !== newest);
  for (const runId of journals.slice(0, Math.max(0, journals.length + 1 - JOURNALS_KEPT_MAX))) {
    const removed = files.remove(journalPath(root, runId));
    if (!removed.ok) return removed;
  }
  return ok(undefined);
}

/** What a journal keeps of an event, for whoever asks later how a run went; undefined for what is no verdict. */
export function recordOf(event: EventBody): JournalBody | undefined {
  switch (event.type) {
    case 'action.completed': {
      const { action, durationMs } = event;
      const whole = Math.round(durationMs);
      return {
        type: 'action',
        id: action.id,
        verdict: 'succeeded',
        durationMs: whole,
        failures: [],
      };
    }
    case 'action.failed': {
      const { action, verdict, durationMs, failures } = event;
      return {
        type: 'action',
        id: action.id,
        verdict,
        durationMs: Math.round(durationMs),
        failures: failures.map(failureNote),
      };
    }
    case 'action.skipped': {
      const { action, verdict } = event;
      return { type: 'action', id: action.id, verdict, durationMs: 0, failures: [] };
    }
    case 'verify.passed':
      return { type: 'verified', id: event.verification.id, passed: true };
    case 'verify.failed':
      return { type: 'verified', id: event.verification.id, passed: false };
    case 'run.started':
    case 'lock.waiting':
    case 'plan.made':
    case 'action.started':
    case 'action.output':
    case 'verify.started':
    case 'heartbeat.seen':
    case 'rollback.started':
    case 'rollback.completed':
    case 'diagnostic':
    case 'run.finished':
      return undefined;
  }
}
