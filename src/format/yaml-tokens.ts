import { CST, Lexer, Parser } from 'yaml';
import type { ProblemKind } from './yaml-problem.ts';

/** Collections within collections; nobody writes 32, and the library's composer is recursive. */
const NESTING_MAX = 32;

/** Of faults of syntax, each makes many more: what comes after so many says nothing. */
const FAULTS_MAX = 100;

/** Told of what YAML has and this file may not have; offsets count from 0. False: enough was told. */
export type NoteToken = (kind: ProblemKind, start: number, end: number) => boolean;

/**
 * The tokens of the first document, while looking at each word that passes: tags, anchors and the like are noted.
 * Ends early at a second document, and after too many faults; returns false, with nothing to be composed, where nesting is too
 * deep or enough was told.
 */
export function* firstDocument(text: string, note: NoteToken): Generator<CST.Token, boolean> {
  const parser = new Parser();
  let isScalar = false;
  let hasContent = false;
  let faults = 0;
  for (const word of new Lexer().lex(text)) {
    // The parser asks for the type as well: most words are told by their first character.
    const isOfNote: boolean = !isScalar && (!hasContent || NOTABLE.has(word.charCodeAt(0)));
    const type: WordType = isOfNote ? CST.tokenType(word) : 'other';
    const end = parser.offset + word.length;
    isScalar = word === CST.SCALAR;
    if (hasContent && (type === 'doc-start' || type === 'doc-mode')) {
      note('second-document', parser.offset, end);
      break;
    }
    hasContent ||= !BETWEEN_DOCUMENTS.has(type);
    const kind = isOfNote ? REFUSED.get(type) : undefined;
    if (kind !== undefined && !note(kind, parser.offset, end)) return false;
    for (const token of parser.next(word)) {
      faults += token.type === 'error' ? 1 : 0;
      yield token;
    }
    if (faults > FAULTS_MAX) break;
    // The stack holds the document, then the collections, and for a moment the scalar being read.
    if (parser.stack.length > NESTING_MAX + 1 && CST.isCollection(parser.stack.at(-1))) {
      note('too-deep', parser.offset - word.length, parser.offset);
      return false;
    }
  }
  yield* parser.end();
  return true;
}

type WordType = CST.TokenType | 'other' | null;

/** How words begin that end a document or are refused: `---`, the sign of a new document, directives, tags, anchors, aliases. */
const NOTABLE: ReadonlySet<number> = new Set(
  ['-', CST.DOCUMENT, '%', '!', '&', '*'].map((sign) => sign.charCodeAt(0)),
);

const BETWEEN_DOCUMENTS: ReadonlySet<WordType> = new Set<WordType>([
  'byte-order-mark',
  'doc-mode',
  'directive-line',
  'comment',
  'newline',
  'space',
]);

const REFUSED: ReadonlyMap<WordType, ProblemKind> = new Map<WordType, ProblemKind>([
  ['tag', 'tag'],
  ['anchor', 'anchor'],
  ['alias', 'alias'],
  ['directive-line', 'directive'],
]);
