import { isUnfinished, lastRunIn, stillOpen } from '../core/progress.ts';
import { readJournal } from '../format/journal-lines.ts';
import type { Host } from '../host/host.ts';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import type { LastRun } from '../model/journal.ts';
import { journalPath, layoutOf } from '../model/layout.ts';
import type { ActualState } from '../model/state.ts';

/** What else a look found. */
export type Found = Pick<ActualState, 'mode' | 'products' | 'leftovers'>;

/** How far the last run came, where it left anything open; a damaged journal is unreadable, never empty. */
export function readLastRun(
  host: Pick<Host, 'files' | 'crypto'>,
  root: string,
  found: Found,
): Fact<LastRun> {
  const journal = readNewest(host.files, root);
  if (isUnfinished(found)) return lastRunOf(host, journal, found);
  // In the middle of a rollback each product may be whole, and some not taken back yet; in that of a restart they all are.
  if (journal.kind !== 'known' || !OPEN_UNSEEN.test(journal.value.text)) return absent;
  const run = lastRunOf(host, journal, found);
  if (run.kind !== 'known') return absent;
  return run.value.rollback !== undefined || run.value.progress.size > 0 ? run : absent;
}

/** What stands in a journal that leaves open what no record tells of: without any of it, it need not be gone through. */
const OPEN_UNSEEN = /\/restart"|"type":"(?:rollback|faulty)"|"rollback":\{/;

interface Journal {
  readonly path: HostPath;
  readonly text: string;
}

function readNewest(files: Host['files'], root: string): Fact<Journal> {
  const { newestRun } = layoutOf(root);
  const newest = files.read(newestRun);
  if (newest.kind === 'absent') return newest;
  if (newest.kind === 'unreadable') return damaged(newest.why);
  const runId = newest.value.trim();
  // Damaged it would name no journal: that is not the same as a journal that somebody took away.
  if (!RUN_ID.test(runId)) return damaged(`${newestRun}: it names no run`);
  const path = journalPath(root, runId);
  const text = files.read(path);
  // A journal that somebody took away tells nothing: what is open is then done from its start.
  if (text.kind === 'absent') return text;
  return text.kind === 'unreadable' ? damaged(text.why) : known({ path, text: text.value });
}

function lastRunOf(
  { crypto }: Pick<Host, 'crypto'>,
  journal: Fact<Journal>,
  found: Found,
): Fact<LastRun> {
  if (journal.kind !== 'known') return journal;
  const { path, text } = journal.value;
  const records = readJournal(text, (line) => crypto.crc32(line));
  if (!records.ok) return damaged(`${path}: ${records.error}`);
  const run = lastRunIn(records.value);
  return run === undefined ? absent : known({ ...run, progress: stillOpen(run.progress, found) });
}

/** What `runIdOf` makes. */
const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{12}$/;

function damaged(why: string): Fact<never> {
  return unreadable(`${why}; move it away, and what it left open is done again from its start`);
}
