import type { YAMLMap } from 'yaml';
import {
  afterColon,
  endOfEntry,
  lineStart,
  nextLine,
  rangeOf,
  startOf,
  type MapSite,
  type Splice,
} from './yaml-layout.ts';

/** Removes an entry with its line and the comment on it; what was the last entry leaves `{}`. Undefined where more would go than that. */
export function removeEntry(site: MapSite, index: number): readonly Splice[] | undefined {
  const { text, map } = site;
  const pair = map.items[index];
  const start = pair && startOf(pair);
  if (pair === undefined || start === undefined) return undefined;
  const stretch: Stretch = { start, end: endOfEntry(text, pair) };
  if (map.flow === true) return removeFromFlow(map, index, stretch);
  const isAlone = map.items.length === 1;
  const isWholeLine = text.slice(lineStart(text, start), start).trim() === '';
  if (!isWholeLine) return isAlone ? [{ ...stretch, text: '{}' }] : removeFirst(site, stretch);
  if (!isAlone) return [removeLines(text, stretch)];
  const colon = site.holder && afterColon(site.holder);
  if (colon === undefined) return undefined;
  return [{ start: colon, end: colon, text: ' {}' }, removeLines(text, stretch)];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

function removeLines(text: string, { start, end }: Stretch): Splice {
  const first = lineStart(text, start);
  const next = nextLine(text, end);
  if (next !== undefined) return { start: first, end: next, text: '' };
  // The last line, without a line break: the one before it becomes so.
  const before = text.slice(0, first).replace(/\r?\n$/, '').length;
  return { start: before, end: text.length, text: '' };
}

/** `- a: 1`, with more entries below: the next one comes up to the dash. */
function removeFirst(
  { text, map }: MapSite,
  { start, end }: Stretch,
): readonly Splice[] | undefined {
  const next = map.items[1] && startOf(map.items[1]);
  if (next === undefined || text.slice(end, next).trim() !== '') return undefined;
  return [{ start, end: next, text: '' }];
}

function removeFromFlow(
  map: YAMLMap,
  index: number,
  { start, end }: Stretch,
): readonly Splice[] | undefined {
  const { srcToken, items } = map;
  if (srcToken?.type !== 'flow-collection') return undefined;
  const at = srcToken.items.findIndex((item) => item.key === items[index]?.srcToken?.key);
  const [own, next] = srcToken.items.slice(at);
  const comma = own && commaIn(own);
  const nextComma = next && commaIn(next);
  // The comma before goes along, unless a comment stands between the two.
  if (comma !== undefined && !hasComment(own)) return [{ start: comma, end, text: '' }];
  if (nextComma === undefined) return [{ start, end, text: '' }];
  const following = items[index + 1];
  const isNear = following !== undefined && comma === undefined && !hasComment(next);
  return [{ start, end: isNear ? rangeOf(following.key).start : nextComma + 1, text: '' }];
}

interface FlowItem {
  readonly start: readonly { readonly type: string; readonly offset: number }[];
}

function hasComment(item: FlowItem | undefined): boolean {
  return item?.start.some(({ type }) => type === 'comment') ?? false;
}

function commaIn({ start }: FlowItem): number | undefined {
  return start.find(({ type }) => type === 'comma')?.offset;
}
