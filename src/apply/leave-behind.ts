import type { Failure } from '../model/failure.ts';
import { failpoint } from '../host/failpoint.ts';
import type { ProductName } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { ApplyContext } from './context.ts';
import { countsAgainst } from './faults.ts';

/** A step that failed: whose it was, why, and whether it may have changed anything. */
export interface StepFailure {
  /** Undefined where the step was the server's. */
  readonly product: ProductName | undefined;
  readonly failures: readonly Failure[];
  readonly touched: boolean;
}

// As it did not work before, it does not now: no news, and nothing left to do. Half done it would be judged anew by the next run.
async function noWorse(
  product: ProductName,
  { records, journal }: ApplyContext,
): Promise<Result<unknown, Failure>> {
  const recorded = await records.product({ do: 'record-product', product, status: 'valid' });
  return recorded.ok ? await journal.note({ type: 'valid', product }) : recorded;
}

/** How a run went, as far as its records must tell. */
export interface Aftermath {
  readonly failed: readonly StepFailure[];
  readonly touched: boolean;
  readonly modeTouched: boolean;
}

/**
 * Makes the records tell the truth after failures: what may have changed is `invalid`, with time and reason; what was
 * only about to change reads as before the run. An interrupted run leaves its marks (`upgrading`) for the next one.
 * Returns the failures of writing them.
 */
export async function leaveBehind(
  { failed, touched, modeTouched }: Aftermath,
  context: ApplyContext,
): Promise<readonly Failure[]> {
  if (failed.length === 0 || context.brakes.stop.aborted || !context.lock.owned()) return [];
  const time = context.host.clock.now().toISOString();
  const results: Result<unknown, Failure>[] = [];
  for (const step of failed) {
    if (step.product === undefined) continue;
    if (!step.failures.some(countsAgainst)) {
      results.push(await noWorse(step.product, context));
      continue;
    }
    const [first] = step.failures;
    const message = `${time} ${first === undefined ? 'failed' : renderFailureLine(first)}`;
    results.push(
      step.touched
        ? context.records.invalid(step.product, message)
        : context.records.restoreProduct(step.product),
    );
    failpoint('record.invalid');
    if (step.touched)
      results.push(await context.journal.note({ type: 'failed', product: step.product }));
    failpoint('failed.written');
  }
  const [first] = failed.flatMap((step) => step.failures.filter(countsAgainst));
  if (first === undefined) return results.flatMap((result) => (result.ok ? [] : [result.error]));
  if (touched && !context.spareServer)
    results.push(context.records.serverInvalid(`${time} ${renderFailureLine(first)}`));
  else if (!touched && modeTouched) results.push(context.records.restoreMode());
  return results.flatMap((result) => (result.ok ? [] : [result.error]));
}
