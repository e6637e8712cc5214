import { columnsOf } from './columns.ts';

/** What is drawn at the end of a terminal; the cursor is at the beginning of the line below. */
export interface Drawn {
  /** None as wide as the terminal was; colours, but nothing else that a terminal would obey. */
  readonly lines: readonly string[];
  /** How wide the terminal was. */
  readonly columns: number;
}

/** What makes a terminal show `next` in place of `before`, with `above`, whole lines or '', left standing over it; '' for no difference. */
export function redraw(before: Drawn, next: Drawn, above = ''): string {
  const isResized = before.columns !== next.columns && before.lines.length > 0;
  if (above === '' && !isResized) return drawOver(before.lines, next.lines);
  return `${up(rowsNow(before, next.columns))}${BELOW_ERASED}${above}${unwrapped(next.lines.map((line) => `${line}\n`).join(''))}`;
}

// Lines that are as they were cost a newline each.
function drawOver(before: readonly string[], next: readonly string[]): string {
  const isSame = before.length === next.length && before.every((line, at) => line === next[at]);
  if (isSame) return '';
  const lines = next.map((line, at) => (line === before[at] ? '\n' : `${line}${REST_ERASED}\n`));
  return `${up(before.length)}${unwrapped(lines.join(''))}${BELOW_ERASED}`;
}

// Most terminals break lines anew when they become narrower. On one that does not, a line too many is erased for each that was broken.
function rowsNow({ lines, columns }: Drawn, columnsNow: number): number {
  if (columnsNow >= columns) return lines.length;
  const rows = lines.map((line) => Math.ceil(columnsOf(line.replaceAll(COLOUR, '')) / columnsNow));
  return rows.reduce((sum, count) => sum + Math.max(1, count), 0);
}

// ECMA-48, 8.3.117: SGR.
// oxlint-disable-next-line no-control-regex -- that is what colours are made of
const COLOUR = /\u001b\[[\d;]*m/g;

// CUU, EL and ED of ECMA-48. The terminal itself may have shown a key that was pressed: `^C`.
function up(rows: number): string {
  return rows === 0 ? '' : `\r\u001b[${rows}A`;
}
const REST_ERASED = '\u001b[K';
const BELOW_ERASED = '\u001b[J';

// Without autowrap (DECAWM), so that a character which is wider than we think spoils its own line only.
function unwrapped(text: string): string {
  return text === '' ? '' : `\u001b[?7l${text}\u001b[?7h`;
}

/** DECTCEM: the cursor is no longer to be seen, and is again. */
export const CURSOR = { hidden: '\u001b[?25l', shown: '\u001b[?25h' } as const;
