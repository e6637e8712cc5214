import type { Span } from '../model/diagnostic.ts';

/** The lines of a text, for pointing into it. Offsets count UTF-16 code units from 0, lines and columns from 1. */
export interface TextLines {
  /** The stretch from `start` to `end`, cut at the end of its first line, at least one column wide. */
  spanOf(start: number, end: number): Span;
  /** A line without its line break; '' for one that is not there. */
  textOf(line: number): string;
}

/** The lines of `text`; `\n` and `\r\n` end a line. */
export function linesOf(text: string, file: string): TextLines {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);

  const startOf = (line: number): number => starts[line - 1] ?? text.length;
  const textOf = (line: number): string => {
    const end = line < starts.length ? startOf(line + 1) - 1 : text.length;
    return text.slice(startOf(line), text[end - 1] === '\r' ? end - 1 : end);
  };
  return {
    textOf,
    spanOf(start, end) {
      const line = countUpTo(starts, start);
      const column = start - startOf(line) + 1;
      const lineEnd = textOf(line).length + 1;
      const endColumn = Math.min(end - startOf(line) + 1, lineEnd);
      return { file, line, column, endColumn: Math.max(endColumn, column + 1) };
    },
  };
}

/** How many of the ascending numbers are not above `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
