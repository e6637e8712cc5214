import { Composer, isMap, isScalar, isSeq } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { Diagnostic, Span } from '../model/diagnostic.ts';
import { inDocumentOrder } from '../model/diagnostic.ts';
import type { TextLines } from './lines.ts';
import type { ProblemKind, ProblemSite } from './yaml-problem.ts';
import { yamlProblem } from './yaml-problem.ts';
import { TEXT_LENGTH_MAX } from './yaml-cut.ts';
import { firstDocument } from './yaml-tokens.ts';
import { READ_AS, RESERVED_KEYS } from './yaml-value.ts';
import type { YamlEntry, YamlMap, YamlReading, YamlScalar, YamlValue } from './yaml-value.ts';

/** What a YAML 1.2 text without a byte order mark holds, whatever it is, read by the library. Never throws. */
export function inspectWhole(text: string, lines: TextLines): YamlReading {
  const found: Diagnostic[] = [];
  const note: Note = (kind, { start, end, ...words }) => {
    const before = found.at(-1);
    // Thousands of faults of syntax on one line are one.
    const isEcho = kind === 'syntax' && before?.code === 'yaml-syntax';
    if (isEcho && before?.span?.line === lines.spanOf(start, end).line) return true;
    if (found.length < PROBLEMS_MAX) found.push(yamlProblem(kind, { lines, start, end, ...words }));
    else if (found.length === PROBLEMS_MAX)
      found.push(yamlProblem('too-many', { lines, start, end }));
    return found.length <= PROBLEMS_MAX;
  };

  const document = isReadable(text, note) ? compose(text, note) : undefined;
  const root = document && rootOf(document, { lines, note });
  return { root, problems: withoutEchoes(inDocumentOrder(found)), lines };
}

/** False: enough was told. */
type Note = (kind: ProblemKind, site: Omit<ProblemSite, 'lines'>) => boolean;

/** More than anybody reads; what comes after so many is not told, and where nothing else can be said, not read. */
const PROBLEMS_MAX = 100;

/** More than a few means that the file is no text at all. */
const CONTROL_CHARACTERS_SHOWN_MAX = 20;

/** False, and noted, where the text is too large or holds control characters. A line break is `\n` or `\r\n`. */
function isReadable(text: string, note: Note): boolean {
  if (text.length > TEXT_LENGTH_MAX) {
    note('too-large', { start: 0, end: 0 });
    return false;
  }
  let count = 0;
  // Those next to each other are one mistake: what a disk lost is a file of zeroes.
  const stretches = /(?:(?![\t\n\r\u0085])\p{Cc}|\r(?!\n))+/gu;
  for (const { 0: stretch, index } of text.matchAll(stretches)) {
    if (++count > CONTROL_CHARACTERS_SHOWN_MAX) break;
    const code = `U+${stretch.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const detail = stretch.length === 1 ? code : `${stretch.length} of them, the first ${code}`;
    note('control-character', {
      start: index,
      end: index + stretch.length,
      detail: `found ${detail}`,
    });
  }
  return count === 0;
}

/** The document, or undefined where it cannot be told what it holds; that is noted. */
function compose(text: string, note: Note): Document | undefined {
  let isShallow = true;
  function* tokens() {
    isShallow = yield* firstDocument(text, (kind, start, end) => note(kind, { start, end }));
  }
  const composer = new Composer(READ_AS);
  // Each of the library's errors would look up a stack that nobody reads: seconds, where a text is nothing but errors.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (const document of composer.compose(tokens(), true, text.length)) {
      if (!isShallow) return undefined;
      const errors = [...document.errors, ...document.warnings].filter(
        (each) => !isNotedByToken(each),
      );
      for (const error of errors) noteError(error, note);
      return errors.length === 0 ? document : undefined;
    }
  } catch (thrown) {
    note('syntax', { start: 0, end: 0, summary: `not readable as YAML: ${String(thrown)}` });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return undefined;
}

function isNotedByToken({ code }: YAMLError): boolean {
  return (
    code === 'TAG_RESOLVE_FAILED' ||
    code === 'MULTIPLE_TAGS' ||
    code === 'MULTIPLE_ANCHORS' ||
    code === 'BAD_ALIAS'
  );
}

function noteError({ code, message, pos: [start, end] }: YAMLError, note: Note): void {
  if (code === 'TAB_AS_INDENT') note('tab', { start, end });
  else if (code === 'NON_STRING_KEY') note('key-not-text', { start, end });
  else note('syntax', { start, end, summary: `not valid YAML: ${message}` });
}

interface Site {
  readonly lines: TextLines;
  readonly note: Note;
}

function rootOf(document: Document, site: Site): YamlMap | undefined {
  const { contents } = document;
  const [start = 0, end = 0] = rangeOf(contents) ?? [];
  if (
    contents === null ||
    (isScalar(contents) && (contents.source ?? '') === '' && start === end)
  ) {
    site.note('empty', { start: 0, end: 0 });
    return undefined;
  }
  const root = valueOf(contents, site.lines.spanOf(start, end), site);
  if (root.kind === 'map') return root;
  site.note('not-a-map', {
    start,
    end,
    detail: root.kind === 'list' ? 'found a list' : 'found a single value',
  });
  return undefined;
}

/** `fallback` is the place of a value that is not written. */
function valueOf(node: unknown, fallback: Span, site: Site): YamlValue {
  const [start = 0, end = 0] = rangeOf(node) ?? [];
  const span = end > start ? site.lines.spanOf(start, end) : fallback;
  if (isMap(node)) return { kind: 'map', entries: entriesOf(node.items, span, site), span };
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => valueOf(item, span, site)), span };
  // An alias is the one other kind of node; it was noted when it passed as a token.
  if (!isScalar(node))
    return { kind: 'scalar', value: null, source: '', span, lastLine: span.line };
  const { source = '' } = node;
  const lastLine = end > start ? site.lines.spanOf(end - 1, end).line : span.line;
  return { kind: 'scalar', value: scalarOf(node.value), source, span, lastLine };
}

function entriesOf(pairs: readonly Pair[], mapSpan: Span, site: Site): readonly YamlEntry[] {
  const entries: YamlEntry[] = [];
  const spanByKey = new Map<string, Span>();
  for (const pair of pairs) {
    const [start = 0, end = 0] = rangeOf(pair.key) ?? [];
    const keySpan = end > start ? site.lines.spanOf(start, end) : mapSpan;
    const key = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : '';
    const first = spanByKey.get(key);
    const isMerge = key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN';
    const value = valueOf(pair.value, keySpan, site); // also where the key is refused: there may be problems inside
    if (first !== undefined) {
      const detail = `it was there first on line ${first.line}; only one of them can hold`;
      site.note('duplicate-key', {
        start,
        end,
        summary: `duplicate key ${JSON.stringify(key)}`,
        detail,
      });
    } else if (RESERVED_KEYS.has(key)) {
      site.note('reserved-key', { start, end, summary: `reserved key ${JSON.stringify(key)}` });
    } else if (isMerge) {
      site.note('merge-key', { start, end });
    } else {
      entries.push({ key, keySpan, value });
      spanByKey.set(key, keySpan);
    }
  }
  return entries;
}

interface Pair {
  readonly key: unknown;
  readonly value: unknown;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) ? node.range : undefined;
}

function scalarOf(value: unknown): YamlScalar['value'] {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? value : null;
}

/** Of two faults at one place, or two of syntax on one line, the second follows from the first. */
function withoutEchoes(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems.filter(({ code, span }, index) => {
    const before = problems[index - 1];
    if (span?.line !== before?.span?.line) return true;
    return (
      span?.column !== before?.span?.column && !(code === 'yaml-syntax' && before?.code === code)
    );
  });
}
