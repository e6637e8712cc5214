import type { Change } from '../model/change.ts';
import type { ProductName } from '../model/ids.ts';
import type { Selection } from '../model/plan.ts';
import type { ProductSpec } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';

/** What a selection leaves out. */
export interface Selected {
  /** Products, each with the reason in words. */
  readonly leftOut: ReadonlyMap<ProductName, string>;
  /** Products that were not named, and are in it because a named one depends on them. */
  readonly included: readonly ProductName[];
  /** Why the server's mode is not changed; undefined where it is. */
  readonly mode: string | undefined;
}

/**
 * What `--only` and `--exclude` leave out: with a product goes what it depends on, without one goes what depends on it.
 * The mode of a server is a matter of all its products, so that `--only` never changes it.
 */
export function select(
  specs: ReadonlyMap<ProductName, ProductSpec>,
  leftovers: Iterable<ProductName>,
  { only, exclude }: Selection,
): Selected {
  const leftOut = new Map<ProductName, string>();
  for (const name of exclude) leftOut.set(name, `--exclude ${name}`);
  for (const name of exclude)
    for (const other of dependents(specs, name))
      if (!leftOut.has(other))
        leftOut.set(other, `depends on ${name}, which --exclude ${name} leaves out`);
  if (only.length === 0) return { leftOut, included: [], mode: undefined };
  const asked = only.map((name) => `--only ${name}`).join(' ');
  const kept = new Set(only.flatMap((name) => [name, ...dependencies(specs, name)]));
  for (const name of [...specs.keys(), ...leftovers])
    if (!kept.has(name)) leftOut.set(name, `not among ${asked}`);
  const included = [...kept].filter((name) => !only.includes(name) && !leftOut.has(name));
  return {
    leftOut,
    included: included.toSorted(compareText),
    mode: `${asked}: a part of the products does not change the mode`,
  };
}

/** The changes of what is selected; facts that could not be read stay, for they say why nothing is done. */
export function ofSelected(
  changes: readonly Change[],
  { leftOut, mode }: Selected,
): readonly Change[] {
  return changes.filter((change) => {
    if (change.kind === 'mode-differs') return mode === undefined;
    return change.product === undefined || !leftOut.has(change.product);
  });
}

function dependencies(
  specs: ReadonlyMap<ProductName, ProductSpec>,
  name: ProductName,
): readonly ProductName[] {
  const found = new Set<ProductName>([name]);
  for (const each of found) for (const other of specs.get(each)?.dependsOn ?? []) found.add(other);
  found.delete(name);
  return [...found];
}

function dependents(
  specs: ReadonlyMap<ProductName, ProductSpec>,
  name: ProductName,
): readonly ProductName[] {
  return [...specs.keys()].filter((each) => dependencies(specs, each).includes(name));
}
