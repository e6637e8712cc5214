import { describe, expect, test } from 'vitest';
import type { Allowances } from '../../src/core/guard.ts';
import { makePlan } from '../../src/core/plan.ts';
import { known } from '../../src/model/fact.ts';
import { summarise } from '../../src/model/plan.ts';
import { at, beat, given, named, type ServerCase } from './states.ts';

const STRICT: Allowances = { downgrades: new Set(), changesMax: 50 };
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
  ])('%s', (_, server, allowances, lines) => {
    expect(guarded(server, allowances)).toEqual(lines);
  });

  test('what is blocked is not counted as to do, nor its product as unchanged', () => {
    const plan = makePlan(given({ products: { haproxy: older, gateway: newer, web: {} } }), STRICT);
    expect(summarise(plan)).toEqual({ todo: 1, byKind: { upgrade: 1 }, blocked: 1, unchanged: 1 });
  });
});

function guarded(server: ServerCase, allowances: Partial<Allowances>): readonly string[] {
  const { actions, verifications } = makePlan(given(server), { ...STRICT, ...allowances });
  return [
    ...actions.map(({ id, blocked }) => {
      switch (blocked?.by) {
        case undefined:
          return id;
        case 'downgrade':
          return `${id} BLOCKED: a downgrade of ${blocked.product}`;
        case 'max-changes':
          return `${id} BLOCKED: ${blocked.changes} are more than ${blocked.changesMax}`;
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
  const plan = makePlan(states, STRICT);
  const told = plan.actions
    .filter((action) => action.product === undefined)
    .flatMap((action) => action.deeds)
    .flatMap((deed) => (deed.do === 'run-each-script' ? deed.runs : []));
  expect(told.map((run) => run.product)).toEqual(['store']);
});
