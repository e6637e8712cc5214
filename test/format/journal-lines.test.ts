import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { journalLine, readJournal } from '../../src/format/journal-lines.ts';
import { createCrypto } from '../../src/host/machine.ts';
import type { ActionId, HostPath, ProductName, RunId } from '../../src/model/ids.ts';
import type { JournalBody, JournalRecord } from '../../src/model/journal.ts';
import { durationMs } from '../../src/model/duration.ts';

const crypto = createCrypto();
const crc32 = (text: string): string => crypto.crc32(text);
const time = '2026-11-22T14:22:00.000Z';
const [id, product] = ['web/upgrade' as ActionId, 'web' as ProductName];

const BODIES: readonly JournalBody[] = [
  {
    type: 'begin',
    schema: 'bootstrap.journal/1',
    runId: '20261122T142200Z-000000000000' as RunId,
    command: 'apply',
    revision: 'r1',
    actions: [id],
    carried: [],
    rollback: null,
  },
  {
    type: 'intent',
    action: id,
    product,
    script: 'upgrade',
    path: '/etc/bootstrap/upgrade "ü\n"' as HostPath,
    args: ['', '2'],
    key: '["","2"]',
    timeoutMs: durationMs(600_000),
  },
  { type: 'spawned', action: id, product, pid: 4711, startTicks: 815 },
  { type: 'exited', action: id, product, end: { how: 'exit', exitCode: 0 } },
  { type: 'action', id, verdict: 'succeeded', durationMs: 12, failures: [] },
  { type: 'valid', product },
  { type: 'end', outcome: 'changed', exitCode: 0 },
];
const RECORDS = BODIES.map((body, index): JournalRecord => ({ seq: index + 1, time, ...body }));
const LINES = RECORDS.map((record) => journalLine(record, crc32));
const TEXT = textOf(LINES);

test('what is written is read', () => {
  expect(readJournal(TEXT, crc32)).toEqual({ ok: true, value: RECORDS });
});

test('text of any kind comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (revision) => {
      const [begin] = RECORDS;
      const record = { ...begin, revision } as JournalRecord;
      const read = readJournal(textOf([journalLine(record, crc32)]), crc32);
      expect(read).toEqual({ ok: true, value: [record] });
    }),
  );
});

test('cut off at any byte, it holds the lines that were whole', () => {
  const bytes = Buffer.from(TEXT);
  for (let length = 1; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length);
    const whole = cut.filter((byte) => byte === 0x0a).length;
    expect(readJournal(cut.toString(), crc32), `${length} bytes`).toEqual({
      ok: true,
      value: RECORDS.slice(0, whole),
    });
  }
});

test('a bit that changed in any byte is found, and its line named', () => {
  const bytes = Buffer.from(TEXT);
  // Up to the newline before the last line: from there on it may be one that was torn.
  const last = bytes.length - 2 - Buffer.byteLength(LINES.at(-1) ?? '');
  for (let at = 0; at < last; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (bytes[at] ?? 0) ^ 0x01;
    const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
    expect(readJournal(damaged.toString(), crc32), `byte ${at}`).toEqual({
      ok: false,
      error: `line ${line} is damaged`,
    });
  }
});

// A power cut may keep the length of what was being written, and not its bytes.
test('a last line that holds anything else is one that was torn', () => {
  const lines = [...LINES.slice(0, -1), '\0'.repeat(LINES.at(-1)?.length ?? 0)];
  expect(readJournal(textOf(lines), crc32)).toEqual({ ok: true, value: RECORDS.slice(0, -1) });
});

describe('refused is', () => {
  test.each<[string, readonly string[], string]>([
    ['an empty file', [], 'it is empty'],
    ['an empty line', [...LINES.slice(0, 2), '', ...LINES.slice(2)], 'line 3 is damaged'],
    ['a gap', LINES.filter((_, index) => index !== 2), 'line 3 is damaged'],
    ['a line twice', [...LINES.slice(0, 3), ...LINES.slice(2)], 'line 4 is damaged'],
    ['two lines changed about', changedAbout(), 'line 3 is damaged'],
    [
      'a start that is none',
      [line({ seq: 1, type: 'valid', product })],
      'line 1 does not begin a run',
    ],
    [
      'a newer format',
      [line({ ...BODIES[0], seq: 1, schema: 'bootstrap.journal/2' })],
      'its format is bootstrap.journal/2, this bootstrap knows bootstrap.journal/1',
    ],
  ])('%s', (_, lines, error) => {
    expect(readJournal(textOf(lines), crc32)).toEqual({ ok: false, error });
  });
});

function textOf(lines: readonly string[]): string {
  return lines.map((each) => `${each}\n`).join('');
}

function line(record: object): string {
  return journalLine({ time, ...record } as JournalRecord, crc32);
}

function changedAbout(): readonly string[] {
  const [first = '', second = '', third = '', fourth = '', ...others] = LINES;
  return [first, second, fourth, third, ...others];
}
