import type { YamlEntry, YamlMap, YamlValue } from '../format/yaml-value.ts';

/**
 * Trees merged, later ones over earlier ones: maps merge key by key, anything else replaces what was there, and `null`
 * in a later tree removes it (removing what is not there is fine). Every value keeps the place that set it; a map that
 * several files fill has the place of the last of them. A `null` of the first tree stays, for the schema to refuse.
 */
export function mergeTrees(first: YamlMap, later: readonly YamlMap[]): YamlMap {
  return later.reduce(mergeMaps, first);
}

function mergeMaps(under: YamlMap, over: YamlMap): YamlMap {
  const entries = new Map(under.entries.map((entry) => [entry.key, entry]));
  for (const entry of over.entries) {
    if (isNull(entry.value)) entries.delete(entry.key);
    else entries.set(entry.key, mergeEntry(entries.get(entry.key), entry));
  }
  return { ...over, entries: [...entries.values()] };
}

function mergeEntry(under: YamlEntry | undefined, over: YamlEntry): YamlEntry {
  if (over.value.kind !== 'map') return over;
  // Also where there is no map to merge into: a `null` inside removes, and must not stay as a value.
  const below = under?.value.kind === 'map' ? under.value : { ...over.value, entries: [] };
  return { ...over, value: mergeMaps(below, over.value) };
}

function isNull(value: YamlValue): boolean {
  return value.kind === 'scalar' && value.value === null;
}
