import { Composer, isCollection, isMap, isScalar, isSeq, Parser } from 'yaml';
import type { Pair, Scalar, YAMLMap } from 'yaml';
import { addEntry, fillEntry, setAfterColon } from './yaml-add.ts';
import {
  lastOfBlock,
  isBlock,
  isWritten,
  rangeOf,
  type MapSite,
  type Splice,
} from './yaml-layout.ts';
import { removeEntry } from './yaml-remove.ts';
import { READ_AS } from './yaml-value.ts';
import { scalarText, type ScalarStyle, type ScalarValue } from './yaml-scalar.ts';

/**
 * The text, which must be readable, with the value at `path` changed, added or (undefined) removed. A proposal: layouts that
 * are not foreseen yield undefined, or a text that must not be taken. Read it again and compare.
 */
export function spliceYaml(
  text: string,
  path: readonly string[],
  value: ScalarValue | undefined,
): string | undefined {
  const root = rootOf(text);
  if (root === undefined) return undefined;
  const site: MapSite = { text, root, map: root, holder: undefined, inFlow: false };
  const splices = splicesInMap(site, path, value);
  return splices && spliced(text, splices);
}

function rootOf(text: string): YAMLMap | undefined {
  const composer = new Composer({ ...READ_AS, keepSourceTokens: true });
  const [document] = composer.compose(new Parser().parse(text), true, text.length);
  const contents = document?.contents;
  return isMap(contents) ? contents : undefined;
}

function spliced(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: inner } of splices.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + inner;
    at = end;
  }
  return result + text.slice(at);
}

type Splices = readonly Splice[] | undefined;

function splicesInMap(
  site: MapSite,
  path: readonly string[],
  value: ScalarValue | undefined,
): Splices {
  const [key = '', ...rest] = path;
  const index = site.map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const pair = site.map.items[index];
  if (pair === undefined) return value === undefined ? [] : addEntry(site, path, value);
  if (rest.length === 0 && value === undefined) return removeEntry(site, index);
  const inner = { ...site, holder: pair, inFlow: site.inFlow || site.map.flow === true };
  if (isCollection(pair.value)) return splicesBelow(inner, pair.value, { path: rest, value });
  if (value === undefined) return undefined;
  return rest.length > 0
    ? fillEntry(site, pair, { path: rest, value })
    : setEntry(inner, pair, value);
}

interface Change {
  readonly path: readonly string[];
  readonly value: ScalarValue | undefined;
}

function splicesBelow(site: MapSite, node: unknown, { path, value }: Change): Splices {
  if (isMap(node)) return splicesInMap({ ...site, map: node }, path, value);
  const [index = '', ...rest] = path;
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(index)];
  const inFlow = site.inFlow || node.flow === true;
  if (isCollection(item))
    return splicesBelow({ ...site, holder: undefined, inFlow }, item, { path: rest, value });
  if (value === undefined || !isWritten(item)) return undefined;
  return [setScalar(site.text, item, { value, inFlow })];
}

function setEntry({ text, inFlow }: MapSite, pair: Pair, value: ScalarValue): Splices {
  if (isWritten(pair.value)) return [setScalar(text, pair.value, { value, inFlow })];
  return [setAfterColon(pair, scalarText(value, { quotes: 'none', inFlow }))];
}

const QUOTES: Readonly<Record<string, ScalarStyle['quotes']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
};

interface NewScalar {
  readonly value: ScalarValue;
  readonly inFlow: boolean;
}

function setScalar(text: string, node: Scalar, { value, inFlow }: NewScalar): Splice {
  const { start, end } = rangeOf(node);
  const written = scalarText(value, { quotes: QUOTES[node.type ?? ''] ?? 'none', inFlow });
  if (!isBlock(node)) return { start, end, text: written };
  // What stands behind `|` on its line stays: it may be a comment.
  const header = /^[|>][-+0-9]*/.exec(text.slice(start, start + 4))?.[0] ?? '';
  const [behind = ''] = /^[^\r\n]*/.exec(text.slice(start + header.length, end)) ?? [];
  return { start, end: lastOfBlock(text, node), text: written + behind.trimEnd() };
}
