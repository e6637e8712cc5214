import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { renderStatus } from '../../src/core/render/status-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import type { Beat, Observation } from '../../src/core/observation.ts';
import { statusAfterRun, statusNow, statusOf } from '../../src/core/status.ts';
import { known } from '../../src/model/fact.ts';
import type { Sample } from '../../src/model/heartbeat.ts';
import type { ConditionType, StatusDocument } from '../../src/model/status.ts';
import type { Trial } from '../../src/model/trial.ts';
import { FAILURES, HOLDER } from './failures.ts';
import { ALL_ALLOWED, at, beat, dark, given, having, named, type ServerCase } from './states.ts';

const NOW = new Date('2026-11-22T14:22:00Z');
const LATER = new Date('2026-11-22T15:00:00Z');
const PASS: Sample = { verdict: 'pass', latencyMs: 1, identity: undefined };
const TRIAL: Trial = {
  runId: 'run-2',
  revision: 'r2',
  generation: 1,
  deadline: LATER.toISOString(),
  state: 'open',
  auto: false,
};
const FAIL: Sample = { verdict: 'fail', latencyMs: 1, reason: 'refused', isGone: false };
const ERROR: Sample = { verdict: 'error', reason: 'no file handles' };

/** What is seen of a server, right after an apply where nothing else is said. */
function observe(server: ServerCase, over: Partial<Observation> = {}): Observation {
  const states = given(server);
  return {
    now: NOW,
    actual: states.actual,
    desired: states.desired,
    invalid: undefined,
    plan: makePlan(states, ALL_ALLOWED),
    beats: [],
    running: undefined,
    quarantine: {},
    isCopy: false,
    retry: undefined,
    suspension: undefined,
    trial: undefined,
    restarts: {},
    previous: undefined,
    ...over,
  };
}

function beats(...samples: readonly Sample[]): { readonly beats: readonly Beat[] } {
  return {
    beats: samples.map((sample) => ({ product: named('haproxy'), heartbeat: beat, sample })),
  };
}

/** What failed once, and was taken back. */
const FAILED: Pick<Observation, 'quarantine'> = {
  quarantine: {
    haproxy: {
      digest: '0'.repeat(64),
      runId: 'run-1',
      since: NOW.toISOString(),
      reason: 'haproxy is not healthy',
    },
  },
};

const well = { products: { haproxy: {} } };
const drifted = {
  products: { haproxy: { settings: { a: 1 }, config: 'ini', found: having({ a: '2' }) } },
} as const;

/** Every condition, in each of its states. */
const CONDITIONS: readonly (readonly [ConditionType, string, Observation, string])[] = [
  ['Ready', 'converged and healthy', observe(well, beats(PASS)), 'True Converged'],
  [
    'Ready',
    'something to do',
    observe({ products: { haproxy: { found: 'nothing' } } }),
    'False OutOfSync',
  ],
  ['Ready', 'a heartbeat fails', observe(well, beats(PASS, FAIL)), 'False Unhealthy'],
  ['Ready', 'left invalid', observe({ mode: 'invalid', ...well }), 'False LeftInvalid'],
  [
    'Ready',
    'something unreadable',
    observe({ products: { haproxy: { found: { status: dark } } } }),
    'Unknown FactsUnreadable',
  ],
  [
    'Ready',
    'no desired state',
    observe(well, { desired: undefined, plan: undefined }),
    'Unknown NoPlan',
  ],
  ['Reconciling', 'a run under way', observe(well, { running: HOLDER }), 'True RunUnderWay'],
  ['Reconciling', 'on trial', observe(well, { trial: TRIAL }), 'True OnTrial'],
  ['Reconciling', 'none', observe(well), 'False Idle'],
  ['Stalled', 'left invalid', observe({ mode: 'invalid', ...well }), 'True LeftInvalid'],
  ['Stalled', 'not', observe(well), 'False NotStalled'],
  ['Verified', 'all pass', observe(well, beats(PASS, PASS)), 'True HeartbeatsPass'],
  ['Verified', 'one fails', observe(well, beats(ERROR, FAIL)), 'False HeartbeatFailed'],
  [
    'Verified',
    'one cannot be looked at',
    observe(well, beats(PASS, ERROR)),
    'Unknown HeartbeatError',
  ],
  ['Verified', 'nothing serves', observe({ wish: 'idle', ...well }), 'Unknown NotApplicable'],
  ['DriftDetected', 'a setting edited', observe(drifted), 'True Drifted'],
  ['DriftDetected', 'none', observe(well), 'False NoDrift'],
  [
    'DriftDetected',
    'a new wish is no drift',
    observe({ products: { haproxy: { version: '2', found: at('1') } } }),
    'False NoDrift',
  ],
  ['RolledBack', 'never', observe(well), 'False NotRolledBack'],
  [
    'RolledBack',
    'what failed is wished for as it was',
    observe({ products: { haproxy: { version: '2', found: at('1') } } }, FAILED),
    'True RolledBack',
  ],
  ['RolledBack', 'though what runs instead is well', observe(well, FAILED), 'True RolledBack'],
  [
    'Suspended',
    'a product',
    observe({ products: { haproxy: { suspend: true } } }),
    'True ProductsSuspended',
  ],
  ['Suspended', 'none', observe(well), 'False NotSuspended'],
  ['SpecValid', 'valid', observe(well), 'True Valid'],
  [
    'SpecValid',
    'missing',
    observe(well, { desired: undefined, plan: undefined }),
    'Unknown NoDesiredState',
  ],
  [
    'SpecValid',
    'invalid',
    observe(well, { desired: undefined, plan: undefined, invalid: FAILURES['desired-invalid'][0] }),
    'False Invalid',
  ],
];

/** A run in which nothing failed. */
const CLEAN = { failures: [], partial: false };

describe('the condition', () => {
  test.each(CONDITIONS)('%s: %s', (type, _, seen, expected) => {
    const found = statusOf(seen).conditions.filter((condition) => condition.type === type);
    expect(found.map(({ status, reason }) => `${status} ${reason}`)).toEqual([expected]);
    expect(found[0]?.message).toMatch(/^(?!.*(undefined|\[object)).+$/);
    expect(found[0]?.reason).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  test('keeps the time at which its status last changed', () => {
    const before = statusOf(observe(well, beats(PASS)));
    const after = statusOf(observe(well, { ...beats(FAIL), now: LATER, previous: before }));
    const timeOf = (type: ConditionType): string | undefined =>
      after.conditions.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(timeOf('SpecValid')).toBe(NOW.toISOString());
    expect(timeOf('Verified')).toBe(LATER.toISOString());
  });
});

describe('a product', () => {
  test.each<[string, Observation, Partial<StatusDocument['products'][string]>]>([
    [
      'in sync and healthy',
      observe(well, beats(PASS)),
      { sync: 'Synced', health: 'Healthy', reason: null, desired: '1', applied: '1', actual: '1' },
    ],
    [
      'out of sync',
      observe({ products: { haproxy: { version: '2', found: at('1') } } }),
      { sync: 'OutOfSync', desired: '2', applied: '1', actual: '1' },
    ],
    [
      'not there',
      observe({ products: { haproxy: { found: 'nothing' } } }),
      { sync: 'OutOfSync', applied: null, actual: null },
    ],
    [
      'unreadable',
      observe({ products: { haproxy: { found: { version: dark } } } }),
      { sync: 'Unknown', actual: null },
    ],
    [
      'suspended, and different',
      observe({ products: { haproxy: { version: '2', suspend: true, found: at('1') } } }),
      { sync: 'OutOfSync' },
    ],
    [
      'without a wish',
      observe(well, { desired: undefined, plan: undefined }),
      { sync: 'Unknown', desired: null },
    ],
    [
      'sick',
      observe(well, beats(PASS, FAIL)),
      { health: 'Degraded', reason: 'http http://127.0.0.1/healthz: refused' },
    ],
    ['not to be looked at', observe(well, beats(ERROR)), { health: 'Unknown' }],
    ['that nothing is asked of', observe(well), { health: 'NotApplicable' }],
    [
      'that does not serve',
      observe({ wish: 'idle', ...well }, beats(FAIL)),
      { health: 'NotApplicable' },
    ],
  ])('%s', (_, seen, report) => {
    expect(statusOf(seen).products['haproxy']).toMatchObject(report);
  });
});

describe('generations', () => {
  const first = statusAfterRun(observe(well), CLEAN);

  test('a first run makes the first', () => {
    expect(first).toMatchObject({
      generation: 1,
      observedGeneration: 1,
      lastAttemptedRevision: 'r1',
      lastAppliedRevision: 'r1',
      lastGoodRevision: 'r1',
    });
  });

  test('the same desired state again makes none', () => {
    expect(statusAfterRun(observe(well, { previous: first }), CLEAN)).toMatchObject({
      generation: 1,
    });
  });

  test('a new desired state is a generation that no run has observed yet', () => {
    const seen = observe(well, { previous: first });
    const desired = seen.desired && { ...seen.desired, revision: 'r2' };
    expect(statusOf({ ...seen, desired })).toMatchObject({
      generation: 2,
      observedGeneration: 1,
      lastAttemptedRevision: 'r1',
    });
    expect(
      statusAfterRun(
        { ...seen, desired },
        {
          failures: FAILURES['script-failed'],
          partial: false,
        },
      ),
    ).toMatchObject({
      generation: 2,
      observedGeneration: 2,
      lastAttemptedRevision: 'r2',
      lastAppliedRevision: 'r1',
      lastGoodRevision: 'r1',
    });
  });

  test('what is on trial is good only once it was confirmed', () => {
    const seen = observe(well, { previous: first });
    const desired = seen.desired && { ...seen.desired, revision: 'r2' };
    const onTrial = statusAfterRun({ ...seen, desired, trial: TRIAL }, CLEAN);
    expect(onTrial).toMatchObject({ lastAppliedRevision: 'r2', lastGoodRevision: 'r1' });
    const later = { ...seen, desired, previous: onTrial };
    expect(statusOf({ ...later, trial: TRIAL })).toMatchObject({ lastGoodRevision: 'r1' });
    expect(statusNow(onTrial, { ...later, trial: undefined })).toMatchObject({
      lastGoodRevision: 'r2',
    });
    expect(
      statusAfterRun({ ...later, trial: undefined }, { ...CLEAN, partial: true }),
    ).toMatchObject({
      lastGoodRevision: 'r2',
    });
    expect(statusAfterRun(later, CLEAN)).toMatchObject({ lastGoodRevision: 'r2' });
  });

  test('no valid desired state is none', () => {
    const seen = observe(well, { previous: first, desired: undefined, plan: undefined });
    expect(statusOf(seen)).toMatchObject({ generation: 1, observedGeneration: 1 });
  });
});

test('a status as text shows mode, products, and what is not as it should be', () => {
  const seen = observe({
    mode: 'invalid',
    products: { gateway: {}, haproxy: { version: '2', found: at('1') } },
  });
  const lastMessage = known('haproxy/upgrade: failed with exit code 3');
  const status = statusOf({ ...seen, actual: { ...seen.actual, lastMessage } });
  expect(renderStatus(status, plainPalette)).toBe(
    [
      'Server mode: invalid (desired: production)',
      '',
      'PRODUCT  SYNC       HEALTH         DESIRED  ACTUAL',
      'gateway  Synced     NotApplicable  1        1',
      'haproxy  OutOfSync  NotApplicable  2        1',
      '',
      'Stalled=True  LeftInvalid: haproxy/upgrade: failed with exit code 3',
      'Ready=False  LeftInvalid: the server is in mode invalid',
      '',
    ].join('\n'),
  );
});
