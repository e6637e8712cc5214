import { isMap } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';
import {
  afterColon,
  columnOf,
  endOfEntry,
  indentStep,
  isWritten,
  lineBreakOf,
  nextLine,
  rangeOf,
  type MapSite,
  type Splice,
} from './yaml-layout.ts';
import { scalarText, type ScalarValue } from './yaml-scalar.ts';

/** Adds a value at `path` to a map that has no such entry: below its last entry, or before its bracket. */
export function addEntry(
  site: MapSite,
  path: readonly string[],
  value: ScalarValue,
): readonly Splice[] | undefined {
  const { text, map, holder, inFlow } = site;
  const isEmpty = map.items.length === 0;
  if (map.flow === true)
    return isEmpty && holder !== undefined && !inFlow && isBare(text, map)
      ? fillEntry(site, holder, { path, value })
      : [addToFlow(text, map, flowEntry(path, value))];
  const [first] = map.items;
  const last = map.items.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const lines = blockLines(site, { path, value, column: columnOf(text, first) });
  return [insertLines(text, endOfEntry(text, last), lines)];
}

/** True for `{}` on one line, without a comment in it. */
function isBare(text: string, map: YAMLMap): boolean {
  const { start, end } = rangeOf(map);
  return /^\{ *\}$/.test(text.slice(start, end));
}

interface NewEntry {
  readonly path: readonly string[];
  readonly value: ScalarValue;
}

/** Gives an entry whose value is nothing, `~` or `{}` a map with one value, where the rest of `path` says. */
export function fillEntry(
  site: MapSite,
  pair: Pair,
  { path, value }: NewEntry,
): readonly Splice[] | undefined {
  const { text, inFlow } = site;
  const colon = afterColon(pair);
  if (colon === undefined) return undefined;
  const isThere = isWritten(pair.value) || isMap(pair.value);
  const { start, end } = isThere ? rangeOf(pair.value) : { start: colon, end: colon };
  const isFlow = inFlow || isInFlowMap(site, pair);
  if (isFlow) return [{ start, end, text: `${isThere ? '' : ' '}{${flowEntry(path, value)}}` }];
  // Also the blanks before `{}` go, or the line would end in one.
  const column = columnOf(text, pair) + indentStep(text, site.root);
  const cut: Splice = { start: colon, end, text: '' };
  return [cut, insertLines(text, end, blockLines(site, { path, value, column }))];
}

function isInFlowMap({ map }: MapSite, pair: Pair): boolean {
  return map.flow === true && map.items.includes(pair);
}

/** Gives an entry that has no value one. */
export function setAfterColon(pair: Pair, written: string): Splice {
  const colon = afterColon(pair);
  const at = colon ?? rangeOf(pair.key).end;
  return { start: at, end: at, text: `${colon === undefined ? ':' : ''} ${written}` };
}

function flowEntry(path: readonly string[], value: ScalarValue): string {
  const style = { quotes: 'none', inFlow: true } as const;
  const [key = '', ...rest] = path;
  const inner = rest.length === 0 ? scalarText(value, style) : `{${flowEntry(rest, value)}}`;
  return `${scalarText(key, style)}: ${inner}`;
}

function addToFlow(text: string, map: YAMLMap, entry: string): Splice {
  const { start, end } = rangeOf(map);
  const last = map.items.at(-1);
  if (last === undefined) {
    const inner = text.slice(start + 1, end - 1);
    return { start: start + 1, end: inner.trim() === '' ? end - 1 : start + 1, text: entry };
  }
  const comma = trailingComma(map);
  const at = comma ?? endOfEntry(text, last);
  return { start: at, end: at, text: `${comma === undefined ? ',' : ''} ${entry}` };
}

/** Where the comma behind the last entry ends, if there is one. */
function trailingComma({ srcToken }: YAMLMap): number | undefined {
  if (srcToken?.type !== 'flow-collection') return undefined;
  const last = srcToken.items.at(-1);
  if (last === undefined || last.key !== undefined || last.value !== undefined) return undefined;
  const comma = last.start.find(({ type }) => type === 'comma');
  return comma && comma.offset + 1;
}

interface NewLines extends NewEntry {
  readonly column: number;
}

/** A line for each step of the path, the value on the last. */
function blockLines({ text, root }: MapSite, { path, value, column }: NewLines): readonly string[] {
  const style = { quotes: 'none', inFlow: false } as const;
  const step = indentStep(text, root);
  return path.map((key, depth) => {
    const written = depth === path.length - 1 ? ` ${scalarText(value, style)}` : '';
    return `${' '.repeat(column + depth * step)}${scalarText(key, style)}:${written}`;
  });
}

/** New lines below the line that `offset` is on. A file without a line break at its end stays so. */
function insertLines(text: string, offset: number, lines: readonly string[]): Splice {
  const lineBreak = lineBreakOf(text, offset);
  const inner = lines.join(lineBreak);
  const at = nextLine(text, offset);
  return at === undefined
    ? { start: text.length, end: text.length, text: lineBreak + inner }
    : { start: at, end: at, text: inner + lineBreak };
}
