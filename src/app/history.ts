import { nearest } from '../core/nearest.ts';
import { readJournal } from '../format/journal-lines.ts';
import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { PastRun } from '../model/history.ts';
import { journalledRuns, journalPath, layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { compareText } from '../model/text-order.ts';

/** What the newest run that changed anything is called. */
const LAST = 'last';

/** The runs that changed anything, newest first, by when each began to. */
export function pastRuns(host: Pick<Host, 'files' | 'crypto'>, root: string): readonly PastRun[] {
  return runIds(host, root)
    .map((runId) => readRun(host, root, runId))
    .toSorted((one, other) => compareText(begunAt(other), begunAt(one)));
}

// Runs of one second are not in order by their ids, nor is one that waited for the lock; a damaged journal has nothing better.
function begunAt({ runId, records: [begin] }: PastRun): string {
  return begin === undefined ? runId : begin.time.replaceAll(/[-:]/g, '');
}

/** The ids of the runs that left a journal, in order by the second in which each was started. */
export function runIds({ files }: Pick<Host, 'files'>, root: string): readonly string[] {
  return journalledRuns(valueOf(files.list(layoutOf(root).runs)) ?? []);
}

/** One run: by its id, by enough of its beginning or end, or `last`. Fails with `usage` where there is none, or more than one. */
export function findRun(
  host: Pick<Host, 'files' | 'crypto'>,
  root: string,
  asked: string,
): Result<PastRun, Failure> {
  const ids = runIds(host, root);
  const meantId = asked === LAST ? newestRun(host, root) : asked;
  const isMeant = (id: string): boolean => id.startsWith(meantId) || id.endsWith(meantId);
  // Nothing at all, as of a variable that is not set, is not enough of any.
  const found = meantId === '' ? [] : ids.filter(isMeant);
  const [runId, ...more] = found;
  if (runId !== undefined && more.length === 0) return ok(readRun(host, root, runId));
  const message =
    runId === undefined ? `there is no run "${asked}"` : `more than one run is "${asked}"`;
  const meant = runId === undefined ? nearest(asked, ids) : runId;
  const hint = meant === undefined ? 'bootstrap history lists them' : `did you mean ${meant}?`;
  return err({ code: 'usage', message, hint });
}

// Two runs of one second are not in order by their ids.
function newestRun({ files }: Pick<Host, 'files'>, root: string): string {
  return valueOf(files.read(layoutOf(root).newestRun))?.trim() ?? LAST;
}

/** The run of this id. */
export function readRun(
  { files, crypto }: Pick<Host, 'files' | 'crypto'>,
  root: string,
  runId: string,
): PastRun {
  const text = files.read(journalPath(root, runId));
  if (text.kind !== 'known') {
    const damage = text.kind === 'absent' ? 'it is gone' : text.why;
    return { runId, records: [], damage };
  }
  const records = readJournal(text.value, (line) => crypto.crc32(line));
  return records.ok
    ? { runId, records: records.value, damage: undefined }
    : { runId, records: [], damage: records.error };
}
