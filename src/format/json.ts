import type { Diagnostic } from '../model/diagnostic.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import { linesOf, type TextLines } from './lines.ts';
import type { YamlEntry, YamlScalar, YamlValue } from './yaml-value.ts';

/** A JSON file with the places of its values, in the form that YAML files have. */
export interface JsonReading {
  readonly root: YamlValue;
  readonly lines: TextLines;
}

/** Deeper than any file that a person wrote, and far from what a stack holds. */
const DEPTH_MAX = 100;

const BLANKS = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// Unrolled, so that no text makes it go back.
const PLAIN = String.raw`[^"\\\u0000-\u001F]*`;
const ESCAPE = String.raw`\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})`;
const TEXT = new RegExp(`"${PLAIN}(?:${ESCAPE}${PLAIN})*"`, 'y');
/** What stands there, for a message: a word, or one character. */
const FOUND = /[\p{L}\p{N}_.+-]+|[^]/uy;

/** What a JSON file holds (RFC 8259), or its first fault, with its place. A key that is there twice is one. */
export function readJson(textOrBom: string, file: string): Result<JsonReading, Diagnostic> {
  const text = textOrBom.startsWith('\uFEFF') ? textOrBom.slice(1) : textOrBom;
  const reader: Reader = { text, lines: linesOf(text, file), at: 0, fault: undefined };
  const root = valueAt(reader, DEPTH_MAX);
  skipBlanks(reader);
  if (root !== undefined && reader.at < text.length) fail(reader, 'the end of the file');
  if (reader.fault !== undefined) return err(reader.fault);
  if (root === undefined) throw new Error(`${file} holds neither a value nor a fault`);
  return ok({ root, lines: reader.lines });
}

/** A place in a text, going forward; the first fault ends the reading. */
interface Reader {
  readonly text: string;
  readonly lines: TextLines;
  at: number;
  fault: Diagnostic | undefined;
}

/** The value that begins here; undefined, with the fault noted, where none does. */
function valueAt(reader: Reader, depth: number): YamlValue | undefined {
  skipBlanks(reader);
  const start = reader.at;
  const opening = reader.text[start];
  if (opening !== '{' && opening !== '[') return scalarAt(reader) ?? fail(reader, 'a value');
  if (depth === 0) return fault(reader, { summary: `nesting deeper than ${DEPTH_MAX}` });
  reader.at += 1;
  const span = reader.lines.spanOf(start, start + 1);
  if (opening === '{') {
    const entries = entriesAt(reader, depth - 1);
    return entries && { kind: 'map', entries, span };
  }
  const items = itemsAt(reader, ']', () => valueAt(reader, depth - 1));
  return items && { kind: 'list', items, span };
}

function entriesAt(reader: Reader, depth: number): readonly YamlEntry[] | undefined {
  const lineByKey = new Map<string, number>();
  return itemsAt(reader, '}', () => {
    skipBlanks(reader);
    const start = reader.at;
    const key = textAt(reader) ?? fail(reader, 'a key in double quotes');
    if (key === undefined) return undefined;
    const first = lineByKey.get(key.source);
    if (first !== undefined) {
      const summary = `duplicate key ${JSON.stringify(key.source)}`;
      const detail = `it was there first on line ${first}; only one of them can hold`;
      return fault(reader, { code: 'duplicate-key', summary, detail, start });
    }
    lineByKey.set(key.source, key.span.line);
    skipBlanks(reader);
    if (!skip(reader, ':')) return fail(reader, `":" after the key`);
    const value = valueAt(reader, depth);
    return value && { key: key.source, keySpan: key.span, value };
  });
}

/** What stands up to a closing bracket, with commas between. */
function itemsAt<T>(
  reader: Reader,
  closing: ']' | '}',
  itemAt: () => T | undefined,
): readonly T[] | undefined {
  const items: T[] = [];
  skipBlanks(reader);
  if (skip(reader, closing)) return items;
  do {
    const item = itemAt();
    if (item === undefined) return undefined;
    items.push(item);
    skipBlanks(reader);
  } while (skip(reader, ','));
  return skip(reader, closing) ? items : fail(reader, `"," or "${closing}"`);
}

function scalarAt(reader: Reader): YamlScalar | undefined {
  const text = textAt(reader);
  if (text !== undefined) return text;
  const start = reader.at;
  const source = match(reader, WORD) ?? match(reader, NUMBER);
  if (source === undefined) return undefined;
  const value = JSON.parse(source) as number | boolean | null;
  return scalar(reader, start, { value, source });
}

function textAt(reader: Reader): YamlScalar | undefined {
  const start = reader.at;
  const written = match(reader, TEXT);
  if (written === undefined) return undefined;
  const value = JSON.parse(written) as string;
  return scalar(reader, start, { value, source: value });
}

function scalar(
  { lines, at }: Reader,
  start: number,
  written: Pick<YamlScalar, 'value' | 'source'>,
): YamlScalar {
  const span = lines.spanOf(start, at);
  return { kind: 'scalar', ...written, span, lastLine: span.line };
}

function match(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const [found] = pattern.exec(reader.text) ?? [];
  reader.at += found?.length ?? 0;
  return found;
}

function skipBlanks(reader: Reader): void {
  match(reader, BLANKS);
}

function skip(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function fail(reader: Reader, wanted: string): undefined {
  FOUND.lastIndex = reader.at;
  const [found] = FOUND.exec(reader.text) ?? [];
  const shown = found === undefined ? 'the end of the file' : JSON.stringify(found);
  const summary = `not valid JSON: found ${shown} where ${wanted} should be`;
  const end = reader.at + (found?.length ?? 1);
  return fault(reader, { summary, fix: hintFor(reader, found), end });
}

function hintFor({ text, at }: Reader, found: string | undefined): string | undefined {
  if (found === '/' || found === '#')
    return 'JSON has no comments: use "$comment" or "description"';
  if (found === "'") return 'use double quotes';
  if (found === '"') return 'close the text on its line, and write \\\\ for \\ in it';
  const isAfterComma = /,[ \t\n\r]*$/.test(text.slice(0, at));
  return (found === '}' || found === ']') && isAfterComma
    ? 'remove the comma before it'
    : undefined;
}

interface Fault {
  readonly code?: string;
  readonly summary: string;
  readonly detail?: string;
  readonly fix?: string | undefined;
  /** The stretch at fault, where it is not the next character. */
  readonly start?: number;
  readonly end?: number;
}

function fault(
  reader: Reader,
  { code = 'json-syntax', summary, detail, fix, start = reader.at, end = start + 1 }: Fault,
): undefined {
  const span = reader.lines.spanOf(start, Math.max(end, reader.at));
  const sourceLine = reader.lines.textOf(span.line);
  reader.fault ??= { code, severity: 'error', summary, detail, span, sourceLine, fix };
}
