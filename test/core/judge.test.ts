import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSample, judge, startJudging, type JudgeState } from '../../src/core/judge.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { HeartbeatTiming, Sample } from '../../src/model/heartbeat.ts';

const START_MS = 5000;

describe('one look each interval, p passes, f fails, e could not look:', () => {
  // Each character is one look; times count from the start.
  test.each<[string, Written, string, string]>([
    ['the first pass is enough', {}, 'p', 'passed after 0, looks at 0'],
    ['a pass after fails', {}, 'ffp', 'passed after 2000, looks at 0 1000 2000'],
    ['no look before the grace is over', { grace: 3000 }, 'p', 'passed after 3000, looks at 3000'],
    [
      'grace is part of the deadline',
      { grace: 3000, deadline: 4000 },
      'ff',
      'failed after 4000, looks at 3000: down',
    ],
    [
      'a grace that outlasts the deadline',
      { grace: 9000, deadline: 2000 },
      '',
      'failed after 2000, looks at : the deadline passed before the first look',
    ],
    ['three in a row', { successes: 3 }, 'ppp', 'passed after 2000, looks at 0 1000 2000'],
    [
      'a fail breaks the row',
      { successes: 3 },
      'ppfppp',
      'passed after 5000, looks at 0 1000 2000 3000 4000 5000',
    ],
    [
      'an error neither counts nor breaks',
      { successes: 3 },
      'pepep',
      'passed after 4000, looks at 0 1000 2000 3000 4000',
    ],
    [
      'a row too short at the deadline',
      { successes: 3, deadline: 2500 },
      'fppp',
      'failed after 2500, looks at 0 1000 2000: passed, but only 2 of 3 in a row',
    ],
    [
      'errors only',
      { deadline: 2500 },
      'eee',
      'failed after 2500, looks at 0 1000 2000: could not look: no such program',
    ],
    ['fails only', { deadline: 2500 }, 'fff', 'failed after 2500, looks at 0 1000 2000: down'],
    ['it stays so', { stable: 2000 }, 'ppp', 'passed after 2000, looks at 0 1000 2000'],
    [
      'a fail in the stable time starts over',
      { stable: 2000 },
      'ppfppp',
      'passed after 5000, looks at 0 1000 2000 3000 4000 5000',
    ],
    [
      'an error in the stable time does not',
      { stable: 2000 },
      'pep',
      'passed after 2000, looks at 0 1000 2000',
    ],
    [
      'but the stable time ends with a pass',
      { stable: 2000 },
      'ppep',
      'passed after 3000, looks at 0 1000 2000 3000',
    ],
    [
      'enough in a row, then stable',
      { successes: 2, stable: 1500 },
      'pppp',
      'passed after 2500, looks at 0 1000 2000 2500',
    ],
    [
      'a long interval does not put off the end',
      { interval: 10_000, stable: 3000 },
      'pp',
      'passed after 3000, looks at 0 3000',
    ],
    [
      'not stable for long enough',
      { stable: 5000, deadline: 3500 },
      'pppp',
      'failed after 3500, looks at 0 1000 2000 3000: passed, but not yet for the 5000 ms it must stay so',
    ],
    [
      'passed, then failing at the deadline',
      { stable: 2000, deadline: 3500 },
      'ppfp',
      'failed after 3500, looks at 0 1000 2000 3000: passed, but not yet for the 2000 ms it must stay so',
    ],
    [
      'flapping to the end',
      { successes: 2, deadline: 4500 },
      'pfpfp',
      'failed after 4500, looks at 0 1000 2000 3000 4000: passed, but only 1 of 2 in a row',
    ],
  ])('%s', (_, timing, looks, outcome) => {
    expect(play(timingOf(timing), looks)).toBe(outcome);
  });
});

describe('P passes by a process, g finds none: a process that answered and is not replaced', () => {
  test.each<[string, Written, string, string]>([
    [
      'has ended for good after 2 s',
      { successes: 3 },
      'PPggg',
      'failed after 4000, looks at 0 1000 2000 3000 4000: it ran, but has ended for good: gone',
    ],
    [
      'is looked for in time, however long the interval',
      { successes: 2, interval: 10_000 },
      'Pgg',
      'failed after 12000, looks at 0 10000 12000: it ran, but has ended for good: gone',
    ],
    [
      'may come back by then',
      { successes: 2 },
      'PgPP',
      'passed after 3000, looks at 0 1000 2000 3000',
    ],
    [
      'is gone anew after each time it came back',
      { successes: 2, deadline: 8500 },
      'PggPggPgg',
      'failed after 8500, looks at 0 1000 2000 3000 4000 5000 6000 7000 8000: gone',
    ],
    [
      'is not gone while something else is wrong',
      { successes: 2, deadline: 5500 },
      'Pgfgfg',
      'failed after 5500, looks at 0 1000 2000 3000 4000 5000: gone',
    ],
    [
      'is not proven gone by looks that could not be made',
      { successes: 2 },
      'Pgeeg',
      'failed after 4000, looks at 0 1000 2000 3000 4000: it ran, but has ended for good: gone',
    ],
    [
      'must have been seen in this wait',
      { deadline: 5500 },
      'gggggg',
      'failed after 5500, looks at 0 1000 2000 3000 4000 5000: gone',
    ],
    [
      'must have been one: a pass by nobody known is no process',
      { successes: 2, deadline: 4500 },
      'pgggg',
      'failed after 4500, looks at 0 1000 2000 3000 4000: gone',
    ],
    ['does not undo a pass', {}, 'Pggg', 'passed after 0, looks at 0'],
  ])('%s', (_, timing, looks, outcome) => {
    expect(play(timingOf(timing), looks)).toBe(outcome);
  });
});

describe('slow looks', () => {
  test('the interval counts from the beginning of a look', () => {
    const timing = timingOf({ interval: 1000, successes: 2 });
    const state = addSample(timing, startJudging(START_MS), {
      sample: PASS,
      beganAtMs: START_MS,
      endedAtMs: START_MS + 400,
    });
    expect(judge(timing, state, START_MS + 400)).toEqual({
      state: 'waiting',
      nextLookAtMs: START_MS + 1000,
    });
  });

  test('one that took longer than the interval is followed at once', () => {
    const timing = timingOf({ interval: 1000 });
    const state = addSample(timing, startJudging(START_MS), {
      sample: FAIL,
      beganAtMs: START_MS,
      endedAtMs: START_MS + 2000,
    });
    expect(judge(timing, state, START_MS + 2000)).toEqual({
      state: 'waiting',
      nextLookAtMs: START_MS + 1000,
    });
  });

  test('the stable time counts from the end of the look that was enough', () => {
    const timing = timingOf({ interval: 1000, stable: 1000 });
    const first = addSample(timing, startJudging(START_MS), {
      sample: PASS,
      beganAtMs: START_MS,
      endedAtMs: START_MS + 500,
    });
    const second = addSample(timing, first, {
      sample: PASS,
      beganAtMs: START_MS + 1000,
      endedAtMs: START_MS + 1400,
    });
    expect(judge(timing, second, START_MS + 1400)).toEqual({
      state: 'waiting',
      nextLookAtMs: START_MS + 1500,
    });
  });

  test('a pass that comes after the deadline is none', () => {
    const timing = timingOf({ deadline: 3000 });
    const state = addSample(timing, startJudging(START_MS), {
      sample: PASS,
      beganAtMs: START_MS + 2900,
      endedAtMs: START_MS + 3001,
    });
    expect(judge(timing, state, START_MS + 3001)).toMatchObject({ state: 'failed' });
  });
});

test('an interval of nothing still leaves a breath between two looks', () => {
  const timing = timingOf({ interval: 0 });
  const state = addSample(timing, startJudging(0), { sample: FAIL, beganAtMs: 0, endedAtMs: 0 });
  expect(judge(timing, state, 0)).toEqual({ state: 'waiting', nextLookAtMs: 10 });
});

test('whatever is seen: it ends by the deadline, passes only on evidence, and stays as it ended', () => {
  const timings = fc.record({
    grace: fc.nat(3000),
    interval: fc.nat(2000),
    successes: fc.integer({ min: 1, max: 4 }),
    deadline: fc.integer({ min: 1, max: 9000 }),
    stable: fc.nat(3000),
  });
  fc.assert(
    fc.property(
      timings,
      fc.string({
        unit: fc.constantFrom('p', 'p', 'p', 'f', 'e'),
        minLength: 1000,
        maxLength: 1000,
      }),
      (written, looks) => {
        const outcome = play(timingOf(written), looks);
        const afterMs = Number(/after (\d+)/.exec(outcome)?.[1]);
        expect(afterMs).toBeLessThanOrEqual(written.deadline);
        if (outcome.startsWith('passed'))
          expect(afterMs).toBeGreaterThanOrEqual(written.grace + written.stable);
        else expect(afterMs).toBe(written.deadline);
        if (!looks.includes('p')) expect(outcome).toMatch(/^failed/);
      },
    ),
  );
});

test('the state stays as small as it was, however many looks are added', () => {
  const timing = timingOf({ successes: 1_000_000 });
  let state: JudgeState = startJudging(0);
  for (let atMs = 0; atMs < 10_000; atMs += 1)
    state = addSample(timing, state, { sample: PASS, beganAtMs: atMs, endedAtMs: atMs });
  expect(JSON.stringify(state).length).toBeLessThan(200);
});

type Written = {
  readonly [K in 'grace' | 'interval' | 'successes' | 'deadline' | 'stable']?: number;
};

const PASS = { verdict: 'pass', latencyMs: 1, identity: undefined } as const;
const FAIL = { verdict: 'fail', reason: 'down', latencyMs: 1, isGone: false } as const;
const ERROR: Sample = { verdict: 'error', reason: 'no such program' };
const SEEN: Readonly<Record<string, Sample>> = {
  p: PASS,
  P: { ...PASS, identity: { pid: 7, startTicks: 70 } },
  g: { ...FAIL, reason: 'gone', isGone: true },
  e: ERROR,
};

function timingOf({
  grace = 0,
  interval = 1000,
  successes = 1,
  deadline = 60_000,
  stable = 0,
}: Written): HeartbeatTiming {
  return {
    graceMs: durationMs(grace),
    intervalMs: durationMs(interval),
    timeoutMs: durationMs(2000),
    successes,
    deadlineMs: durationMs(deadline),
    stableMs: durationMs(stable),
  };
}

/** Looks whenever the judge wants to, each look taking no time, and says how it ended. */
function play(timing: HeartbeatTiming, looks: string): string {
  let state = startJudging(START_MS);
  let nowMs = START_MS;
  const lookedAt: number[] = [];
  for (let turn = 0; turn < 10_000; turn += 1) {
    const judgement = judge(timing, state, nowMs);
    const end = `after ${nowMs - START_MS}, looks at ${lookedAt.join(' ')}`;
    if (judgement.state === 'passed') return `passed ${end}`;
    if (judgement.state === 'failed') return `failed ${end}: ${judgement.why}`;
    if (judgement.nextLookAtMs > nowMs) {
      nowMs = judgement.nextLookAtMs;
      continue;
    }
    const seen = looks[lookedAt.length];
    lookedAt.push(nowMs - START_MS);
    const sample = SEEN[seen ?? ''] ?? FAIL;
    state = addSample(timing, state, { sample, beganAtMs: nowMs, endedAtMs: nowMs });
  }
  return 'never ended';
}
