import { TEXT_LENGTH_MAX } from './yaml-cut.ts';
import { RESERVED_KEYS, type YamlEntry, type YamlMap, type YamlScalar } from './yaml-value.ts';

// Most lines of most desired states are `key: value`, and to say what they mean takes the library thirty times as long as it need. What
// is read here is a part of YAML that is small enough to be sure of: with anything else, in any line, the text is the library's.

/** Line breaks, and printable characters that are no blanks but the usual one, format nothing, and are whole. */
const ORDINARY =
  /^[\n\x20-\x7E\u00A1-\u00AC\u00AE-\u05FF\u1E00-\u1FFF\u2010-\u2027\u2030-\u205E\u2190-\u2BFF\u3001-\uD7FF]*$/;

const NOTHING = / *(?:#.*)?\n/y;

/** A key and at most one value: in quotes without escapes, or plain, and of characters that there can mean nothing but themselves. */
const ENTRY =
  /( *)([A-Za-z0-9_][A-Za-z0-9_./-]{0,99}):(?:( +)(?:"([^"\\\n]*)"|'([^'\n]*)'|(-?[A-Za-z0-9_/](?:[A-Za-z0-9_./+@=%~-]|[: ](?=[A-Za-z0-9_/]))*)))? *(?: #.*)?\n/y;

/** Whole numbers that are the same in every notation. */
const NUMBER = /^(?:0|-?[1-9][0-9]{0,14})$/;
/** Begins as a word or a path; or it has a letter, a sign or a second dot that no number has, and no time or date either. */
const TEXT = /^(?:[A-Za-z_/]|[0-9].*(?:[g-np-wyzG-NP-WYZ/@=%~ ]|\..*\.))/;
/** What YAML 1.2 has other values for than text (core schema, 10.3.2). */
const WORDS: ReadonlyMap<string, boolean | undefined> = new Map([
  ['true', true],
  ['false', false],
  ...['True', 'TRUE', 'False', 'FALSE', 'null', 'Null', 'NULL'].map(
    (word) => [word, undefined] as const,
  ),
]);

/** Deeper than anybody writes, and less than what the library refuses. */
const NESTING_MAX = 16;

/** The map that a text holds, just as the library reads it; undefined where any line is not of the plainest kind. */
export function readPlainYaml(text: string, file: string): YamlMap | undefined {
  if (text.length > TEXT_LENGTH_MAX || !ORDINARY.test(text)) return undefined;
  const reading: Reading = { text, file, at: 0, lineNumber: 0, line: undefined };
  advance(reading);
  const root = reading.line?.indent === 0 ? readMap(reading, 1) : undefined;
  return reading.at === text.length ? root : undefined;
}

interface Reading {
  readonly text: string;
  readonly file: string;
  /** Where the line after `line` begins. */
  at: number;
  lineNumber: number;
  /** Undefined at the end of what can be read here. */
  line: Line | undefined;
}

/** An entry on a line of its own; without a value, its map comes next. */
interface Line extends Omit<YamlEntry, 'value'> {
  readonly indent: number;
  readonly endColumn: number;
  readonly value: YamlScalar | undefined;
}

/** The map that begins on the present line. */
function readMap(reading: Reading, depth: number): YamlMap | undefined {
  const first = reading.line;
  if (first === undefined || depth > NESTING_MAX) return undefined;
  const { indent, endColumn, keySpan } = first;
  const entries: YamlEntry[] = [];
  const keys = new Set<string>();
  for (let line: Line | undefined = first; line?.indent === indent; line = reading.line) {
    if (keys.has(line.key) || RESERVED_KEYS.has(line.key)) return undefined;
    keys.add(line.key);
    advance(reading);
    const value = line.value ?? innerMap(reading, { indent, depth });
    if (value === undefined) return undefined;
    entries.push({ key: line.key, keySpan: line.keySpan, value });
  }
  // What is indented further would go on with the value above.
  if ((reading.line?.indent ?? 0) > indent) return undefined;
  return { kind: 'map', entries, span: { ...keySpan, endColumn } };
}

function innerMap(
  reading: Reading,
  { indent, depth }: { readonly indent: number; readonly depth: number },
): YamlMap | undefined {
  return (reading.line?.indent ?? 0) > indent ? readMap(reading, depth + 1) : undefined;
}

function advance(reading: Reading): void {
  const { text } = reading;
  reading.line = undefined;
  while (reading.at < text.length) {
    reading.lineNumber += 1;
    NOTHING.lastIndex = reading.at;
    if (!NOTHING.test(text)) break;
    reading.at = NOTHING.lastIndex;
  }
  ENTRY.lastIndex = reading.at;
  const found = ENTRY.exec(text);
  const line = found === null ? undefined : lineOf(found, reading);
  if (line === undefined) return;
  reading.at = ENTRY.lastIndex;
  reading.line = line;
}

function lineOf(
  [whole, blanks = '', key = '', gap, double, single, plain]: RegExpExecArray,
  { file, lineNumber }: Reading,
): Line | undefined {
  const indent = blanks.length;
  const column = indent + 1;
  const endColumn = column + key.length;
  const keySpan = { file, line: lineNumber, column, endColumn };
  const line = { key, keySpan, indent, endColumn: whole.length };
  if (gap === undefined) return { ...line, value: undefined };
  const source = double ?? single ?? plain ?? '';
  const value = plain === undefined ? source : plainValue(plain);
  if (value === undefined) return undefined;
  const start = endColumn + 1 + gap.length;
  const length = plain === undefined ? source.length + 2 : source.length;
  const span = { file, line: lineNumber, column: start, endColumn: start + length };
  return { ...line, value: { kind: 'scalar', value, source, span, lastLine: lineNumber } };
}

function plainValue(source: string): YamlScalar['value'] | undefined {
  if (NUMBER.test(source)) return Number(source);
  if (WORDS.has(source)) return WORDS.get(source);
  return TEXT.test(source) ? source : undefined;
}
