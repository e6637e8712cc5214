import { describe, expect, test } from 'vitest';
import { createFiles } from '../../../src/host/files.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { IS_FULL } from '../lock/programs.ts';
import { failingDisk, FAULTS, type FailingDisk, type FaultPlan } from './failing-disk.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import { ALL_WORKLOADS, type Workload } from './workloads.ts';

const TEST_MS_MAX = 120_000;
const workloads = await ALL_WORKLOADS;
/** The other errors go the same ways as these. */
const TRIED = IS_FULL ? FAULTS : (['ENOSPC', 'EIO', 'short write', 'lying write'] as const);

describe.each(TRIED)('%s at each call in turn', (fault) => {
  test.each(workloads)('$name', { timeout: TEST_MS_MAX }, async (work) => {
    for (const stays of IS_FULL || fault === 'ENOSPC' ? [false, true] : [false]) {
      const { runs, failures, problems } = await failEverywhere(work, { fault, stays });
      if (IS_FULL)
        console.log(
          `${work.name}, ${fault}${stays ? ' from then on' : ''}: ${runs} runs, ${failures} refused, ${problems.length} problems`,
        );
      expect(problems).toEqual([]);
      if (fault === 'short write' && !stays) expect(failures).toBe(0);
      if (fault === 'lying write' && runs > 1) expect(failures).toBe(runs);
    }
  });
});

interface Outcome {
  /** Runs in which a call went wrong. */
  readonly runs: number;
  /** Those of them that said so. */
  readonly failures: number;
  readonly problems: readonly string[];
}

/** Runs the work with its first call failing, its second, and so on until none is left to fail. */
async function failEverywhere(work: Workload, how: Omit<FaultPlan, 'call'>): Promise<Outcome> {
  const problems: string[] = [];
  let failures = 0;
  for (let call = 1; ; call++) {
    const disk = createMemoryDisk();
    expect(await work.prepare(createFiles(disk))).toMatchObject({ ok: true });
    const failing = failingDisk(disk, { ...how, call });
    const { done, failure } = await carryOut(work, failing);
    if (failing.failed.length === 0) return { runs: call - 1, failures, problems };
    if (failure !== undefined) failures += 1;
    const found = [
      ...(await work.problems(createFiles(disk), done, 1)),
      ...badFailure(failure),
      ...leftBehind(disk, failing),
      ...(await afterwards(work, disk)),
    ];
    problems.push(...found.map((problem) => `call ${call} (${failing.failed[0]}): ${problem}`));
  }
}

async function carryOut(
  work: Workload,
  disk: FailingDisk,
): Promise<{ readonly done: number; readonly failure: Failure | undefined }> {
  let done = 0;
  for (const step of work.steps(createFiles(disk), 1)) {
    const result = await step();
    if (!result.ok) return { done, failure: result.error };
    done += 1;
  }
  return { done, failure: undefined };
}

/** A failure names the path, and why. */
function badFailure(failure: Failure | undefined): readonly string[] {
  if (failure === undefined) return [];
  const { code, path, why } = { path: '', why: '', ...failure };
  const isGood = code === 'file-unusable' && path.startsWith('/') && why !== '';
  return isGood ? [] : [`it says ${JSON.stringify(failure)}`];
}

/** What could be removed is. */
function leftBehind(disk: MemoryDisk, { failed }: FailingDisk): readonly string[] {
  return failed.includes('unlink') ? [] : temps(disk).map((path) => `${path} was left behind`);
}

/** With a disk that works the next run does it all, and nothing stays behind. */
async function afterwards(work: Workload, disk: MemoryDisk): Promise<readonly string[]> {
  const files = createFiles(disk);
  const steps = work.steps(files, 2);
  const failed = [];
  for (const step of steps) {
    const result = await step();
    if (!result.ok) failed.push(result);
  }
  return [
    ...failed.map((result) => `then ${JSON.stringify(result)}`),
    ...(await work.problems(files, steps.length, 2)),
    ...temps(disk).map((path) => `${path} stays`),
  ];
}

function temps(disk: MemoryDisk): readonly string[] {
  return Object.keys(disk.files()).filter((path) => path.endsWith('.tmp'));
}
