import type { Diagnostic, Span } from '../model/diagnostic.ts';
import type { PlainValue } from '../model/document.ts';
import type { TextLines } from './lines.ts';

/** A value of a YAML file, with its place. Keys of a map are unique, in the order of the file. */
export type YamlValue = YamlMap | YamlList | YamlScalar;

/** A map. Its span is its first line. */
export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

/** One key of a map, with its value. */
export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlValue;
}

/** A list. Its span is its first line. */
export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlValue[];
  readonly span: Span;
}

/** Text, a number, true, false or nothing. `source` is the value as written, without quotes: `1.10` stays `1.10`. */
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly source: string;
  /** Its first line. Where nothing is written, the span of the key. */
  readonly span: Span;
  /** The line that it ends on. */
  readonly lastLine: number;
}

/** A file as far as it could be read, and all that is wrong with it as YAML, in document order. */
export interface YamlReading {
  /** Without what the problems are about; undefined where the file is broken as a whole. */
  readonly root: YamlMap | undefined;
  readonly problems: readonly Diagnostic[];
  readonly lines: TextLines;
}

/** The same values without their places. Objects have no prototype, so that no key can reach one. */
export function toPlain(value: YamlValue): PlainValue {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map(toPlain);
    case 'map': {
      const plain: Record<string, PlainValue> = Object.create(null);
      for (const entry of value.entries) plain[entry.key] = toPlain(entry.value);
      return plain;
    }
  }
}

/** Names through which an object's prototype is reached. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
]);

/** How the library reads our files, whoever asks it: YAML 1.2 without what its core schema lacks. Duplicate keys are for our own check: the library's takes minutes for 50,000 keys in one map. */
export const READ_AS = {
  version: '1.2',
  schema: 'core',
  uniqueKeys: false,
  stringKeys: true,
  merge: false,
} as const;
