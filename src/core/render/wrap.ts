/** However narrow the terminal, lines are this wide. */
const WIDTH_MIN = 20;

/** A text in lines of at most `width` columns, cut at blanks; a longer word has a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const isFull = line !== '' && line.length + 1 + word.length > Math.max(WIDTH_MIN, width);
    if (isFull) lines.push(line);
    line = isFull || line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
