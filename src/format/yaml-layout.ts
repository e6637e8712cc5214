import { isCollection, isMap, isNode, isPair, isScalar } from 'yaml';
import type { Pair, Scalar, YAMLMap } from 'yaml';

/** A stretch of a text, and what comes in its place. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A map among the nodes that the yaml library makes of a text, and what it stands in. */
export interface MapSite {
  readonly text: string;
  readonly root: YAMLMap;
  readonly map: YAMLMap;
  /** The entry whose value the map is; undefined for the root and for items of lists. */
  readonly holder: Pair | undefined;
  /** Whether it stands within `[…]` or `{…}` of others. */
  readonly inFlow: boolean;
}

/** True for a scalar of which something is written, if only `~`. */
export function isWritten(node: unknown): node is Scalar {
  if (!isScalar(node)) return false;
  const { start, end } = rangeOf(node);
  return end > start;
}

/** Where a node's own text starts and ends; a block of text ends after its line break. */
export function rangeOf(node: unknown): { readonly start: number; readonly end: number } {
  const [start = 0, end = 0] = (isNode(node) && node.range) || [];
  return { start, end };
}

/** Where the entry starts; undefined for one that begins with `?`. */
export function startOf({ key, srcToken }: Pair): number | undefined {
  const isExplicit = srcToken?.start.some(({ type }) => type === 'explicit-key-ind') ?? true;
  return isExplicit ? undefined : rangeOf(key).start;
}

/** Where the colon of an entry ends; undefined where it has none. */
export function afterColon({ srcToken }: Pair): number | undefined {
  const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
  return colon && colon.offset + 1;
}

/** Where the text of an entry ends; blank lines at its end belong to it only where a block of text keeps them (`|+`). */
export function endOfEntry(text: string, pair: Pair): number {
  const { value, key } = pair;
  if (isCollection(value) || isWritten(value)) return endOfNode(text, value);
  return afterColon(pair) ?? rangeOf(key).end;
}

function endOfNode(text: string, node: unknown): number {
  if (isCollection(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (isPair(last)) return endOfEntry(text, last);
    if (last !== undefined) return endOfNode(text, last);
  }
  if (isScalar(node) && isBlock(node)) return endOfBlock(text, node);
  return rangeOf(node).end;
}

/** True for a text written with `|` or `>`. */
export function isBlock({ type }: Scalar): boolean {
  return type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
}

function endOfBlock(text: string, node: Scalar): number {
  const { start, end } = rangeOf(node);
  const keepsBlanks = /^[|>][0-9]?\+/.test(text.slice(start, end));
  if (!keepsBlanks) return lastOfBlock(text, node);
  return text[end - 1] === '\n' ? end - 1 : end;
}

/** Where the last line of a block of text ends that has something on it. */
export function lastOfBlock(text: string, node: Scalar): number {
  const { start, end } = rangeOf(node);
  let at = end;
  while (at > start && ' \t\r\n'.includes(text[at - 1] ?? '')) at -= 1;
  return at;
}

/** Where the line starts that `offset` is on. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the next line starts; undefined where the line is the last and has no line break. */
export function nextLine(text: string, offset: number): number | undefined {
  const lineBreak = text.indexOf('\n', offset);
  return lineBreak < 0 ? undefined : lineBreak + 1;
}

/** The line break of this line, or of the first line where this one has none. */
export function lineBreakOf(text: string, offset: number): string {
  const own = text.indexOf('\n', offset);
  const at = own < 0 ? text.indexOf('\n') : own;
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

const INDENT_DEFAULT = 2;

/** By how many blanks the file indents a map within a map. */
export function indentStep(text: string, map: YAMLMap): number {
  for (const pair of map.items) {
    const inner = pair.value;
    if (!isMap(inner) || inner.flow === true) continue;
    const [first] = inner.items;
    if (first === undefined) continue;
    const step = columnOf(text, first) - columnOf(text, pair);
    return step > 0 ? step : INDENT_DEFAULT;
  }
  return INDENT_DEFAULT;
}

/** How many characters stand before the key on its line. */
export function columnOf(text: string, { key }: Pair): number {
  const { start } = rangeOf(key);
  return start - lineStart(text, start);
}
