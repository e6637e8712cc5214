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
  const endOf = (line: number): number => {
    const end = line < starts.length ? startOf(line + 1) - 1 : text.length;
    return end > startOf(line) && text[end - 1] === '\r' ? end - 1 : end;
  };
  let last = 1;
  const lineAt = (offset: number): number => {
    // Who walks through a text asks for the line of before, or the one after it.
    const isNear = startOf(last) <= offset && offset < startOf(last + 1);
    last = isNear ? last : countUpTo(starts, offset);
    return last;
  };
  return {
    textOf: (line) => text.slice(startOf(line), endOf(line)),
    spanOf(start, end) {
      const line = lineAt(start);
      const lineStart = startOf(line);
      const column = start - lineStart + 1;
      const endColumn = Math.min(end, endOf(line)) - lineStart + 1;
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
