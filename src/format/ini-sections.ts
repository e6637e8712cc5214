import type { Diagnostic, Span } from '../model/diagnostic.ts';
import { err, ok, type Result } from '../model/result.ts';

/** One `key = value` line. Keys are in lower case, as Python's ConfigParser has them; values are trimmed. */
export interface IniEntry {
  readonly key: string;
  readonly value: string;
  readonly keySpan: Span;
  readonly valueSpan: Span;
  /** The line as it stands in the file, for messages. */
  readonly sourceLine: string;
}

/** A `[name]` and the entries below it, in the order of the file. */
export interface IniSection {
  readonly name: string;
  readonly span: Span;
  readonly sourceLine: string;
  readonly entries: readonly IniEntry[];
}

/**
 * The sections of a bootstrap.ini, or everything that is wrong with its lines, in their order. Strict where ConfigParser and
 * npm ini guess: a line that could be read in two ways is refused. Accepts a BOM and CRLF. Source: CONTRACT 1.1.
 */
export function readIniSections(
  text: string,
  file: string,
): Result<readonly IniSection[], readonly Diagnostic[]> {
  const reading: Reading = { sections: [], sectionsByName: new Map(), diagnostics: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, source] of lines.entries())
    if (reading.diagnostics.length <= PROBLEMS_MAX)
      readLine(reading, { file, number: index + 1, source });
  return reading.diagnostics.length > 0 ? err(reading.diagnostics) : ok(reading.sections);
}

/** More than anybody reads: after so many, nothing more is read. */
const PROBLEMS_MAX = 100;
const TOO_MANY: Words = {
  code: 'ini-too-many',
  summary: 'here reading ended: there are too many problems',
  fix: 'mend the ones above first; is this the right file?',
};

interface Line {
  readonly file: string;
  readonly number: number;
  readonly source: string;
}

/** A section being read. A refused header opens one too, so that its keys are not taken for the keys of the section above. */
interface OpenSection extends IniSection {
  readonly entries: IniEntry[];
  readonly entriesByKey: Map<string, IniEntry>;
}

interface Reading {
  readonly sections: OpenSection[];
  readonly sectionsByName: Map<string, OpenSection>;
  readonly diagnostics: Diagnostic[];
  open?: OpenSection;
}

// Names that reach a prototype where somebody keys a plain object by them.
const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const blankOrComment = /^[ \t]*(?:[;#].*)?$/;
// eslint-disable-next-line no-control-regex -- these are what is looked for: a tab is the one control character a line may hold.
const controlCharacter = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u2028\u2029]/;

function readLine(reading: Reading, line: Line): void {
  if (reading.diagnostics.length === PROBLEMS_MAX) {
    reading.diagnostics.push(problemAt(line, spanOf(line, 1, 2), TOO_MANY));
    return;
  }
  const control = controlCharacter.exec(line.source);
  if (control !== null) {
    reading.diagnostics.push(controlFound(line, control));
    return;
  }
  if (blankOrComment.test(line.source)) return;
  if (/^[ \t]/.test(line.source)) {
    reading.diagnostics.push(indented(line));
    return;
  }
  const bare = withoutComment(line.source);
  if (bare.startsWith('[')) readHeader(reading, line, bare);
  else readEntry(reading, line, bare);
}

/** The line up to its first ` ;`, without the blanks before it. `#` begins no comment inside a line. */
function withoutComment(source: string): string {
  const comment = /[ \t];/.exec(source);
  return trimBlanks(comment === null ? source : source.slice(0, comment.index));
}

function readHeader(reading: Reading, line: Line, bare: string): void {
  const close = bare.indexOf(']');
  const name = trimBlanks(bare.slice(1, close < 0 ? undefined : close));
  const start = bare.indexOf(name, 1) + 1;
  const span = spanOf(
    line,
    name === '' ? 1 : start,
    name === '' ? bare.length + 1 : start + name.length,
  );
  const section: OpenSection = {
    name,
    span,
    sourceLine: line.source,
    entries: [],
    entriesByKey: new Map(),
  };
  reading.open = section;

  const first = reading.sectionsByName.get(name);
  const problem =
    close < 0
      ? unclosed(line, bare)
      : close < bare.length - 1
        ? textAfterHeader(line, bare, close)
        : (nameProblem(line, span, name) ??
          (first === undefined ? undefined : repeatedSection(section, first)));
  if (problem !== undefined) {
    reading.diagnostics.push(problem);
    return;
  }
  reading.sectionsByName.set(name, section);
  reading.sections.push(section);
}

function readEntry(reading: Reading, line: Line, bare: string): void {
  const separator = bare.search(/[:=]/);
  if (separator < 0) {
    reading.diagnostics.push(noSeparator(line, bare));
    return;
  }
  const written = trimBlanks(bare.slice(0, separator));
  const value = trimBlanks(bare.slice(separator + 1));
  const valueStart = value === '' ? separator + 2 : bare.length - value.length + 1;
  const entry: IniEntry = {
    key: written.toLowerCase(),
    value,
    keySpan: spanOf(line, 1, Math.max(written.length, 1) + 1),
    valueSpan: spanOf(line, valueStart, valueStart + Math.max(value.length, 1)),
    sourceLine: line.source,
  };
  const problem = entryProblem(reading.open, entry, line);
  if (problem !== undefined) {
    reading.diagnostics.push(problem);
    return;
  }
  reading.open?.entries.push(entry);
  reading.open?.entriesByKey.set(entry.key, entry);
}

function entryProblem(
  open: OpenSection | undefined,
  entry: IniEntry,
  line: Line,
): Diagnostic | undefined {
  if (entry.key === '') return emptyKey(line, entry.keySpan);
  if (open === undefined) return keyBeforeSection(line, entry.keySpan);
  if (RESERVED_NAMES.has(entry.key)) return reservedName(line, entry.keySpan, entry.key);
  const first = open.entriesByKey.get(entry.key);
  return first === undefined ? undefined : repeatedKey(entry, first);
}

function nameProblem(line: Line, span: Span, name: string): Diagnostic | undefined {
  if (name === '') {
    return problemAt(line, span, {
      code: 'ini-section-unnamed',
      summary: 'this section has no name',
      fix: 'name it, as in `[product: haproxy]`, or remove the line',
    });
  }
  if (RESERVED_NAMES.has(name)) return reservedName(line, span, name);
  if (name !== 'DEFAULT') return undefined;
  return problemAt(line, span, {
    code: 'ini-default-section',
    summary: 'the keys of [DEFAULT] would not reach the other sections, as they do with Python',
    fix: 'write these keys into each section that needs them, and remove [DEFAULT]',
  });
}

function unclosed(line: Line, bare: string): Diagnostic {
  return problemAt(line, spanOf(line, 1, bare.length + 1), {
    code: 'ini-section-unclosed',
    summary: 'this section name has no closing `]`',
    fix: `write ${bare}]`,
  });
}

function textAfterHeader(line: Line, bare: string, close: number): Diagnostic {
  const start = close + 2;
  return problemAt(line, spanOf(line, start, bare.length + 1), {
    code: 'ini-text-after-section',
    summary: 'nothing may follow the `]` of a section',
    fix: 'put it on a line of its own; a comment begins with ` ;`',
  });
}

function repeatedSection(section: OpenSection, first: OpenSection): Diagnostic {
  return {
    code: 'ini-section-repeated',
    severity: 'error',
    summary: `the section [${section.name}] is there twice`,
    detail: `it stands first in line ${first.span.line}`,
    span: section.span,
    sourceLine: section.sourceLine,
    fix: `move its keys to line ${first.span.line}, or remove one of the two`,
  };
}

function repeatedKey(entry: IniEntry, first: IniEntry): Diagnostic {
  return {
    code: 'ini-key-repeated',
    severity: 'error',
    summary: `the key ${entry.key} is there twice in this section`,
    detail: `it stands first in line ${first.keySpan.line}, with the value ${first.value}`,
    span: entry.keySpan,
    sourceLine: entry.sourceLine,
    fix: 'keep one of the two lines',
  };
}

function controlFound(line: Line, { 0: character, index }: RegExpExecArray): Diagnostic {
  const codePoint = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return problemAt(line, spanOf(line, index + 1, index + 2), {
    code: 'ini-control-character',
    summary: `this line holds the control character U+${codePoint}`,
    fix: 'remove the character; is this a text file?',
  });
}

function indented(line: Line): Diagnostic {
  const end = line.source.search(/[^ \t]/);
  return problemAt(line, spanOf(line, 1, end + 1), {
    code: 'ini-line-indented',
    summary:
      'this line begins with a blank: it could go on with the value above, or stand for itself',
    fix: 'remove the blanks before it; a value stands on one line',
  });
}

function noSeparator(line: Line, bare: string): Diagnostic {
  return problemAt(line, spanOf(line, 1, bare.length + 1), {
    code: 'ini-no-separator',
    summary: 'this line is neither `key = value`, nor `[section]`, nor a comment',
    fix: 'write `key = value`; a comment begins with `;` or `#`',
  });
}

function emptyKey(line: Line, span: Span): Diagnostic {
  return problemAt(line, span, {
    code: 'ini-key-empty',
    summary: 'there is no key before the separator',
    fix: 'write `key = value`',
  });
}

function keyBeforeSection(line: Line, span: Span): Diagnostic {
  return problemAt(line, span, {
    code: 'ini-key-before-section',
    summary: 'this key belongs to no section',
    fix: 'put a section before it, as `[bootstrap]` or `[product: haproxy]`',
  });
}

function reservedName(line: Line, span: Span, name: string): Diagnostic {
  return problemAt(line, span, {
    code: 'ini-name-reserved',
    summary: `${name} is no usable name`,
    fix: 'take another name, or remove the line',
  });
}

type Words = Pick<Diagnostic, 'code' | 'summary'> & { readonly fix: string };

function problemAt(line: Line, span: Span, words: Words): Diagnostic {
  return { ...words, severity: 'error', detail: undefined, span, sourceLine: line.source };
}

function spanOf(line: Line, column: number, endColumn: number): Span {
  return { file: line.file, line: line.number, column, endColumn };
}

/** Not trim(), as a no-break space is no blank to ConfigParser either; not a pattern, as `[ \t]+$` takes n² steps on a line of blanks. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
