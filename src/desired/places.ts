import type { YamlEntry, YamlMap, YamlValue } from '../format/yaml-value.ts';
import type { Span } from '../model/diagnostic.ts';
import type { DocumentPath } from '../model/document.ts';

/** A stretch of a line, with that line. */
export interface Located {
  readonly span: Span;
  readonly sourceLine: string;
}

/** Where the parts of a tree stand, each in the file that set it. */
export interface Places {
  /** What stands at a path; undefined where nothing does. */
  readonly at: (path: DocumentPath) => YamlValue | undefined;
  /** The key at the end of a path, or its value (for a map or list its key: it has no one line). What is not there is pointed at by what should hold it. */
  readonly locate: (path: DocumentPath, part: 'key' | 'value') => Located;
}

/** The places of the tree `root`; `sourceLineOf` gives the line that a span is part of. */
export function placesOf(root: YamlMap, sourceLineOf: (span: Span) => string): Places {
  const entriesOf = new WeakMap<YamlMap, ReadonlyMap<string, YamlEntry>>();
  const entryOf = (map: YamlMap, key: string): YamlEntry | undefined => {
    const entries = entriesOf.get(map) ?? new Map(map.entries.map((entry) => [entry.key, entry]));
    entriesOf.set(map, entries);
    return entries.get(key);
  };

  const walk = (path: DocumentPath): Found[] => {
    const trail: Found[] = [{ keySpan: undefined, value: root }];
    for (const step of path) {
      const parent = trail.at(-1)?.value;
      if (parent?.kind === 'map') {
        const entry = entryOf(parent, String(step));
        if (entry === undefined) break;
        trail.push(entry);
      } else if (parent?.kind === 'list') {
        const value = parent.items[Number(step)];
        if (value === undefined) break;
        trail.push({ keySpan: undefined, value });
      } else break;
    }
    return trail;
  };

  return {
    at(path) {
      const trail = walk(path);
      return trail.length === path.length + 1 ? trail.at(-1)?.value : undefined;
    },
    locate(path, part) {
      const trail = walk(path);
      const { keySpan, value } = trail.at(-1) ?? { keySpan: undefined, value: root };
      const isWhole = trail.length === path.length + 1;
      const wantsValue = part === 'value' && isWhole && value.kind === 'scalar';
      const span = wantsValue ? value.span : (keySpan ?? value.span);
      return { span, sourceLine: sourceLineOf(span) };
    },
  };
}

interface Found {
  readonly keySpan: Span | undefined;
  readonly value: YamlValue;
}
