// What a journal tells of its run, whole or cut off at any point.
import { describe, expect, test } from 'vitest';
import { accountOf, verdictCounts, type RunAccount } from '../../src/core/run-account.ts';
import type { ActionId, RunId } from '../../src/model/ids.ts';
import type { JournalBody, JournalRecord } from '../../src/model/journal.ts';
import { recordsOf } from './journals.ts';

const at = (seconds: number): string =>
  new Date(Date.UTC(2026, 10, 22, 14, 22, seconds)).toISOString();

function told(actions: readonly string[], journal: string, seconds = 1): RunAccount {
  const [begin, ...others] = recordsOf(journal);
  if (begin?.type !== 'begin') throw new Error('no begin');
  const first: JournalRecord = { ...begin, time: at(0), actions: actions as readonly ActionId[] };
  const rest = others.map((record, index) => ({ ...record, time: at((index + 1) * seconds) }));
  return accountOf([first, ...rest]) ?? expect.unreachable();
}

const verdicts = ({ steps }: RunAccount): readonly string[] =>
  steps.map(({ id, verdict }) => `${id} ${verdict}`);

describe('a run that was cut off', () => {
  test('before anything, has done nothing', () => {
    const account = told(['web/step'], '');
    expect([account.end, account.durationMs]).toEqual([undefined, 0]);
    expect(verdicts(account)).toEqual(['web/step notStarted']);
  });

  test('within a script: nobody knows how that ended', () => {
    const account = told(['web/step', 'db/step'], 'intent web upgrade 1');
    expect(verdicts(account)).toEqual(['web/step unknown', 'db/step notStarted']);
    expect(account.steps[0]?.scripts).toEqual([
      { path: '/etc/bootstrap/upgrade', args: [], end: undefined },
    ]);
    expect(verdictCounts(account)).toMatchObject({ unknown: 1, notStarted: 1, succeeded: 0 });
  });
});

describe('a run that ended', () => {
  test('has each step with its scripts, and when within the run', () => {
    const account = told(['web/step'], 'intent web upgrade 1, exited web 5, action web/step, end');
    expect(account.end).toEqual({ outcome: 'changed', exitCode: 0 });
    expect(account.durationMs).toBe(4000);
    expect(account.steps).toMatchObject([
      {
        verdict: 'failed',
        span: { fromMs: 2999, durationMs: 1 },
        scripts: [{ end: { how: 'exit', exitCode: 5 } }],
        failures: [{ code: 'script-failed' }],
      },
    ]);
    expect(account.back).toBeUndefined();
  });

  test('one of no time, and a clock that was set back, give no negative spans', () => {
    const account = told(['web/step'], 'action web/step, end', -60);
    expect(account.durationMs).toBe(0);
    expect(account.steps[0]?.span).toEqual({ fromMs: 0, durationMs: 1 });
  });

  test('heartbeats are steps too, but count for no action', () => {
    const account = told([], 'verified web/verify, end');
    expect(account.steps).toMatchObject([{ kind: 'verify', verdict: 'succeeded' }]);
    expect(Object.values(verdictCounts(account))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a run that was taken back', () => {
  const runId = '20261122T142200Z-000000000000' as RunId;
  const journal = (products: readonly string[] | null, outcome: 'rolled-back' | 'failed') => {
    const id = (text: string) => text as ActionId;
    const done = (action: string): JournalBody => ({
      type: 'action',
      id: id(action),
      verdict: 'succeeded',
      durationMs: 1,
      failures: [],
    });
    const bodies: readonly JournalBody[] = [
      {
        type: 'begin',
        schema: 'bootstrap.journal/1',
        runId,
        command: 'apply',
        revision: 'r',
        actions: [id('db/upgrade'), id('web/upgrade')],
        carried: [],
        rollback: null,
      },
      done('db/upgrade'),
      done('web/upgrade'),
      {
        type: 'rollback',
        state: 'begun',
        generation: 3,
        products: products as never,
        faults: [],
      },
      done('web/downgrade'),
      { type: 'rollback', state: 'ended', generation: 3 },
      { type: 'end', outcome, exitCode: 3 },
    ];
    const records = bodies.map((body, index) => ({ seq: index + 1, time: at(index), ...body }));
    return accountOf(records) ?? expect.unreachable();
  };

  test.each([
    ['everything', null, ['db/upgrade rolledBack', 'web/upgrade rolledBack']],
    ['one product', ['web'], ['db/upgrade succeeded', 'web/upgrade rolledBack']],
  ])('%s', (_, products, steps) => {
    const account = journal(products, 'rolled-back');
    expect(verdicts(account)).toEqual(steps);
    expect(account.back).toMatchObject({ generation: 3, steps: [{ id: 'web/downgrade' }] });
  });

  test('in vain: what succeeded still stands', () => {
    expect(verdicts(journal(null, 'failed'))).toEqual([
      'db/upgrade succeeded',
      'web/upgrade succeeded',
    ]);
  });
});

test('no journal is no account', () => expect(accountOf([])).toBeUndefined());
