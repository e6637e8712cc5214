// What is drawn at the end of a terminal is taken off without a trace, whatever was drawn and printed before.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redraw, type Drawn } from '../../src/core/render/region-text.ts';

const NOTHING: Drawn = { lines: [], columns: 20 };
const wide = (...lines: readonly string[]): Drawn => ({ lines, columns: 20 });

test.each<[string, Drawn, Drawn, string, string]>([
  ['nothing on nothing', NOTHING, NOTHING, '', ''],
  ['what is there already', wide('a', 'b'), wide('a', 'b'), '', ''],
  ['two lines', NOTHING, wide('a', 'b'), '', '\u001b[?7la\u001b[K\nb\u001b[K\n\u001b[?7h\u001b[J'],
  [
    'a line that changed, past one that did not',
    wide('a', 'b'),
    wide('a', 'c'),
    '',
    '\r\u001b[2A\u001b[?7l\nc\u001b[K\n\u001b[?7h\u001b[J',
  ],
  ['a line less', wide('a', 'b'), wide('a'), '', '\r\u001b[2A\u001b[?7l\n\u001b[?7h\u001b[J'],
  ['the end', wide('a', 'b'), NOTHING, '', '\r\u001b[2A\u001b[J'],
  [
    'a line above',
    wide('a'),
    wide('a'),
    'done\n',
    '\r\u001b[1A\u001b[Jdone\n\u001b[?7la\n\u001b[?7h',
  ],
  [
    'on a terminal that was made narrower, and broke the line in three',
    wide('\u001b[31mtwelve chars\u001b[39m', 'b'),
    { lines: ['c'], columns: 5 },
    '',
    '\r\u001b[4A\u001b[J\u001b[?7lc\n\u001b[?7h',
  ],
])('%s', (_, before, next, above, written) => {
  expect(redraw(before, next, above)).toBe(written);
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 19 });
const frames = fc.array(
  fc.record({
    lines: fc.array(letters, { maxLength: 4 }),
    above: fc.array(letters, { maxLength: 3 }),
  }),
);

test('the terminal always shows what was printed, and below it what was drawn last', () => {
  fc.assert(
    fc.property(frames, (drawings) => {
      const screen = createScreen();
      const printed: string[] = [];
      let before = NOTHING;
      for (const { lines, above } of drawings) {
        const next = { lines, columns: 20 };
        const written = redraw(before, next, above.map((line) => `${line}\n`).join(''));
        if (written === '') continue;
        screen.write(written);
        printed.push(...above);
        before = next;
        expect(screen.lines()).toEqual([...printed, ...lines, ''].map((line) => line.trimEnd()));
        // A key that was pressed, as the terminal shows it.
        if (lines.length > 0) screen.write('^C');
      }
    }),
  );
});

/** A terminal without end that knows what a region makes use of. */
function createScreen() {
  let rows: string[] = [''];
  let [row, column] = [0, 0];
  const obey = (code: string): void => {
    if (code.endsWith('A')) row -= Number(code.slice(2, -1));
    if (code === '\u001b[K') rows[row] = (rows[row] ?? '').slice(0, column);
    if (code === '\u001b[J') rows = [...rows.slice(0, row), (rows[row] ?? '').slice(0, column)];
    if (row < 0) throw new Error('above the top');
  };
  const put = (character: string): void => {
    const line = (rows[row] ?? '').padEnd(column);
    rows[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  };
  const feed = (): void => {
    [row, column] = [row + 1, 0];
    rows[row] ??= '';
  };
  return {
    write: (text: string): void => {
      // oxlint-disable-next-line no-control-regex -- that is what moves a cursor
      for (const [part] of text.matchAll(/\u001b\[[?\d]*[A-Za-z]|[^]/g))
        if (part.length > 1) obey(part);
        else if (part === '\n') feed();
        else if (part === '\r') column = 0;
        else put(part);
    },
    lines: () => rows.map((line) => line.trimEnd()),
  };
}
