// What failed before as it is wished now is not tried again, whatever kind of action it would be.
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { known } from '../../src/model/fact.ts';
import { allowing, at, given, having, named, type ServerCase } from './states.ts';

const older = { version: '1', found: at('2') } as const;
const newer = { version: '2', found: at('1') } as const;

describe('of a product in quarantine', () => {
  test.each<[string, ServerCase, string, readonly string[]]>([
    [
      'what is in quarantine is, with what depends on it, and nothing else',
      {
        wish: 'idle',
        products: { store: newer, haproxy: { ...newer, dependsOn: ['store'] }, web: newer },
      },
      'store',
      ['store/upgrade held back', 'haproxy/upgrade waits for store/upgrade', 'web/upgrade'],
    ],
    [
      'an installation in quarantine is, and settings and joining with it',
      { products: { haproxy: { found: 'nothing', scripts: 'upgrade mode' } } },
      'haproxy',
      ['haproxy/provision held back', 'haproxy/mode held back'],
    ],
    [
      'settings in quarantine are',
      {
        products: {
          haproxy: { settings: { a: 1 }, config: 'ini', found: having({ a: '2' }) },
        },
      },
      'haproxy',
      ['haproxy/set held back'],
    ],
    [
      'a downgrade in quarantine is, though it is allowed',
      { products: { haproxy: older } },
      'haproxy',
      ['haproxy/downgrade held back'],
    ],
    [
      'a removal in quarantine is, though it is allowed',
      {
        wish: 'idle',
        policy: { prune: true },
        products: { web: {} },
        leftovers: { store: { found: at('1') } },
      },
      'store',
      ['store/remove held back'],
    ],
    [
      "the server's mode is not, where what is in quarantine is there as it was",
      { mode: 'idle', products: { haproxy: newer } },
      'haproxy',
      ['haproxy/upgrade held back', 'server/mode-production'],
    ],
    [
      'the working mode is, where what is in quarantine was left half done',
      {
        mode: 'invalid',
        products: { haproxy: { ...newer, found: { ...newer.found, status: known('invalid') } } },
      },
      'haproxy',
      ['haproxy/upgrade held back', 'server/mode-production held back'],
    ],
    [
      'the way out of the working mode is not',
      {
        wish: 'idle',
        mode: 'production',
        products: { haproxy: { ...newer, found: { ...newer.found, status: known('invalid') } } },
      },
      'haproxy',
      ['server/mode-idle', 'haproxy/upgrade held back'],
    ],
  ])('%s', (_, server, name, lines) => {
    const quarantined = new Set([named(name)]);
    const allowed = new Set([named(name)]);
    const choices = allowing({ quarantined, downgrades: allowed, removals: allowed });
    const { actions } = makePlan(given(server), choices);
    expect(
      actions.map(({ id, blocked }) => {
        if (blocked === undefined) return id;
        return blocked.by === 'dependency' ? `${id} waits for ${blocked.on}` : `${id} held back`;
      }),
    ).toEqual(lines);
    const reasons = actions.flatMap(({ blocked }) => (blocked ? [blocked.by] : []));
    expect(['quarantine', 'dependency']).toEqual(expect.arrayContaining(reasons));
  });
});
