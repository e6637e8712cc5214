// Many processes and one lock, while they are killed and stopped. The same fight over proper-lockfile alone must go wrong:
// a harness that finds nothing there would prove nothing here.
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLock } from '../../../src/host/lock.ts';
import { durationMs } from '../../../src/model/duration.ts';
import { lockRequest, parts } from '../../rig/lock-holder.ts';
import { type Fought, type FightRules, fight } from './fight.ts';
import { buildPrograms, IS_FULL, type Programs } from './programs.ts';
import { PLAIN_TAKES_AFTER_MS } from './taking.ts';
import { judgeTicks, percentile } from './ticks.ts';

const OURS: FightRules = IS_FULL
  ? {
      kind: 'ours',
      contenders: 50,
      vultures: 3,
      forMs: 60_000,
      killEveryMs: 300,
      stopEveryMs: 4000,
      stopForMs: PLAIN_TAKES_AFTER_MS,
    }
  : {
      kind: 'ours',
      contenders: 8,
      vultures: 1,
      forMs: 4000,
      killEveryMs: 150,
      stopEveryMs: 1200,
      stopForMs: 700,
    };
// Each stop is longer than it waits for a heartbeat: that alone must break it.
const PLAIN: FightRules = {
  ...OURS,
  kind: 'plain',
  vultures: 0,
  forMs: IS_FULL ? 30_000 : 3500,
  stopForMs: PLAIN_TAKES_AFTER_MS,
};
/** As long as a takeover may take at worst: nobody waits longer than two looks at the lock. A busy machine is slower. */
const TAKEOVER_MS_MAX = IS_FULL ? 1000 : 10_000;
const TEST_MS_MAX = 120_000;

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(async () => await programs.end());

test(
  'nobody is ever in there together, whoever is killed or stopped',
  { timeout: TEST_MS_MAX },
  async () => {
    const fought = await fight(programs, OURS);
    console.log(figures('lock', OURS, fought));
    expect(fought).toMatchObject({ overlaps: [], witnessed: 0, refusals: [], errors: [] });
    expect(fought.stops).toBeGreaterThan(0);
    expect(fought.takeoversMs.length).toBeGreaterThan(0);
    expect(percentile(fought.takeoversMs, 99)).toBeLessThan(TAKEOVER_MS_MAX);
    expect(fought.sections).toBeGreaterThan(OURS.contenders);
    const request = lockRequest(fought.lockPath, { timeoutMs: durationMs(TAKEOVER_MS_MAX) });
    const last = await createLock(parts).hold(request, () => Promise.resolve('worked'));
    expect(last).toEqual({ ok: true, value: 'worked' });
    expect(readdirSync(dirname(fought.lockPath))).toEqual([]);
  },
);

test('proper-lockfile alone fails in the same fight', { timeout: TEST_MS_MAX }, async () => {
  const fought = await fight(programs, PLAIN);
  console.log(figures('proper-lockfile alone', PLAIN, fought));
  expect(fought.stops).toBeGreaterThan(0);
  expect(fought.overlaps).not.toEqual([]);
  expect(fought.witnessed).toBeGreaterThan(0);
});

describe('the judge of a log', () => {
  const KILLED = new Map([[2, 25_000_000n]]);
  test.each<[string, string, Partial<ReturnType<typeof judgeTicks>>]>([
    [
      'lets one after the other pass',
      '10 1 a enter\n11 1 a leave\n20 3 b enter\n',
      { overlaps: [] },
    ],
    [
      'times who follows a killed one',
      '20000000 2 b enter\n30000000 3 c enter\n',
      { overlaps: [], takeoversMs: [5] },
    ],
    [
      'finds an entry before the kill',
      '20000000 2 b enter\n24000000 3 c enter\n',
      { overlaps: ['24000000 3 c enter while in b'] },
    ],
    [
      'finds an entry beside a living one',
      '10 1 a enter\n20 3 b enter\n21 3 b leave\n',
      { overlaps: ['20 3 b enter while in a'] },
    ],
    [
      'finds one that goes on after it was killed',
      '20000000 2 b enter\n30000000 3 c enter\n31000000 2 b tick\n',
      { overlaps: ['31000000 2 b tick while in c'] },
    ],
    ['counts witnesses', '10 1 a enter\n11 1 a witness\n', { witnessed: 1 }],
  ])('%s', (_, text, expected) => {
    expect(judgeTicks(text, KILLED)).toMatchObject(expected);
  });
});

function figures(name: string, { contenders, forMs }: FightRules, fought: Fought): string {
  const [p50, p99, most] = [50, 99, 100].map((percent) =>
    percentile(fought.takeoversMs, percent).toFixed(0),
  );
  return (
    `| ${name} | ${contenders} × ${forMs / 1000} s | ${fought.sections} sections | ${fought.kills} kills | ${fought.stops} stops | ` +
    `${fought.overlaps.length} overlaps | ${fought.witnessed} by the witness | takeover p50 ${p50} ms, p99 ${p99} ms, max ${most} ms (${fought.takeoversMs.length}) |`
  );
}
