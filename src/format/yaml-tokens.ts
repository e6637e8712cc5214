import { CST, Lexer, Parser } from 'yaml';
import type { ProblemKind } from './yaml-problem.ts';

/** Collections within collections; nobody writes 32, and the library's composer is recursive. */
const NESTING_MAX = 32;

/** Told of what YAML has and this file may not have; offsets count from 0. */
export type NoteToken = (kind: ProblemKind, start: number, end: number) => void;

/**
 * The tokens of the first document, while looking at each word that passes: tags, anchors and the like are noted.
 * Ends early at a second document, and returns false, with nothing to be composed, where nesting is too deep.
 */
export function* firstDocument(text: string, note: NoteToken): Generator<CST.Token, boolean> {
  const parser = new Parser();
  let isScalar = false;
  let hasContent = false;
  for (const word of new Lexer().lex(text)) {
    const type = isScalar ? 'scalar-text' : CST.tokenType(word);
    const end = parser.offset + word.length;
    isScalar = word === CST.SCALAR;
    if (hasContent && (type === 'doc-start' || type === 'doc-mode')) {
      note('second-document', parser.offset, end);
      break;
    }
    hasContent ||= !BETWEEN_DOCUMENTS.has(type);
    const kind = REFUSED.get(type);
    if (kind !== undefined) note(kind, parser.offset, end);
    yield* parser.next(word);
    // The stack holds the document, then the collections, and for a moment the scalar being read.
    if (parser.stack.length > NESTING_MAX + 1 && CST.isCollection(parser.stack.at(-1))) {
      note('too-deep', parser.offset - word.length, parser.offset);
      return false;
    }
  }
  yield* parser.end();
  return true;
}

type WordType = CST.TokenType | 'scalar-text' | null;

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
