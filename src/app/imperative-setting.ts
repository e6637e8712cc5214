import type { ScalarValue } from '../format/yaml-scalar.ts';
import type { ProductDefinition } from '../model/definition.ts';
import { isList, type PlainValue } from '../model/document.ts';
import type { ProductName } from '../model/ids.ts';
import type { Edit } from './imperative-file.ts';
import type { Written } from './load.ts';

/** A setting by the word that names it, and the text it is to have. */
export interface SettingWish {
  readonly name: ProductName;
  readonly key: string;
  readonly value: string;
}

/** True where a product has anything that reads settings. */
export function readsSettings({ config, scripts }: ProductDefinition): boolean {
  return config !== undefined || scripts.has('set');
}

/**
 * How a setting can be written to the file: as the kind of value that stands there already, or else as the number or truth value that the
 * text is the text of, or as text.
 */
export function settingEdits(
  { document }: Pick<Written, 'document'>,
  { name, key, value }: SettingWish,
): readonly [readonly Edit[], ...(readonly Edit[])[]] {
  const settings = valueAt(document(), ['products', name, 'settings']);
  const steps = stepsTo(settings, key);
  const path = ['products', name, 'settings', ...steps];
  const there = valueAt(settings, steps);
  const ways: readonly (readonly Edit[])[] = typed(value, there).map((each) => [
    { path, value: each },
  ]);
  const [first = [{ path, value }], ...others] = ways;
  return [first, ...others];
}

/** The way to a setting: the name itself where there is one so called, else its parts between dots. */
export function stepsTo(settings: PlainValue | undefined, key: string): readonly string[] {
  return valueAt(settings, [key]) === undefined ? key.split('.') : [key];
}

/** What stands at a path of plain data; undefined where nothing does. */
export function valueAt(
  data: PlainValue | undefined,
  path: readonly string[],
): PlainValue | undefined {
  let found: PlainValue | undefined = data;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || isList<PlainValue>(found)) return undefined;
    found = Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

function typed(text: string, there: PlainValue | undefined): readonly ScalarValue[] {
  const value = scalarOf(text);
  if (typeof value === 'string') return [text];
  return typeof there === 'string' ? [text, value] : [value, text];
}

// Only where the text comes back: 1.10 and 007 are texts.
function scalarOf(text: string): ScalarValue {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}
