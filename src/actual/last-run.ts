import { isUnfinished, lastRunIn, stillOpen } from '../core/progress.ts';
import { readJournal } from '../format/journal-lines.ts';
import type { Host } from '../host/host.ts';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
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
  const run = readNewest(host, root, found);
  if (isUnfinished(found)) return run;
  // In the middle of a rollback each product may be whole, and some not taken back yet; in that of a restart they all are.
  if (run.kind !== 'known') return absent;
  return run.value.rollback !== undefined || run.value.progress.size > 0 ? run : absent;
}

function readNewest(
  { files, crypto }: Pick<Host, 'files' | 'crypto'>,
  root: string,
  found: Found,
): Fact<LastRun> {
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
  if (text.kind === 'unreadable') return damaged(text.why);
  const records = readJournal(text.value, (line) => crypto.crc32(line));
  if (!records.ok) return damaged(`${path}: ${records.error}`);
  const run = lastRunIn(records.value);
  return run === undefined ? absent : known({ ...run, progress: stillOpen(run.progress, found) });
}

/** What `runIdOf` makes. */
const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{12}$/;

function damaged(why: string): Fact<never> {
  return unreadable(`${why}; move it away, and what it left open is done again from its start`);
}
