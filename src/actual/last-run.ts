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
  { files, crypto }: Pick<Host, 'files' | 'crypto'>,
  root: string,
  found: Found,
): Fact<LastRun> {
  if (!isUnfinished(found)) return absent;
  const newest = files.read(layoutOf(root).newestRun);
  if (newest.kind !== 'known') return newest;
  const path = journalPath(root, newest.value.trim());
  const text = files.read(path);
  // A journal that somebody took away tells nothing: what is open is then done from its start.
  if (text.kind !== 'known') return text;
  const records = readJournal(text.value, (line) => crypto.crc32(line));
  if (!records.ok) return unreadable(damaged(path, records.error));
  const run = lastRunIn(records.value);
  return run === undefined ? absent : known({ ...run, progress: stillOpen(run.progress, found) });
}

function damaged(path: HostPath, why: string): string {
  return `${path}: ${why}; move it away, and what it left open is done again from its start`;
}
