import { describe, expect, test } from 'vitest';
import type { Disk } from '../../../src/host/disk.ts';
import { createFiles } from '../../../src/host/files.ts';
import type { Files } from '../../../src/host/host.ts';
import { journalLine, readJournal } from '../../../src/format/journal-lines.ts';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { actionId, hostPath, runIdOf } from '../../../src/model/ids.ts';
import { JOURNAL_FORMAT, type JournalRecord } from '../../../src/model/journal.ts';
import { named } from '../../core/states.ts';
import { IS_FULL } from '../lock/programs.ts';
import { crashStates, type Crashes } from './crash-states.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import { tappedDisk } from './tapped-disk.ts';
import { ALL_WORKLOADS, type Workload } from './workloads.ts';

const TEST_MS_MAX = 120_000;
const workloads = await ALL_WORKLOADS;

describe('after a power cut at any moment, whatever of the unsynced reached the disk', () => {
  test.each(workloads)(
    '$name: the old or the new is read, and nothing done is lost',
    { timeout: TEST_MS_MAX },
    async (work) => {
      const { crashes, problems } = await cutEverywhere(work);
      say(figures(work, crashes, problems));
      expect(problems).toEqual([]);
      expect(crashes.states.length).toBeGreaterThan(crashes.moments / 10);
    },
  );

  test.each(workloads)(
    '$name: also when the run before was killed at any call, and this one did it again',
    { timeout: TEST_MS_MAX },
    async (work) => {
      const { cuts, problems } = await cutAfterKills(work);
      say(
        `${work.name}: ${cuts.states} states after ${cuts.kills} kills, ${problems.length} problems`,
      );
      expect(problems).toEqual([]);
    },
  );
});

// Two scripts that are started at the same time.
test('a journal can be read whatever reached the disk of it', async () => {
  const { crypto } = createNodeHost();
  const checksum = (text: string): string => crypto.crc32(text);
  const disk = createMemoryDisk();
  const before = disk.image();
  const path = hostPath('', '/var/bootstrap/runs/1.ndjson');
  const log = createFiles(disk).createLog(path);
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  for (const together of TWO_STARTS) {
    const appended = together.map((record) => log.value.append(journalLine(record, checksum)));
    for (const result of await Promise.all(appended)) expect(result).toMatchObject({ ok: true });
    disk.done();
  }
  for (const { image, done } of crashStates(before, disk).states) {
    const text = createFiles(createMemoryDisk(image)).read(path);
    if (done === 0 || text.kind !== 'known') continue;
    expect(readJournal(text.value, checksum)).toMatchObject({ ok: true });
  }
});

const STEP = { action: actionId('web', 'upgrade'), product: named('web'), time: '' } as const;
const TWO_STARTS: readonly (readonly JournalRecord[])[] = [
  [
    {
      seq: 1,
      time: '',
      type: 'begin',
      schema: JOURNAL_FORMAT,
      runId: runIdOf(new Date(0), ''),
      command: 'apply',
      revision: '',
      actions: [],
      carried: [],
      rollback: null,
    },
  ],
  [
    { seq: 2, type: 'spawned', ...STEP, pid: 1, startTicks: 1 },
    { seq: 3, type: 'spawned', ...STEP, pid: 2, startTicks: 2 },
  ],
  [{ seq: 4, type: 'exited', ...STEP, end: { how: 'exit', exitCode: 0 } }],
];

describe('the same finds what is wrong with', () => {
  test.each<readonly [string, (disk: Disk) => Files]>([
    ['a rename without fsync of the file', (disk) => createFiles(notSyncing(disk, 'file'))],
    [
      'fsync of the file without fsync of its folder',
      (disk) => createFiles(notSyncing(disk, 'folder')),
    ],
    ['writing into the file itself', inPlace],
  ])('%s', { timeout: TEST_MS_MAX }, async (_, weaken) => {
    const broken: string[] = [];
    for (const work of workloads) {
      const { crashes, problems } = await cutEverywhere(work, { weaken, waysMax: 64 });
      say(`control: ${figures(work, crashes, problems)}`);
      if (problems.length > 0) broken.push(work.name);
    }
    expect(broken).toContain('Files.replace');
  });
});

function notSyncing(disk: Disk, kind: 'file' | 'folder'): Disk {
  const sync = (file: number): void => {
    if (disk.statOpen(file).isFile() !== (kind === 'file')) disk.sync(file);
  };
  return {
    ...disk,
    sync,
    flush: (file) => Promise.resolve(sync(file)),
  };
}

/** A plain write, but synced: what most programs do. */
function inPlace(disk: Disk): Files {
  return {
    ...createFiles(disk),
    replace(path, text) {
      const file = disk.open(path, 'w', 0o644);
      disk.write(file, Buffer.from(text), 0);
      disk.sync(file);
      disk.close(file);
      return createFiles(disk).replace(path, text, { modeBits: 0o644 }); // only syncs the folder now
    },
  };
}

interface CutOptions {
  readonly weaken?: (disk: Disk) => Files;
  readonly waysMax?: number;
}

interface Cut {
  readonly crashes: Crashes;
  readonly problems: readonly string[];
}

/** Does all the work, then looks at every state that a power cut during it could have left. */
async function cutEverywhere(
  work: Workload,
  { weaken = createFiles, waysMax }: CutOptions = {},
): Promise<Cut> {
  const disk = await prepared(work);
  const before = disk.image();
  await run(work, disk, { files: weaken(disk), run: 1 });
  const crashes = crashStates(before, disk, waysMax === undefined ? {} : { waysMax });
  const problems: string[] = [];
  for (const { image, done } of crashes.states)
    problems.push(...(await work.problems(createFiles(createMemoryDisk(image)), done, 1)));
  return { crashes, problems };
}

/** A run is killed at each of its calls in turn, another one does it all, and then the power goes. */
async function cutAfterKills(work: Workload): Promise<{
  readonly cuts: { readonly kills: number; readonly states: number };
  readonly problems: readonly string[];
}> {
  const problems: string[] = [];
  let states = 0;
  for (let kills = 0; ; kills++) {
    const disk = await prepared(work);
    const before = disk.image();
    const killed =
      (await run(work, disk, { files: createFiles(dyingAt(disk, kills + 1)), run: 1 })) ===
      'killed';
    if (!killed) return { cuts: { kills, states }, problems };
    const first = disk.log.filter(({ what }) => what === 'done').length;
    await run(work, disk, { files: createFiles(disk), run: 2 });
    const steps = disk.log.filter(({ what }) => what === 'done').length - first;
    const last = crashStates(before, disk, { from: disk.log.length }).states;
    states += last.length;
    for (const { image } of last)
      problems.push(...(await work.problems(createFiles(createMemoryDisk(image)), steps, 2)));
  }
}

async function prepared(work: Workload): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  expect(await work.prepare(createFiles(disk))).toMatchObject({ ok: true });
  return createMemoryDisk(disk.image());
}

/** What ends a run at once, with none of its own clearing up. */
class Killed extends Error {}

async function run(
  work: Workload,
  disk: MemoryDisk,
  { files, run: number }: { readonly files: Files; readonly run: number },
): Promise<'done' | 'killed'> {
  try {
    for (const step of work.steps(files, number)) {
      expect(await step()).toMatchObject({ ok: true });
      disk.done();
    }
    return 'done';
  } catch (thrown) {
    if (thrown instanceof Killed) return 'killed';
    throw thrown;
  }
}

function dyingAt(disk: Disk, call: number): Disk {
  let calls = 0;
  return tappedDisk(disk, (_, go) => {
    calls += 1;
    if (calls >= call) throw new Killed();
    return go();
  });
}

function figures(
  work: Workload,
  { states, moments, sampled }: Crashes,
  problems: readonly string[],
): string {
  return `${work.name}: ${states.length} states after ${moments} moments (${sampled} of them sampled), ${problems.length} problems`;
}

/** Figures are for README.md. */
function say(text: string): void {
  if (IS_FULL) console.log(text);
}
