import type { JournalRecord } from '../model/journal.ts';
import { JOURNAL_FORMAT } from '../model/journal.ts';
import { err, ok, type Result } from '../model/result.ts';

/** A checksum of a text, as hex digits. */
export type Checksum = (text: string) => string;

const SEAL = /,"crc":"([0-9a-f]{8})"\}$/;

/** A record as a line, without its newline: JSON whose last field is the checksum of all before it. */
export function journalLine(record: JournalRecord, checksum: Checksum): string {
  const json = JSON.stringify(record);
  return `${json.slice(0, -1)},"crc":"${checksum(json)}"}`;
}

/**
 * The records of a journal. A last line that was torn by a crash is left out; a line that is damaged before others, a gap in
 * their numbers or another format is a failure that names the line.
 */
export function readJournal(
  text: string,
  checksum: Checksum,
): Result<readonly JournalRecord[], string> {
  const lines = text.split('\n');
  // What follows the last newline was never acknowledged.
  const torn = lines.pop() ?? '';
  const records: JournalRecord[] = [];
  for (const [index, line] of lines.entries()) {
    const record = readLine(line, checksum);
    const isLast = index === lines.length - 1 && torn === '';
    if (record === undefined && isLast && index > 0) break;
    if (record?.seq !== index + 1) return err(`line ${index + 1} is damaged`);
    records.push(record);
  }
  const [first] = records;
  if (first === undefined) return torn === '' ? err('it is empty') : ok([]);
  if (first.type !== 'begin') return err('line 1 does not begin a run');
  const { schema } = first as { readonly schema: string };
  return schema === JOURNAL_FORMAT
    ? ok(records)
    : err(`its format is ${schema}, this bootstrap knows ${JOURNAL_FORMAT}`);
}

function readLine(line: string, checksum: Checksum): JournalRecord | undefined {
  const sealed = SEAL.exec(line);
  if (sealed === null) return undefined;
  const json = `${line.slice(0, sealed.index)}}`;
  return checksum(json) === sealed[1] ? (JSON.parse(json) as JournalRecord) : undefined;
}
