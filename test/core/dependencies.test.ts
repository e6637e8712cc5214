import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dependencyOrder } from '../../src/core/dependencies.ts';
import { decide } from '../../src/core/decide.ts';
import { diff } from '../../src/core/plan.ts';
import { at, given, named, type ProductCase } from './states.ts';

describe('the order of products', () => {
  test.each<[string, Written, string]>([
    [
      'by name where nothing else decides',
      { web: [], gateway: [], haproxy: [] },
      'gateway haproxy web',
    ],
    [
      'each after what it depends on',
      { gateway: ['haproxy'], haproxy: ['web'], web: [] },
      'web haproxy gateway',
    ],
    ['a diamond', { a: ['c', 'b'], b: ['d'], c: ['d'], d: [] }, 'd b c a'],
    ['what is not there is not waited for', { a: ['z'] }, 'a'],
    ['nothing', {}, ''],
  ])('%s', (_, written, order) => {
    expect(orderOf(Object.entries(written))).toBe(order);
  });

  test('does not rest on the order in which they are given', () => {
    const acyclic = fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { minLength: 1 })
      .chain((names) =>
        fc
          .tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
          .map((waits) => names.map((name, index): Entry => [name, waits[index] ?? []])),
      );
    const both = acyclic.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
    );
    fc.assert(
      fc.property(both, ([entries, shuffled]) => {
        const order = orderOf(shuffled).split(' ');
        expect(order.join(' ')).toBe(orderOf(entries));
        for (const [name, dependsOn] of entries)
          for (const other of dependsOn)
            expect(order.indexOf(other)).toBeLessThan(order.indexOf(name));
      }),
    );
  });

  test('a long chain is no problem', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `p${index}`);
    const entries = names.map((name, index): Entry => [name, names.slice(index + 1, index + 2)]);
    expect(orderOf(entries).split(' ')).toEqual(names.toReversed());
  });
});

test('what waits for what is found in no time, however often products meet', () => {
  // Forty layers of two, each on both of the layer below: 2^40 ways from top to bottom.
  const products: Record<string, ProductCase> = { l0a: { version: '2', found: at('1') }, l0b: {} };
  for (let layer = 1; layer <= 40; layer += 1)
    for (const side of ['a', 'b'])
      products[`l${layer}${side}`] = { dependsOn: [`l${layer - 1}a`, `l${layer - 1}b`] };
  const top: ProductCase = { version: '2', found: at('1'), dependsOn: ['l40a'] };
  const states = given({ wish: 'idle', products: { ...products, top } });
  const { actions } = decide(states, {
    changes: diff(states),
    held: [],
    mode: 'wished',
    partial: false,
  });
  expect(actions.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
    ['l0a/upgrade', []],
    ['top/upgrade', ['l0a/upgrade']],
  ]);
});

type Entry = readonly [name: string, dependsOn: readonly string[]];
type Written = Readonly<Record<string, readonly string[]>>;

function orderOf(entries: readonly Entry[]): string {
  return dependencyOrder(
    entries.map(([name, dependsOn]) => ({ name: named(name), dependsOn: dependsOn.map(named) })),
  ).join(' ');
}
