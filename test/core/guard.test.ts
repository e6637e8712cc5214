import { describe, expect, test } from 'vitest';
import type { Allowances } from '../../src/core/guard.ts';
import { makePlan } from '../../src/core/plan.ts';
import { known } from '../../src/model/fact.ts';
import { summarise } from '../../src/model/plan.ts';
import { parseWindow } from '../../src/core/window.ts';
import { allowing, at, beat, given, mortal, named, type ServerCase } from './states.ts';

const nights = parseWindow('22:00-04:00');
const NIGHTS = nights.ok ? [nights.value] : [];
const older = { version: '1', found: at('2') } as const;
const newer = { version: '2', found: at('1') } as const;

describe('held back', () => {
  test.each<[string, ServerCase, Partial<Allowances>, readonly string[]]>([
    ['an upgrade is not', { products: { haproxy: newer } }, {}, ['haproxy/upgrade']],
    [
      'a downgrade is',
      { products: { haproxy: older } },
      {},
      ['haproxy/downgrade BLOCKED: a downgrade of haproxy'],
    ],
    [
      'an allowed downgrade is not',
      { products: { haproxy: older } },
      { downgrades: new Set([named('haproxy')]) },
      ['haproxy/downgrade'],
    ],
    [
      'a downgrade is, where another one is allowed',
      { products: { haproxy: older, gateway: older } },
      { downgrades: new Set([named('haproxy')]) },
      ['gateway/downgrade BLOCKED: a downgrade of gateway', 'haproxy/downgrade'],
    ],
    [
      'the settings that come after a downgrade are',
      {
        products: {
          haproxy: {
            ...older,
            settings: { a: 1 },
            found: { ...older.found, applied: known({}), settings: known({}) },
          },
        },
      },
      {},
      [
        'haproxy/downgrade BLOCKED: a downgrade of haproxy',
        'haproxy/set BLOCKED: waits for haproxy/downgrade',
      ],
    ],
    [
      'dependents are, and theirs; others are not',
      {
        wish: 'idle',
        products: {
          store: older,
          haproxy: { ...newer, dependsOn: ['store'] },
          gateway: { ...newer, dependsOn: ['haproxy'] },
          web: newer,
        },
      },
      {},
      [
        'store/downgrade BLOCKED: a downgrade of store',
        'haproxy/upgrade BLOCKED: waits for store/downgrade',
        'gateway/upgrade BLOCKED: waits for haproxy/upgrade',
        'web/upgrade',
      ],
    ],
    [
      'dependents are, where heartbeats stand between: nothing is judged then',
      {
        products: {
          store: { ...older, heartbeats: [beat] },
          haproxy: { ...newer, dependsOn: ['store'] },
        },
      },
      {},
      [
        'store/downgrade BLOCKED: a downgrade of store',
        'haproxy/upgrade BLOCKED: waits for store/downgrade',
      ],
    ],
    [
      "the server's mode is not: the product is there, as it was",
      { mode: 'idle', products: { haproxy: older } },
      {},
      ['haproxy/downgrade BLOCKED: a downgrade of haproxy', 'server/mode-production'],
    ],
    [
      'such a product is judged with the mode, but not recorded as done',
      {
        mode: 'idle',
        products: {
          haproxy: {
            ...older,
            heartbeats: [beat],
            found: { ...older.found, status: known('invalid') },
          },
        },
      },
      {},
      [
        'haproxy/downgrade BLOCKED: a downgrade of haproxy',
        'server/mode-production',
        'haproxy/verify, no deeds',
      ],
    ],
    [
      'everything is, where it is more than may be done',
      { mode: 'idle', products: { haproxy: { ...newer, heartbeats: [beat] } } },
      { changesMax: 1 },
      [
        'haproxy/upgrade BLOCKED: 2 are more than 1',
        'server/mode-production BLOCKED: 2 are more than 1',
      ],
    ],
    [
      'nothing is, where it is just as much',
      { mode: 'idle', products: { haproxy: newer } },
      { changesMax: 2 },
      ['haproxy/upgrade', 'server/mode-production'],
    ],
    [
      'a removal is, unless it is allowed',
      {
        wish: 'idle',
        policy: { prune: true },
        products: { web: {} },
        leftovers: { relay: { found: at('1') }, store: { found: at('1') } },
      },
      { removals: new Set([named('store')]) },
      ['relay/remove BLOCKED: a removal of relay', 'store/remove'],
    ],
    [
      'what is protected is, though its removal is allowed',
      {
        wish: 'idle',
        policy: { prune: true },
        products: { web: {} },
        leftovers: { store: { found: { ...at('1'), protected: known(true) } } },
      },
      { removals: new Set([named('store')]) },
      ['store/remove BLOCKED: protection of store'],
    ],
    [
      'what disrupts is, outside the window, and with it what waits for it',
      {
        products: {
          haproxy: newer,
          gateway: { ...newer, dependsOn: ['haproxy'] },
          web: { settings: { a: 1 }, config: 'ini', found: { applied: known({}) } },
        },
      },
      { windows: NIGHTS, now: new Date('2026-11-22T12:00:00Z') },
      [
        'haproxy/upgrade DEFERRED until 2026-11-22T22:00:00.000Z (22:00-04:00)',
        'gateway/upgrade DEFERRED until 2026-11-22T22:00:00.000Z (22:00-04:00)',
      ],
    ],
    [
      'inside the window it is not',
      { products: { haproxy: newer } },
      { windows: NIGHTS, now: new Date('2026-11-22T23:00:00Z') },
      ['haproxy/upgrade'],
    ],
    [
      'where nobody is served yet, no window counts',
      { mode: 'idle', products: { haproxy: newer } },
      { windows: NIGHTS, now: new Date('2026-11-22T12:00:00Z') },
      ['haproxy/upgrade', 'server/mode-production'],
    ],
    [
      'the way out of production waits for the window, and so does what comes after it',
      { wish: 'idle', mode: 'production', products: { haproxy: newer } },
      { windows: NIGHTS, now: new Date('2026-11-22T12:00:00Z') },
      [
        'server/mode-idle DEFERRED until 2026-11-22T22:00:00.000Z (22:00-04:00)',
        'haproxy/upgrade BLOCKED: waits for server/mode-idle',
      ],
    ],
    [
      'a restart is not, where what else its product needs is: a dead one serves nobody',
      {
        products: {
          haproxy: { ...newer, heartbeats: [mortal], dead: [mortal] },
          gateway: { ...newer, dependsOn: ['haproxy'] },
        },
      },
      { windows: NIGHTS, now: new Date('2026-11-22T12:00:00Z') },
      [
        'haproxy/restart',
        'haproxy/upgrade DEFERRED until 2026-11-22T22:00:00.000Z (22:00-04:00)',
        'gateway/upgrade DEFERRED until 2026-11-22T22:00:00.000Z (22:00-04:00)',
        'haproxy/verify-restart, no deeds',
      ],
    ],
    [
      'a restart is, of what is in quarantine, and what waits for it',
      {
        products: {
          haproxy: { heartbeats: [mortal], dead: [mortal] },
          gateway: { ...newer, dependsOn: ['haproxy'] },
        },
      },
      { quarantined: new Set([named('haproxy')]) },
      [
        'haproxy/restart BLOCKED: quarantine of haproxy',
        'gateway/upgrade BLOCKED: waits for haproxy/restart',
      ],
    ],
    [
      'a restart counts as any other action',
      { products: { haproxy: { heartbeats: [mortal], dead: [mortal] }, web: newer } },
      { changesMax: 1 },
      ['haproxy/restart BLOCKED: 2 are more than 1', 'web/upgrade BLOCKED: 2 are more than 1'],
    ],
  ])('%s', (_, server, allowances, lines) => {
    expect(guarded(server, allowances)).toEqual(lines);
  });

  test('what is blocked is not counted as to do, nor its product as unchanged', () => {
    const plan = makePlan(
      given({ products: { haproxy: older, gateway: newer, web: {} } }),
      allowing({}),
    );
    expect(summarise(plan)).toEqual({
      todo: 1,
      byKind: { upgrade: 1 },
      blocked: 1,
      deferred: 0,
      unchanged: 1,
    });
  });
});

function guarded(server: ServerCase, allowances: Partial<Allowances>): readonly string[] {
  const { actions, verifications } = makePlan(given(server), allowing(allowances));
  return [
    ...actions.map(({ id, blocked }) => {
      switch (blocked?.by) {
        case undefined:
          return id;
        case 'downgrade':
          return `${id} BLOCKED: a downgrade of ${blocked.product}`;
        case 'max-changes':
          return `${id} BLOCKED: ${blocked.changes} are more than ${blocked.changesMax}`;
        case 'removal':
          return `${id} BLOCKED: a removal of ${blocked.product}`;
        case 'protection':
        case 'no-remove-script':
        case 'interrupted':
        case 'quarantine':
          return `${id} BLOCKED: ${blocked.by} of ${blocked.product}`;
        case 'window':
          return `${id} DEFERRED until ${blocked.until} (${blocked.window})`;
        case 'dependency':
          return `${id} BLOCKED: waits for ${blocked.on}`;
      }
    }),
    ...verifications.map(({ id, deeds }) => (deeds.length === 0 ? `${id}, no deeds` : id)),
  ];
}

test('a product whose installation is held back is not told the mode', () => {
  const states = given({
    mode: 'idle',
    products: { store: older, haproxy: { found: 'nothing', dependsOn: ['store'] } },
  });
  const plan = makePlan(states, allowing({}));
  const told = plan.actions
    .filter((action) => action.product === undefined)
    .flatMap((action) => action.deeds)
    .flatMap((deed) => (deed.do === 'run-each-script' ? deed.runs : []));
  expect(told.map((run) => run.product)).toEqual(['store']);
});
