// The runs that a page lists: those of its process, and those that left a journal.
import { expect, test } from 'vitest';
import { createRunList } from '../../src/app/run-list.ts';
import type { RunSummary } from '../../src/core/run-summary.ts';
import { NO_VERDICTS } from '../../src/core/tally.ts';
import { journalLine } from '../../src/format/journal-lines.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { RunId } from '../../src/model/ids.ts';
import type { JournalBody } from '../../src/model/journal.ts';
import { createWorld } from '../rig/world.ts';

const host = createNodeHost();
const HOUR_MS = 3_600_000;
const timeOf = (hour: number): string => new Date(hour * HOUR_MS).toISOString();

const quiet = (hour: number): RunSummary => ({
  runId: `quiet-${hour}`,
  command: 'watch',
  startedAt: timeOf(hour),
  durationMs: 1,
  end: { outcome: 'in-sync', exitCode: 0 },
  counts: NO_VERDICTS,
  isJournalled: false,
});

const END: JournalBody = { type: 'end', outcome: 'changed', exitCode: 0, failures: [] };
function journal(hour: number, bodies: readonly JournalBody[]): string {
  const begin: JournalBody = {
    type: 'begin',
    schema: 'bootstrap.journal/1',
    runId: `run-${hour}` as RunId,
    command: 'apply',
    revision: 'r1',
    actions: [],
    carried: [],
    rollback: null,
  };
  return [begin, ...bodies]
    .map((body, index) => ({ seq: index + 1, time: timeOf(hour), ...body }))
    .map((record) => `${journalLine(record, (text) => host.crypto.crc32(text))}\n`)
    .join('');
}

const path = (hour: number): string => `var/bootstrap/runs/run-${hour}.ndjson`;
const shown = (runs: readonly RunSummary[]): readonly string[] =>
  runs.map(({ runId, end, isJournalled }) =>
    [runId, end?.outcome ?? 'open', isJournalled ? 'journal' : 'memory'].join(' '),
  );

test('both kinds are in one order, and a run that had not ended is read again', async (context) => {
  const world = createWorld({ [path(1)]: journal(1, [END]), [path(3)]: journal(3, []) });
  context.onTestFinished(() => world.end());
  const list = createRunList(host, world.root);
  await list.readPast(new AbortController().signal);
  list.add(quiet(2));
  expect(shown(list.list())).toEqual([
    'run-3 open journal',
    'quiet-2 in-sync memory',
    'run-1 changed journal',
  ]);
  world.put({ [path(3)]: journal(3, [END]) });
  expect(shown(list.list())[0]).toBe('run-3 changed journal');
  world.put({ [path(1)]: null });
  expect(shown(list.list()).at(-1)).toBe('run-1 changed memory');
});

test('damaged journals are left out, and of ten thousand runs the newest 500 are kept', (context) => {
  const world = createWorld({ [path(0)]: journal(0, [END]), [path(1)]: 'nonsense\n' });
  context.onTestFinished(() => world.end());
  const list = createRunList(host, world.root);
  for (let hour = 2; hour < 10_000; hour++) {
    list.add(quiet(hour));
    if (hour % 100 === 0) list.list();
  }
  const runs = shown(list.list());
  expect(runs.length).toBe(500);
  expect(runs[0]).toBe('quiet-9999 in-sync memory');
  expect(runs).not.toContain('run-1 open journal');
});
