import type { Change } from '../model/change.ts';
import type { Held } from '../model/plan.ts';
import { compareText } from '../model/text-order.ts';
import type { States } from './diff.ts';
import type { Selected } from './select.ts';

/** What is left alone, and why: what could not be read, is suspended, was left out, or is no wish of the file. */
export function heldBack(
  states: States,
  changes: readonly Change[],
  selected: Selected,
): readonly Held[] {
  return [
    ...unreadable(changes, selected),
    ...notSelected(changes, selected),
    ...suspended(states, changes, selected),
    ...notInFile(states),
  ];
}

/** True where the server's mode is not known: then nothing at all can be told to a script. */
export function isModeUnread(changes: readonly Change[]): boolean {
  return changes.some(
    (change) => change.kind === 'fact-unreadable' && change.product === undefined,
  );
}

function unreadable(changes: readonly Change[], { leftOut }: Selected): readonly Held[] {
  return changes.flatMap((change): readonly Held[] => {
    if (change.kind !== 'fact-unreadable') return [];
    const { product, fact, why } = change;
    if (product !== undefined && leftOut.has(product)) return [];
    return [{ product, why: 'unreadable', detail: `${fact}: ${why}` }];
  });
}

function notSelected(changes: readonly Change[], { leftOut, mode }: Selected): readonly Held[] {
  const differs = new Set(changes.map((change) => 'product' in change && change.product));
  const held = [...leftOut].toSorted(([a], [b]) => compareText(a, b));
  const products = held.flatMap(([product, detail]): readonly Held[] =>
    differs.has(product) ? [{ product, why: 'not-selected', detail }] : [],
  );
  const isModeLeft = mode !== undefined && changes.some(({ kind }) => kind === 'mode-differs');
  return isModeLeft
    ? [...products, { product: undefined, why: 'not-selected', detail: mode }]
    : products;
}

function suspended(
  { desired }: States,
  changes: readonly Change[],
  { leftOut }: Selected,
): readonly Held[] {
  const modeUnread = isModeUnread(changes);
  const names = [...desired.products.keys()].toSorted(compareText);
  return names.flatMap((product): readonly Held[] => {
    if (leftOut.has(product)) return [];
    if (desired.products.get(product)?.suspend === true)
      return [{ product, why: 'suspended', detail: 'suspend: true in the desired state' }];
    const detail = 'the server-mode that its scripts are given cannot be read';
    return modeUnread ? [{ product, why: 'unreadable', detail }] : [];
  });
}

// Said also where pruning is off: who deletes a block wants to know what becomes of its product.
function notInFile({ desired, actual, definition }: States): readonly Held[] {
  const { prune } = desired.policy;
  return [...actual.leftovers.keys()].toSorted(compareText).flatMap((product): readonly Held[] => {
    const isPruned = prune && desired.products.size > 0;
    if (isPruned && definition.products.has(product)) return [];
    return [{ product, why: 'not-in-file', detail: whyKept(isPruned, prune, definition.file) }];
  });
}

function whyKept(isPruned: boolean, prune: boolean, definitionFile: string): string {
  if (isPruned) return `${definitionFile} has no section of it, so nothing says how to remove it`;
  return prune ? 'a file without products removes nothing' : 'policy.prune is off';
}
