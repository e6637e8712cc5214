// In which order runs are listed.
import { expect, test } from 'vitest';
import { pastRuns } from '../../src/app/history.ts';
import { journalLine } from '../../src/format/journal-lines.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { RunId } from '../../src/model/ids.ts';
import type { JournalBody } from '../../src/model/journal.ts';
import { createWorld } from '../rig/world.ts';

const host = createNodeHost();

// What a run wrote that was killed after its first record.
function begun(runId: string, time: string): Record<string, string> {
  const begin: JournalBody = {
    type: 'begin',
    schema: 'bootstrap.journal/1',
    runId: runId as RunId,
    command: 'apply',
    revision: 'r1',
    actions: [],
    carried: [],
    rollback: null,
  };
  const line = journalLine({ seq: 1, time, ...begin }, (text) => host.crypto.crc32(text));
  return { [`var/bootstrap/runs/${runId}.ndjson`]: `${line}\n` };
}

test('by when each began to change anything: runs of one second too, and one that waited for the lock', (context) => {
  const world = createWorld({
    ...begun('20261122T100000Z-ffffffffffff', '2026-11-22T10:00:00.100Z'),
    ...begun('20261122T100000Z-000000000000', '2026-11-22T10:00:00.900Z'),
    ...begun('20261122T100000Z-888888888888', '2026-11-22T10:00:00.500Z'),
    ...begun('20261122T095900Z-aaaaaaaaaaaa', '2026-11-22T10:00:30.000Z'),
    'var/bootstrap/runs/20261122T100001Z-dddddddddddd.ndjson': 'nonsense\n',
    'var/bootstrap/runs/newest': '20261122T095900Z-aaaaaaaaaaaa\n',
  });
  context.onTestFinished(() => world.end());
  expect(pastRuns(host, world.root).map(({ runId }) => runId)).toEqual([
    '20261122T095900Z-aaaaaaaaaaaa',
    '20261122T100001Z-dddddddddddd',
    '20261122T100000Z-000000000000',
    '20261122T100000Z-888888888888',
    '20261122T100000Z-ffffffffffff',
  ]);
});
