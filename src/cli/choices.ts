import type { AskedChoices } from '../app/planning.ts';
import type { Failure } from '../model/failure.ts';
import { parseProductName, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { usage } from './failing.ts';
import type { ChoiceOptions } from './options.ts';

/** What the flags choose this once; a flag that says nothing sensible is a usage failure. */
export function readChoices(options: ChoiceOptions): Result<AskedChoices, Failure> {
  const names = new Map<keyof typeof LISTS, readonly ProductName[]>();
  for (const [option, flag] of entriesOf(LISTS)) {
    const read = readNames(flag, options[option]);
    if (!read.ok) return read;
    names.set(option, read.value);
  }
  const of = (option: keyof typeof LISTS): readonly ProductName[] => names.get(option) ?? [];
  const { maxChanges } = options;
  const changesMax = maxChanges === undefined ? undefined : readCount(maxChanges);
  if (maxChanges !== undefined && changesMax === undefined)
    return err(usage(`--max-changes: "${maxChanges}" is not a number`));
  return ok({
    downgrades: new Set(of('allowDowngrade')),
    removals: new Set(of('allowRemove')),
    changesMax,
    selection: { only: of('only'), exclude: of('exclude'), redo: of('redo') },
    mode: 'wished',
  });
}

/** The first flag that chooses anything, for where nothing is left to choose; undefined where none does. */
export function firstChoice(options: ChoiceOptions): string | undefined {
  const [, flag] = entriesOf(LISTS).find(([option]) => options[option].length > 0) ?? [];
  return flag ?? (options.maxChanges === undefined ? undefined : '--max-changes');
}

const LISTS = {
  allowDowngrade: '--allow-downgrade',
  allowRemove: '--allow-remove',
  only: '--only',
  exclude: '--exclude',
  redo: '--redo',
} as const;

function entriesOf(lists: typeof LISTS): readonly (readonly [keyof typeof LISTS, string])[] {
  return Object.entries(lists) as [keyof typeof LISTS, string][];
}

function readNames(
  flag: string,
  texts: readonly string[],
): Result<readonly ProductName[], Failure> {
  const names: ProductName[] = [];
  for (const text of new Set(texts)) {
    const name = parseProductName(text);
    if (name === undefined) return err(usage(`${flag}: "${text}" is not a product's name`));
    names.push(name);
  }
  return ok(names);
}

/** A whole number from 1, or undefined. */
export function readCount(text: string): number | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}
