import { countsAgainst } from '../apply/leave-behind.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import type { DesiredState } from '../model/state.ts';
import type { HeldRun } from './held-run.ts';
import type { Written } from './load.ts';
import { blockDigest } from './quarantine.ts';

/** The products that failures are about, those that the run did not cause left out. */
export function productsIn(failures: readonly Failure[]): readonly ProductName[] {
  const names = failures.filter(countsAgainst).flatMap(productsOf);
  return [...new Set(names)];
}

/** The products that a failure is about. */
export function productsOf(failure: Failure): readonly ProductName[] {
  if (failure.code === 'not-converged')
    return failure.remaining.flatMap((change) => ('product' in change && change.product) || []);
  const { code } = failure;
  return code === 'script-failed' || code === 'config-refused' || code === 'verify-failed'
    ? [failure.product]
    : [];
}

/**
 * What was wrong with a wish, by product, each with the reason: a product that failed as it is wished in both is not, but what it
 * depends on may be.
 */
export function blamed(
  { host, written }: HeldRun,
  past: Written,
  failures: readonly Failure[],
): ReadonlyMap<ProductName, string> {
  const { desired } = written;
  const isNew = (name: ProductName): boolean => {
    const [now, before] = [desired.products.get(name), past.desired.products.get(name)];
    if (now === undefined || before === undefined) return now !== undefined;
    return blockDigest(host, now, written) !== blockDigest(host, before, past);
  };
  const failed = productsIn(failures);
  const own = failed.filter(isNew);
  const behind = own.length > 0 ? [] : dependencies(desired, failed).filter(isNew);
  const [first] = failures;
  return new Map(
    [...own, ...behind].map((name) => {
      const why = failures.find((failure) => productsOf(failure).includes(name)) ?? first;
      return [name, why === undefined ? 'an earlier run failed' : renderFailureLine(why)];
    }),
  );
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
