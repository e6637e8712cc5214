import type { AskedAllowances } from '../app/look.ts';
import type { Failure } from '../model/failure.ts';
import { parseProductName, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { usage } from './failing.ts';
import type { PlanOptions } from './options.ts';

/** What the flags allow this once; a flag that says nothing sensible is a usage failure. */
export function readAllowances({
  allowDowngrade,
  maxChanges,
}: PlanOptions): Result<AskedAllowances, Failure> {
  const downgrades = new Set<ProductName>();
  for (const text of allowDowngrade) {
    const name = parseProductName(text);
    if (name === undefined)
      return err(usage(`--allow-downgrade: "${text}" is not a product's name`));
    downgrades.add(name);
  }
  if (maxChanges === undefined) return ok({ downgrades, changesMax: undefined });
  const changesMax = readCount(maxChanges);
  return changesMax === undefined
    ? err(usage(`--max-changes: "${maxChanges}" is not a number`))
    : ok({ downgrades, changesMax });
}

/** A whole number from 1, or undefined. */
export function readCount(text: string): number | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}
