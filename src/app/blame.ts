import type { Faults } from '../apply/faults.ts';
import type { ProductName } from '../model/ids.ts';
import type { DesiredState } from '../model/state.ts';
import type { HeldRun } from './held-run.ts';
import type { Written } from './load.ts';
import { blockDigest } from './quarantine.ts';

/**
 * What was wrong with a wish, by product, each with the reason: a product that failed as it is wished in both is not, but what it
 * depends on may be.
 */
export function blamed({ host, written }: HeldRun, past: Written, faults: Faults): Faults {
  const { desired } = written;
  const isNew = (name: ProductName): boolean => {
    const [now, before] = [desired.products.get(name), past.desired.products.get(name)];
    if (now === undefined || before === undefined) return now !== undefined;
    return blockDigest(host, now, written) !== blockDigest(host, before, past);
  };
  const failed = [...faults.keys()];
  const own = failed.filter(isNew);
  const behind = own.length > 0 ? [] : dependencies(desired, failed).filter(isNew);
  const [first = ''] = faults.values();
  return new Map([...own, ...behind].map((name) => [name, faults.get(name) ?? first]));
}

function dependencies(
  { products }: DesiredState,
  names: readonly ProductName[],
): readonly ProductName[] {
  const found = new Set(names);
  for (const name of found)
    for (const other of products.get(name)?.dependsOn ?? []) found.add(other);
  return [...found];
}

/** Products with all that depend on them. */
export function dependents(
  { products }: DesiredState,
  names: readonly ProductName[],
): readonly ProductName[] {
  const found = new Set(names);
  for (const name of found)
    for (const [other, { dependsOn }] of products) if (dependsOn.includes(name)) found.add(other);
  return [...found];
}
