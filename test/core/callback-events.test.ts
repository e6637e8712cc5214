// What receivers are told of runs: transitions only, each started run ended once, each event the same however often it is made.
import { describe, expect, test } from 'vitest';
import { eventsOf, receiversOf, type KnownSoFar } from '../../src/core/callback-events.ts';
import {
  endedStory,
  endInJournal,
  storyEnd,
  storyInJournal,
  storyOf,
  type RunStory,
} from '../../src/core/run-story.ts';
import type { CallbackEvent } from '../../src/model/callback.ts';
import { EXIT_CODE, type Failure } from '../../src/model/failure.ts';
import { actionId, type HostPath, type RunId } from '../../src/model/ids.ts';
import type { JournalBody, JournalRecord } from '../../src/model/journal.ts';
import type { CallbackTarget } from '../../src/model/state.ts';
import { FAILURES } from './failures.ts';
import { named } from './states.ts';

const TELLER = { source: 'urn:bootstrap:0123', host: 'web-1' };
const NOTHING: KnownSoFar = { sequence: 0, standing: null };
const RUN_ID = '20261122T142200Z-1f2e3d4c5b6a';

const failing = (product: string): Failure => ({
  code: 'script-failed',
  action: actionId(product, 'upgrade'),
  product: named(product),
  path: '/etc/bootstrap/upgrade' as HostPath,
  end: { how: 'exit', exitCode: 1 },
  tail: ['no such package'],
  wasFailing: false,
});
const ROLLED_BACK: Failure = { code: 'rolled-back', generation: 1, products: [], left: [] };
const HELD_BACK: Failure = {
  code: 'blocked',
  actions: [actionId('web', 'upgrade')],
  deferred: false,
};
const SICK: Failure = {
  code: 'unhealthy',
  products: [{ product: named('web'), reason: 'connection refused' }],
};
const CUT_SHORT: Failure = { code: 'superseded' };

/** A run as it is written in a line: what it did, and how it ended. */
interface Run {
  readonly revision?: string;
  /** It came to a journal. */
  readonly did?: boolean;
  readonly partial?: boolean;
  readonly failures?: readonly Failure[];
}

const DID: Run = { did: true };
const DID_NOTHING: Run = {};

function storyIn({ revision = 'r1', did = false, partial = false, failures = [] }: Run): RunStory {
  const facts = { runId: RUN_ID, command: 'watch', revision, partial, startedAt: 'T0' };
  const story = storyOf(facts, storyEnd(failures, { at: 'T1', changed: did }));
  return { ...story, isJournalled: did };
}

/** The kinds that are told of runs, one after the other. */
function toldOf(...runs: readonly Run[]): readonly string[] {
  let known = NOTHING;
  return runs.map((run) => {
    const { events, after } = eventsOf(known, storyIn(run), TELLER);
    known = after;
    return events.map(({ type }) => type.split('.')[3]).join(' ');
  });
}

describe('runs one after the other', () => {
  test.each<[string, readonly Run[], readonly string[]]>([
    ['that do something', [DID, DID], ['started succeeded', 'started succeeded']],
    ['that find nothing to do', [DID_NOTHING, DID_NOTHING], ['', '']],
    [
      'that fail and are tried again, and mended in the end',
      [
        { did: true, failures: [failing('web')] },
        { did: true, failures: [failing('web')] },
        DID,
        DID_NOTHING,
      ],
      ['started failed', '', 'succeeded recovered', ''],
    ],
    [
      'that fail, and are mended by another desired state',
      [
        { did: true, failures: [failing('web')] },
        { ...DID, revision: 'r2' },
      ],
      ['started failed', 'started succeeded recovered'],
    ],
    [
      'that fail, and are mended by hand',
      [{ failures: [SICK] }, { failures: [SICK] }, DID_NOTHING, { failures: [SICK] }],
      ['failed', '', 'recovered', 'failed'],
    ],
    [
      'of which another product fails, or another desired state does',
      [
        { did: true, failures: [failing('web')] },
        { did: true, failures: [failing('db')] },
        { did: true, failures: [failing('db')], revision: 'r2' },
      ],
      ['started failed', 'failed', 'started failed'],
    ],
    [
      'that are rolled back, and held back from then on',
      [
        { did: true, failures: [ROLLED_BACK, failing('web')] },
        { failures: [HELD_BACK] },
        { ...DID_NOTHING, revision: 'r0' },
      ],
      ['started rolledback', '', 'recovered'],
    ],
    [
      'that are held back from the start',
      [{ failures: [HELD_BACK] }, DID],
      ['failed', 'succeeded recovered'],
    ],
    [
      'of which something waits for its window',
      [
        { did: true, failures: [{ ...HELD_BACK, deferred: true }] },
        { failures: [{ ...HELD_BACK, deferred: true }] },
        DID,
      ],
      ['started succeeded', '', 'started succeeded'],
    ],
    [
      'that give way to a newer desired state',
      [{ did: true, failures: [CUT_SHORT] }, { ...DID, revision: 'r2' }, { failures: [CUT_SHORT] }],
      ['started interrupted', 'started succeeded recovered', ''],
    ],
    [
      'of a part, which say nothing of the whole',
      [
        { failures: [SICK] },
        { ...DID, partial: true },
        { ...DID_NOTHING, partial: true },
        DID_NOTHING,
      ],
      ['failed', 'succeeded', '', 'recovered'],
    ],
  ])('%s', (_, runs, told) => {
    expect(toldOf(...runs)).toEqual(told);
  });

  test('10,000 times the same failure, and a recovery', () => {
    const same = Array.from({ length: 10_000 }, (): Run => ({
      did: true,
      failures: [failing('web')],
    }));
    const told = toldOf(...same, DID_NOTHING).filter((kinds) => kinds !== '');
    expect(told).toEqual(['started failed', 'recovered']);
  });

  test('that only answer whoever asked are no news: refused, locked, not confirmed', () => {
    const refused = ['locked', 'unconfirmed', 'suspended', 'trial-open', 'plan-stale', 'usage'];
    for (const code of refused)
      for (const failure of Object.values(FAILURES).flat())
        if (failure.code === code)
          expect([code, toldOf({ failures: [failure] })]).toEqual([code, ['']]);
  });

  test('of any failure: what is started is ended once, and then recovers once', () => {
    for (const failure of Object.values(FAILURES).flat()) {
      const [first = '', second, third] = toldOf(
        { did: true, failures: [failure] },
        { did: true, failures: [failure] },
        DID,
      );
      expect([failure.code, first.split(' ').length, first.startsWith('started ')]).toEqual([
        failure.code,
        2,
        true,
      ]);
      expect([failure.code, second, third]).toEqual([failure.code, '', 'succeeded recovered']);
    }
    expect(Object.keys(FAILURES).toSorted()).toEqual(Object.keys(EXIT_CODE).toSorted());
  });
});

test('events are counted, known by their place in the run, and the same however often they are made', () => {
  const before: KnownSoFar = {
    sequence: 41,
    standing: { key: 'k', revision: 'r0', eventId: 'RUN0.2' },
  };
  const { events, after } = eventsOf(before, storyIn(DID), TELLER);
  expect(events.map(({ id, sequence, time }) => [id, sequence, time])).toEqual([
    [`${RUN_ID}.1`, '0000000042', 'T0'],
    [`${RUN_ID}.2`, '0000000043', 'T1'],
    [`${RUN_ID}.3`, '0000000044', 'T1'],
  ]);
  expect(events.map(({ data }) => [data.outcome, data.exitCode, data.recovers])).toEqual([
    [null, null, null],
    ['changed', 0, null],
    ['changed', 0, 'RUN0.2'],
  ]);
  expect(after).toEqual({ sequence: 44, standing: null });
  expect(eventsOf(before, storyIn(DID), TELLER)).toEqual({ events, after });
  // What was told at the start of the run is what is told of its start at its end.
  const atStart = eventsOf(before, { ...storyIn(DID), end: undefined }, TELLER);
  expect(atStart.events).toEqual(events.slice(0, 1));
});

describe('a message', () => {
  const sizeOf = (event: CallbackEvent | undefined): number =>
    Buffer.byteLength(JSON.stringify(event));

  test('says in words what failed, with the end of what was printed', () => {
    const [event] = eventsOf(NOTHING, storyIn({ failures: [failing('web')] }), TELLER).events;
    expect(event).toMatchObject({
      type: 'io.bootstrap.apply.failed.v1',
      source: TELLER.source,
      data: {
        schema: 'bootstrap.callback/1',
        host: 'web-1',
        outcome: 'failed',
        exitCode: 1,
        failures: [
          {
            code: 'script-failed',
            products: ['web'],
            summary: 'web/upgrade: /etc/bootstrap/upgrade failed with exit code 1',
            detail: ['no such package'],
          },
        ],
        failuresOmitted: 0,
      },
    });
  });

  test.each(['x', 'ü', '\u0001', '😀'])('stays below 20 kB, whatever is said: %j', (character) => {
    const tail = Array.from({ length: 200 }, (_, line) => `${line}${character.repeat(1000)}`);
    const failures = Array.from({ length: 100 }, (_, index) => ({
      ...failing(`p${index}`),
      path: character.repeat(2000) as HostPath,
      tail,
    }));
    const products = Array.from({ length: 1000 }, (_, index) => ({
      name: `${index}${'n'.repeat(60)}`,
      verdict: index === 999 ? ('failed' as const) : ('succeeded' as const),
    }));
    const story = { ...storyIn({ did: true, failures }), products };
    const [, event] = eventsOf(NOTHING, story, TELLER).events;
    expect(sizeOf(event)).toBeLessThan(20_000);
    const { data } = event ?? expect.unreachable();
    expect(data.failures.length + data.failuresOmitted).toBe(100);
    expect(data.failures.length).toBeGreaterThan(0);
    expect(data.products.length + data.productsOmitted).toBe(1000);
    if (data.products.length > 0) expect(data.products[0]?.verdict).toBe('failed');
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  });
});

describe('the old receivers, who know of ends only', () => {
  const hook: CallbackTarget = { url: 'https://a/', format: 'cloudevents', secrets: [] };
  const old: CallbackTarget = { url: 'https://b/', format: 'query', secrets: [] };
  const visits = (known: KnownSoFar, run: Run): readonly string[] => {
    const { events } = eventsOf(known, storyIn(run), TELLER);
    return events.flatMap((event) =>
      receiversOf(event, { events, receivers: [hook, old] }).map(
        ({ format }) => `${format} ${event.type.split('.')[3]}`,
      ),
    );
  };
  const failed: KnownSoFar = {
    sequence: 2,
    standing: { key: 'k', revision: 'r0', eventId: 'RUN0.2' },
  };

  test('hear of each run once', () => {
    expect(visits(NOTHING, DID)).toEqual([
      'cloudevents started',
      'cloudevents succeeded',
      'query succeeded',
    ]);
    expect(visits(failed, DID)).toEqual([
      'cloudevents started',
      'cloudevents succeeded',
      'query succeeded',
      'cloudevents recovered',
    ]);
    expect(visits(failed, DID_NOTHING)).toEqual(['cloudevents recovered', 'query recovered']);
  });
});

describe('a journal', () => {
  const BEGIN: JournalBody = {
    type: 'begin',
    schema: 'bootstrap.journal/1',
    runId: RUN_ID as RunId,
    command: 'apply',
    revision: 'r1',
    actions: [
      actionId('server', 'mode-provisioning'),
      actionId('db', 'upgrade'),
      actionId('web', 'upgrade'),
      actionId('web', 'set'),
      actionId('server', 'upgrade'),
    ],
    carried: [],
    rollback: null,
  };
  const action = (id: string, verdict: 'succeeded' | 'failed' | 'skipped'): JournalBody => {
    const [product = '', deed = ''] = id.split('/');
    return { type: 'action', id: actionId(product, deed), verdict, durationMs: 1, failures: [] };
  };
  const intent: JournalBody = {
    type: 'intent',
    action: actionId('web', 'upgrade'),
    product: named('web'),
    script: 'upgrade',
    path: '/u' as HostPath,
    args: [],
    key: 'k',
    timeoutMs: 1 as never,
  };
  const END: JournalBody = { type: 'end', outcome: 'changed', exitCode: 0, failures: [] };
  const recordsOf = (...bodies: readonly JournalBody[]): readonly JournalRecord[] =>
    [BEGIN, ...bodies].map((body, index) => ({ seq: index + 1, time: `T${index}`, ...body }));
  const told = (records: readonly JournalRecord[]): RunStory => {
    const story = storyInJournal(records, { partial: false }) ?? expect.unreachable();
    return endedStory(story, records, endInJournal(records));
  };
  const verdicts = (story: RunStory): string =>
    story.products.map(({ name, verdict }) => `${name} ${verdict}`).join(', ');

  test('tells of the start which products it is about; one may be called server', () => {
    const story = storyInJournal(recordsOf(), { partial: false });
    expect(story).toMatchObject({
      runId: RUN_ID,
      command: 'apply',
      startedAt: 'T0',
      end: undefined,
    });
    expect(story?.products.map(({ name }) => name)).toEqual(['db', 'web', 'server']);
  });

  test('that was cut off tells so, at its last sign of life', () => {
    const story = told(recordsOf(action('db/upgrade', 'succeeded'), intent));
    expect(story.end).toMatchObject({ at: 'T2', outcome: 'interrupted', exitCode: null });
    expect(story.end?.failures[0]?.summary).toMatch(/^cut off: /);
    expect(verdicts(story)).toBe('db succeeded, web unknown, server notStarted');
  });

  test('that has an end tells that, and the worst of each product', () => {
    const done = [action('db/upgrade', 'succeeded'), action('web/upgrade', 'succeeded')];
    const story = told(recordsOf(...done, action('web/set', 'failed'), END));
    expect(story.end).toMatchObject({ at: 'T4', outcome: 'changed', exitCode: 0, failures: [] });
    expect(verdicts(story)).toBe('db succeeded, web failed, server notStarted');
  });

  test('of before, whose end does not say what failed, tells what its actions say', () => {
    const note = { code: 'script-failed', summary: 'web/upgrade failed', detail: [] };
    const failed: JournalBody = {
      type: 'action',
      id: actionId('web', 'upgrade'),
      verdict: 'failed',
      durationMs: 1,
      failures: [note],
    };
    const story = told(recordsOf(failed, { type: 'end', outcome: 'failed', exitCode: 1 }));
    expect(story.end?.failures).toEqual([note]);
  });

  test.each([
    [null, 'rolled-back', 'db rolledBack, web failed, server notStarted'],
    [[named('web')], 'rolled-back', 'db succeeded, web failed, server notStarted'],
    [null, 'failed', 'db unknown, web failed, server notStarted'],
  ] as const)(
    'with a rollback of %j that ended as %s tells what became of all',
    (products, outcome, expected) => {
      const story = told(
        recordsOf(
          action('db/upgrade', 'succeeded'),
          action('web/upgrade', 'failed'),
          { type: 'rollback', state: 'begun', generation: 1, products, faults: [] },
          action('db/upgrade', 'failed'),
          { type: 'rollback', state: 'ended', generation: 1 },
          { ...END, outcome },
        ),
      );
      expect(verdicts(story)).toBe(expected);
    },
  );

  test('that goes on with the rollback of a run that died tells what it took back', () => {
    const back = { generation: 1, products: [named('db'), named('web')], faults: [] };
    const [begin, ...rest] = recordsOf(
      { type: 'rollback', state: 'begun', ...back },
      action('db/upgrade', 'succeeded'),
      action('web/upgrade', 'succeeded'),
      { type: 'rollback', state: 'ended', generation: 1 },
      { ...END, outcome: 'rolled-back' },
    );
    if (begin?.type !== 'begin') return expect.unreachable();
    const actions = [actionId('web', 'upgrade')];
    const story = told([{ ...begin, actions, rollback: back }, ...rest]);
    expect(verdicts(story)).toBe('web rolledBack, db rolledBack');
  });

  test('without a beginning tells nothing', () => {
    expect(storyInJournal([], { partial: false })).toBeUndefined();
  });
});
