/** A part of a text that can be read by itself. */
export interface Piece {
  readonly text: string;
  /** Where it begins, in UTF-16 code units from the start of the whole. */
  readonly start: number;
}

/** One product of a desired state: the line of its name and all lines down to the next one. */
export interface Block extends Piece {
  readonly name: string;
}

/** A desired state cut where its products begin: all of its text but the line `products:`, in this order. */
export interface Cut {
  readonly head: Piece;
  readonly blocks: readonly Block[];
  readonly tail: Piece;
}

/** In UTF-16 code units: what is longer is no desired state. */
export const TEXT_LENGTH_MAX = 16 * 1024 * 1024;

/** What is put before a block to read it by itself. */
export const PRODUCTS_LINE = 'products:\n';

/**
 * Cuts a desired state into its products; undefined where anything about it is unusual, so that it has to be read as a whole.
 * Where each piece is valid YAML by itself, the line `products:` put before each block, the whole says what they say together:
 * what is complete at the end of a piece cannot go on in a line that begins a key no deeper than it.
 */
export function cutProducts(text: string): Cut | undefined {
  // What else ends a line or indents it is left to the parser.
  if (['\t', '\r', '\uFEFF'].some((each) => text.includes(each)) || !text.endsWith('\n'))
    return undefined;
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const products = /^products:(?: *| +#.*)\n/m.exec(text);
  if (products === null) return undefined;
  const start = products.index + products[0].length;
  const found = blocksFrom(text, start);
  if (found === undefined) return undefined;
  const head = { text: text.slice(0, products.index), start: 0 };
  const tail = { text: text.slice(found.end), start: found.end };
  return isPlain(head) && isPlain(tail) ? { head, blocks: found.blocks, tail } : undefined;
}

/** Keys, comments and what is indented: no start or end of a document, no directive, nothing in brackets or quotes. */
function isPlain({ text }: Piece): boolean {
  return /^(?:(?:[A-Za-z]+:(?: .*)?|#.*| .*)?\n)*$/.test(text);
}

/** A name of a product, and nothing else on its line but a comment. */
const NAME_LINE = /^([a-z0-9][a-z0-9._-]*):(?: *| +#.*)$/;
const BLANK = 0x20;
const HASH = 0x23;
const LINE_END = 0x0a;

/** The blocks up to the first line that is not indented; undefined where a line on their level is none of a name. */
function blocksFrom(
  text: string,
  start: number,
): { readonly blocks: readonly Block[]; readonly end: number } | undefined {
  const begins: { readonly name: string; readonly start: number }[] = [];
  let level = 0;
  let at = start;
  for (let next = at; at < text.length; at = next) {
    next = text.indexOf('\n', at) + 1;
    let indent = 0;
    while (text.charCodeAt(at + indent) === BLANK && (level === 0 || indent <= level)) indent += 1;
    const first = text.charCodeAt(at + indent);
    if (first === LINE_END || first === HASH || (level > 0 && indent > level)) continue;
    if (indent === 0) break;
    level ||= indent;
    const name = NAME_LINE.exec(text.slice(at + indent, next - 1))?.[1];
    if (indent < level || name === undefined) return undefined;
    begins.push({ name, start: at });
  }
  if (begins.length === 0) return undefined;
  const blocks = begins.map((each, index) => ({
    ...each,
    text: text.slice(each.start, begins[index + 1]?.start ?? at),
  }));
  return { blocks, end: at };
}
