import type { Diagnostic } from '../model/diagnostic.ts';
import type { PlainMap, PlainValue } from '../model/document.ts';
import { isList } from '../model/document.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import type { ScalarValue } from './yaml-scalar.ts';
import { spliceYaml } from './yaml-splice.ts';
import { readYaml } from './yaml.ts';
import { toPlain } from './yaml-value.ts';

/** Why a text was not changed. */
export type EditProblem =
  | { readonly code: 'not-readable'; readonly diagnostics: readonly Diagnostic[] }
  /** What stands at `path` is a value, and can hold no other; or an item that its list does not have. */
  | { readonly code: 'no-way-in'; readonly path: readonly string[] }
  /** What stands at `path` is a map or a list. */
  | { readonly code: 'not-one-value'; readonly path: readonly string[] }
  /** The text is laid out in a way that this one value cannot be changed alone: by hand, then. */
  | { readonly code: 'unusual-layout'; readonly path: readonly string[] };

/**
 * A YAML text with one value changed, added with the maps that lead to it, or (undefined) removed with its line; every other
 * byte stays. Steps into lists are indexes of items that are there. The new text was read again: exactly that value differs.
 */
export function editYaml(
  text: string,
  path: readonly string[],
  value: ScalarValue | undefined,
): Result<string, EditProblem> {
  const before = readYaml(text, '');
  if (!before.ok) return err({ code: 'not-readable', diagnostics: before.error });
  const plain = toPlain(before.value);
  const wanted = changed(plain, { path, value, depth: 0 });
  if (!wanted.ok) return wanted;
  if (isSame(plain, wanted.value)) return ok(text);

  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const spliced = spliceYaml(text.slice(mark.length), path, value);
  const after = spliced === undefined ? undefined : readYaml(spliced, '');
  const isFaithful = after?.ok === true && isSame(toPlain(after.value), wanted.value);
  return isFaithful ? ok(mark + spliced) : err({ code: 'unusual-layout', path });
}

interface Step {
  readonly path: readonly string[];
  readonly value: ScalarValue | undefined;
  /** How many steps of the path lead here. */
  readonly depth: number;
}

function changed(found: PlainValue | undefined, step: Step): Result<PlainValue, EditProblem> {
  const { path, value, depth } = step;
  const here = path.slice(0, depth);
  const isNothing = found === undefined || found === null;
  const next = path[depth];
  if (next === undefined) {
    const isMany = depth === 0 || (!isNothing && typeof found === 'object');
    return isMany || value === undefined ? err({ code: 'not-one-value', path: here }) : ok(value);
  }
  if (isNothing) return value === undefined ? ok(null) : changed(NO_VALUES, step);
  if (typeof found !== 'object') return err({ code: 'no-way-in', path: here });
  return isList<PlainValue>(found)
    ? changedItem(found, next, step)
    : changedEntry(found, next, step);
}

const NO_VALUES: PlainMap = Object.freeze(Object.create(null) as PlainMap);

function changedItem(
  items: readonly PlainValue[],
  index: string,
  { path, value, depth }: Step,
): Result<PlainValue, EditProblem> {
  const item = /^\d+$/.test(index) ? items[Number(index)] : undefined;
  if (item === undefined) return err({ code: 'no-way-in', path: path.slice(0, depth + 1) });
  const inner = changed(item, { path, value, depth: depth + 1 });
  return inner.ok ? ok(items.with(Number(index), inner.value)) : inner;
}

function changedEntry(
  map: PlainMap,
  key: string,
  { path, value, depth }: Step,
): Result<PlainValue, EditProblem> {
  const found = Object.hasOwn(map, key) ? map[key] : undefined;
  const isRemoved = value === undefined && depth === path.length - 1;
  if (value === undefined && found === undefined) return ok(map);
  if (isRemoved && (found === null || typeof found !== 'object')) {
    const { [key]: _, ...others } = map;
    return ok(others);
  }
  const inner = changed(found, { path, value, depth: depth + 1 });
  return inner.ok ? ok({ ...map, [key]: inner.value }) : inner;
}

/** Equal as data: in whatever order the keys of a map stand. */
function isSame(a: PlainValue, b: PlainValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b);
  if (isList<PlainValue>(a) || isList<PlainValue>(b)) {
    if (!isList<PlainValue>(a) || !isList<PlainValue>(b) || a.length !== b.length) return false;
    return a.every((item, index) => isSame(item, b[index] ?? null));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isSame(a[name] ?? null, b[name] ?? null));
}
