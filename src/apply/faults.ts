import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';

/** Products that failed, each with the reason. */
export type Faults = ReadonlyMap<ProductName, string>;

/** True for a failure that the run caused: a heartbeat that failed before it is none, and a dead product that stays dead. */
export function countsAgainst(failure: Failure): boolean {
  const { code } = failure;
  return (code !== 'verify-failed' && code !== 'script-failed') || !failure.wasFailing;
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

/** The products that failures are about, each with the first one of it; those that the run did not cause are left out. */
export function faultsIn(failures: readonly Failure[]): Faults {
  const faults = new Map<ProductName, string>();
  for (const failure of failures.filter(countsAgainst))
    for (const name of productsOf(failure))
      if (!faults.has(name)) faults.set(name, renderFailureLine(failure));
  return faults;
}
