// The end of a run, as a person is told of it.
import { describe, expect, test } from 'vitest';
import { plainPalette } from '../../src/core/render/palette.ts';
import { renderSummary } from '../../src/core/render/summary-text.ts';
import { finished, happenings, planFor, runIn, type Happening } from './live-runs.ts';
import { at, beat } from './states.ts';

const plan = planFor({
  mode: 'idle',
  products: {
    haproxy: { version: '2', found: at('1'), heartbeats: [beat] },
    store: { version: '2', found: at('1') },
  },
});
const { planned, goesBack, isBack, begins, ends, fails, isSkipped, waits, isSick, isHealthy } =
  happenings(plan);

const BOTH: readonly Happening[] = [
  [1, planned],
  [1, begins('haproxy/upgrade')],
  [1, begins('store/upgrade')],
  [3, ends('store/upgrade', 1500)],
];

test.each<[string, readonly Happening[], ReturnType<typeof finished>, string]>([
  [
    'each product, in the order of the plan',
    [
      ...BOTH,
      [3, ends('haproxy/upgrade')],
      [4, ends('server/mode-production', 3)],
      [4, waits('haproxy/verify')],
      [5, isHealthy('haproxy/verify')],
    ],
    finished('changed', { succeeded: 3 }),
    `
  haproxy  succeeded  upgrade in 2s, verify in 12ms
  store    succeeded  upgrade in 1.5s
  server   succeeded  mode-production in 3ms
Applied: 3 succeeded in 20s.
`,
  ],
  [
    'what failed, and what was not begun for it',
    [...BOTH, [3, fails('haproxy/upgrade')], [4, isSkipped('server/mode-production')]],
    finished('failed', { succeeded: 1, failed: 1, notStarted: 1 }),
    `
  haproxy  failed       upgrade failed after 2s
  store    succeeded    upgrade in 1.5s
  server   not started  mode-production
Ended failed: 1 succeeded, 1 failed, 1 not started in 20s.
`,
  ],
  [
    'what is not healthy, though every action went well',
    [
      ...BOTH,
      [3, ends('haproxy/upgrade')],
      [4, waits('haproxy/verify')],
      [64, isSick('haproxy/verify')],
    ],
    finished('failed', { succeeded: 2 }),
    `
  haproxy  failed     upgrade in 2s, verify failed after 1m
  store    succeeded  upgrade in 1.5s
Ended failed: 2 succeeded, 1 not healthy in 20s.
`,
  ],
  [
    'what was taken back',
    [
      ...BOTH,
      [3, fails('haproxy/upgrade')],
      [4, goesBack],
      [5, ends('store/upgrade')],
      [5, ends('haproxy/upgrade')],
      [6, isBack],
    ],
    finished('rolled-back', { failed: 1, rolledBack: 1 }),
    `
  haproxy  rolled back  upgrade failed after 2s
  store    rolled back  upgrade in 1.5s
Ended rolled back: 1 failed, 1 rolled back in 20s.
`,
  ],
  [
    'one product, which the lines before it have told of',
    [
      [1, planned],
      [2, ends('store/upgrade')],
    ],
    finished('changed', { succeeded: 1 }),
    'Applied: 1 succeeded in 20s.\n',
  ],
  ['nothing where nothing was to be done', [[1, planned]], finished('changed', {}), ''],
])('%s', (_, what, end, text) => {
  const run = runIn(...what, [20, end]);
  expect(renderSummary(run, end, { palette: plainPalette, width: undefined })).toBe(text);
});

test('on a narrow terminal steps that have no room beside a name go below it', () => {
  const end = finished('failed', { succeeded: 1 });
  const run = runIn(
    ...BOTH,
    [3, ends('haproxy/upgrade')],
    [64, isSick('haproxy/verify')],
    [65, end],
  );
  expect(renderSummary(run, end, { palette: plainPalette, width: 40 })).toBe(`
  haproxy  failed
    upgrade in 2s, verify failed after
    1m
  store    succeeded  upgrade in 1.5s
Ended failed: 1 succeeded, 1 not
  healthy in 20s.
`);
});

describe('of many products', () => {
  const names = Array.from({ length: 30 }, (_, nth) => `p${String(nth).padStart(2, '0')}`);
  const many = planFor({
    products: Object.fromEntries(names.map((name) => [name, { version: '2', found: at('1') }])),
  });
  const all = happenings(many);
  const told = (failed: number, ms: number): string => {
    const end = finished('failed', { failed, succeeded: names.length - failed }, ms);
    const ended = names.map((name, nth): Happening => {
      const id = `${name}/upgrade`;
      return [2, nth < failed ? all.fails(id) : all.ends(id, 1000 + nth)];
    });
    const run = runIn([1, all.planned], ...ended, [20, end]);
    return renderSummary(run, end, { palette: plainPalette, width: undefined });
  };

  test('only those that did not go well are named, and where the time went', () => {
    expect(told(2, 20_000)).toBe(`
  p00  failed  upgrade failed after 2s
  p01  failed  upgrade failed after 2s
Longest: p00/upgrade 2s, p01/upgrade 2s, p29/upgrade 1s
Ended failed: 28 succeeded, 2 failed in 20s.
`);
  });

  test('nor more of those than a person reads', () => {
    const lines = told(25, 900).split('\n');
    expect(lines.slice(-4)).toEqual([
      '  p19  failed  upgrade failed after 2s',
      '  … and 5 more',
      'Ended failed: 5 succeeded, 25 failed in 900ms.',
      '',
    ]);
  });

  test('where all went well in no time, the sum is all', () => {
    expect(told(0, 900)).toBe('Ended failed: 30 succeeded in 900ms.\n');
  });
});
