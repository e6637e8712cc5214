import { CURSOR, redraw, type Drawn } from '../core/render/region-text.ts';
import type { Streams } from './streams.ts';

/** The terminal that we print on. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** False while another program has it: what runs in the background draws on nobody's prompt. */
  isOurs(): boolean;
  /** Has us told what happens to us there, until the returned function is called. */
  attend(told: TerminalTold): () => void;
}

/** What is to be done about the terminal. */
export interface TerminalTold {
  /** Before we are stopped or killed: it is to be as it was found. */
  readonly leave: () => void;
  /** We were stopped without a word and go on now: others have printed over what was drawn. */
  readonly forget: () => void;
  /** The process ends, no matter what stands there. */
  readonly end: () => void;
}

/** The end of what is on a terminal: drawn anew in place, taken off without a trace. */
export interface Region {
  /** Shows these lines in place of those before; the cursor is hidden while there are any. */
  draw(lines: readonly string[]): void;
  /** Takes all off, and shows the cursor also where a run that was killed had hidden it. */
  close(): void;
  /** What is printed here stands above. It may wait for the next drawing, but not for longer. */
  readonly streams: Streams;
}

/** What was printed since the last drawing goes out with the next one: a thousand steps a second are still ten writes. No more than this waits. */
const ABOVE_CHARS_MAX = 64 * 1024;

const NOTHING: Drawn = { lines: [], columns: 0 };

/** A region in which nothing is drawn yet. */
export function createRegion(terminal: Terminal, given: Streams): Region {
  let drawn = NOTHING;
  let above = '';
  let release: (() => void) | undefined;
  const show = (lines: readonly string[]): void => {
    const next = { lines, columns: terminal.size().columns };
    const hide = drawn.lines.length === 0 && lines.length > 0 ? CURSOR.hidden : '';
    const unhide = drawn.lines.length > 0 && lines.length === 0 ? CURSOR.shown : '';
    const text = `${hide}${redraw(drawn, next, above)}${unhide}`;
    if (text !== '') given.out(text);
    drawn = next;
    above = '';
  };
  const draw = (lines: readonly string[]): void => {
    const seen = lines.length > 0 && terminal.isOurs() ? lines : [];
    if (seen.length > 0) release ??= terminal.attend({ leave: () => draw([]), forget, end });
    show(seen);
    if (seen.length > 0) return;
    release?.();
    release = undefined;
  };
  const forget = (): void => {
    drawn = NOTHING;
  };
  // Not what was drawn: below it may stand why the process ends.
  const end = (): void => given.out(CURSOR.shown);
  return {
    draw,
    close: () => {
      draw([]);
      end();
    },
    streams: {
      out: (text, level) => {
        if (drawn.lines.length === 0) return given.out(text, level);
        above += text;
        if (above.length > ABOVE_CHARS_MAX) show(drawn.lines);
      },
      err: (text, level) => {
        const { lines } = drawn;
        if (lines.length > 0) show([]);
        given.err(text, level);
        if (lines.length > 0) show(lines);
      },
    },
  };
}
