import { columnsOf } from './columns.ts';

/** However narrow the terminal, lines are this wide. */
const WIDTH_MIN = 20;

/** A text in lines of at most `width` columns, cut at blanks; a longer word has a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const room = Math.max(WIDTH_MIN, width);
  const lines: string[] = [];
  let line = '';
  let columns = 0;
  for (const word of text.split(' ')) {
    const taken = columnsOf(word);
    const isFull = line !== '' && columns + 1 + taken > room;
    if (isFull) lines.push(line);
    const isFirst = isFull || line === '';
    line = isFirst ? word : `${line} ${word}`;
    columns = isFirst ? taken : columns + 1 + taken;
  }
  return [...lines, line];
}

/** A text from an indent on, what does not fit a little further in; on one line where `width` is undefined. */
export function wrapHanging(
  text: string,
  indent: string,
  width: number | undefined,
): readonly string[] {
  if (width === undefined) return [`${indent}${text}`];
  const room = width - indent.length;
  if (columnsOf(text) <= room) return [`${indent}${text}`];
  const [first = '', ...rest] = wrapText(text, room - HANGING.length);
  return [`${indent}${first}`, ...rest.map((line) => `${indent}${HANGING}${line}`)];
}

const HANGING = '  ';
