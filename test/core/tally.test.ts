import { describe, expect, test } from 'vitest';
import { endOfRun, NO_TALLY, tally } from '../../src/core/tally.ts';
import type { EventBody, Outcome, VerdictCounts } from '../../src/model/event.ts';
import type { Failure } from '../../src/model/failure.ts';
import { EVENTS } from './events.ts';
import { FAILURES } from './failures.ts';

test('each ended action is counted once, nothing else is', () => {
  const all = Object.values(EVENTS).flat<readonly (readonly EventBody[])[]>();
  const seen = all.filter(({ type }) => !type.startsWith('rollback.'));
  expect(seen.reduce(tally, NO_TALLY).counts).toEqual({
    succeeded: 1,
    failed: 1,
    rolledBack: 0,
    skipped: 2,
    notStarted: 3,
    unknown: 1,
  });
});

describe('a rollback', () => {
  const [started] = EVENTS['rollback.started'];
  const [completed] = EVENTS['rollback.completed'];
  const failed = { ...completed, verified: false };
  const succeeded = EVENTS['action.completed'];
  const [notRun] = EVENTS['action.failed'];
  const countsOf = (...events: readonly EventBody[]) => events.reduce(tally, NO_TALLY).counts;
  const nothingOf = { ...started, body: { ...started.body, actions: [] } };
  const blockedOnly = {
    ...started,
    body: {
      ...started.body,
      actions: started.body.actions.filter(({ blockedBy }) => blockedBy !== null),
    },
  };

  test.each<[string, readonly EventBody[], Partial<VerdictCounts>]>([
    [
      'that is verified turns what succeeded into what was taken back',
      [...succeeded, started, completed],
      { succeeded: 0, rolledBack: 1 },
    ],
    [
      'leaves a failure a failure',
      [...succeeded, notRun, started, completed],
      { failed: 1, rolledBack: 1 },
    ],
    [
      'does not count its own actions',
      [notRun, started, ...succeeded, ...succeeded, completed],
      { failed: 1, succeeded: 0, rolledBack: 0 },
    ],
    [
      'that is not verified took nothing back',
      [...succeeded, started, failed],
      { succeeded: 1, rolledBack: 0 },
    ],
    [
      'leaves what it does not deal with',
      [...succeeded, nothingOf, completed],
      { succeeded: 1, rolledBack: 0 },
    ],
    [
      'takes back nothing by an action that is held back',
      [...succeeded, blockedOnly, completed],
      { succeeded: 1, rolledBack: 0 },
    ],
    ['is over at its end', [started, completed, ...succeeded], { succeeded: 1, rolledBack: 0 }],
  ])('%s', (_, events, counts) => {
    expect(countsOf(...events)).toMatchObject(counts);
  });
});

describe('a run ends', () => {
  test.each<[string, readonly Failure[], { changed: boolean; detailed: boolean }, Outcome, number]>(
    [
      ['in sync', [], { changed: false, detailed: false }, 'in-sync', 0],
      ['in sync, in detail', [], { changed: false, detailed: true }, 'in-sync', 0],
      ['changed', [], { changed: true, detailed: false }, 'changed', 0],
      ['changed, in detail', [], { changed: true, detailed: true }, 'changed', 2],
      [
        'failed, untouched',
        FAILURES['script-failed'],
        { changed: false, detailed: true },
        'failed',
        1,
      ],
      ['left invalid', FAILURES['left-invalid'], { changed: true, detailed: true }, 'failed', 4],
      [
        'refused: not confirmed',
        FAILURES.unconfirmed,
        { changed: false, detailed: false },
        'refused',
        6,
      ],
      ['refused: blocked', FAILURES.blocked, { changed: true, detailed: true }, 'refused', 6],
      ['refused: locked', FAILURES.locked, { changed: false, detailed: false }, 'refused', 75],
      ['interrupted', FAILURES.interrupted, { changed: true, detailed: true }, 'interrupted', 7],
      [
        'too late',
        FAILURES['deadline-passed'],
        { changed: true, detailed: true },
        'interrupted',
        8,
      ],
      [
        'rolled back, whatever failed',
        [...FAILURES['rolled-back'], ...FAILURES['script-failed']],
        { changed: true, detailed: true },
        'rolled-back',
        3,
      ],
      [
        'left invalid by a rollback that failed',
        [...FAILURES['left-invalid'], ...FAILURES['script-failed']],
        { changed: true, detailed: false },
        'failed',
        4,
      ],
      ['unhealthy', FAILURES.unhealthy, { changed: false, detailed: false }, 'failed', 1],
      [
        'with a broken file',
        FAILURES['desired-invalid'],
        { changed: false, detailed: false },
        'failed',
        65,
      ],
      [
        'as its first failure says',
        [...FAILURES.interrupted, ...FAILURES['script-failed']],
        { changed: true, detailed: false },
        'interrupted',
        7,
      ],
    ],
  )('%s', (_, failures, how, ...end) => {
    const { outcome, exitCode, failures: told } = endOfRun(failures, how);
    expect([outcome, exitCode]).toEqual(end);
    expect(told).toBe(failures);
  });
});
