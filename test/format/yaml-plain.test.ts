import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../src/format/lines.ts';
import { readPlainYaml } from '../../src/format/yaml-plain.ts';
import { inspectWhole } from '../../src/format/yaml-whole.ts';
import { exampleTexts, HOSTILE_TEXTS, mutated, numbersFrom } from './hostile.ts';

const FILE = 'a.yaml';
const RUNS = 1500;

/** Whether the text is of the plainest kind; where it is, both must read the same values at the same places. */
function check(text: string): boolean {
  const plain = readPlainYaml(text, FILE);
  if (plain === undefined) return false;
  const { root, problems } = inspectWhole(text, linesOf(text, FILE));
  expect({ text, root: plain, problems: [] }).toEqual({ text, root, problems });
  return true;
}

// Strange ones are rare: one in a text, and none of it would be read.
const usually = <T>(usual: readonly T[], strange: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...strange) },
  );

const key = usually(
  ['a', 'b', 'web', 'max_conn', 'x.y/z', '1', '007', 'null', 'true', '1e3', 'a-'],
  ['-', '-a', '?', '? a', '<<', '__proto__', '"q"', 'a b', '&a b', '!t a', '.a', '*a', '[a]', '…'],
);
const apart = (texts: string): readonly string[] => texts.split('¦');
const USUAL = apart(
  `1¦-1¦0¦999999999999999¦true¦false¦yes¦on¦a¦/var/x¦300s¦"x: y, #z"¦'it is'¦""¦''¦" a "¦a b¦a:b¦http://h:1/p¦1.2.3¦"grüße"¦a # says¦1 #¦"x" # "y"¦¦¦¦round-robin¦x=1¦a@b¦10%¦Infinity`,
);
const STRANGE = apart(
  String.raw`null¦~¦True¦FALSE¦0x1f¦0o17¦1e3¦1.5¦-0¦+1¦.5¦1_000¦0644¦9999999999999999¦2026-01-01¦10:30¦-x¦- a¦|¦>-¦*a¦&a b¦!t b¦{}¦[1]¦"a\n"¦"a" b¦'a''b'¦a: b¦a:¦a #b: c¦a#b¦@a¦%a¦"a¦'a¦.inf¦.nan¦...¦---¦"a"#b¦0x¦0o¦1e¦1.¦0b1`,
);
const BLANKS = ['\ta', '\u2028', '\u00a0', 'a\u00a0b', '"\u3000"', '\uFEFFa', 'a\u00adb', '😀'];
// Every sign at every end of a word, and what looks like a number, a date or a word that is none.
const SIGNS = Array.from('.:/+-_=@%~#,!&*?|>\'"`[]{}\\ eExXoOsaf0179');
const word = fc.array(fc.constantFrom(...SIGNS), { maxLength: 6 }).map((signs) => signs.join(''));
const value = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...USUAL) },
  { weight: 3, arbitrary: fc.constantFrom(...STRANGE, ...BLANKS) },
  { weight: 3, arbitrary: word },
);
const entry = fc
  .tuple(
    fc.constantFrom(0, 0, 2, 2, 4, 4, 3),
    key,
    usually([' ', ' ', '  '], ['', '\t']),
    value,
    usually([''], [' ', '\r', '\t']),
  )
  .map(([indent, name, gap, text, end]) => `${' '.repeat(indent)}${name}:${gap}${text}${end}`);
const line = fc.oneof(
  { weight: 12, arbitrary: entry },
  { weight: 2, arbitrary: fc.constantFrom('', '  ', '# says', '   # deep', '#') },
  {
    weight: 1,
    arbitrary: usually(
      ['# end'],
      ['---', '...', 'a', '  lines', '%YAML 1.2', '- a', '\t', '? a', '}'],
    ),
  },
);

describe('a text of the plainest kind', () => {
  test('is read as the library reads it, values and places', () => {
    let plain = 0;
    const texts = fc
      .array(line, { maxLength: 7 })
      .map((lines) => lines.map((each) => `${each}\n`).join(''));
    fc.assert(
      fc.property(texts, (text) => {
        plain += check(text) ? 1 : 0;
      }),
      { numRuns: RUNS },
    );
    expect(plain).toBeGreaterThan(RUNS / 50);
  });

  test('is read so whatever stands for a value', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(word, value), (text) => {
        plain += check(`a:\n  b: ${text}\n  c: 1\n`) ? 1 : 0;
      }),
      { numRuns: RUNS * 4 },
    );
    expect(plain).toBeGreaterThan(RUNS);
  });

  test('is read so whatever is wrong with it', () => {
    for (const text of Object.values(HOSTILE_TEXTS)) check(text);
    for (const text of exampleTexts('desired-state.yaml')) check(text);
    const good =
      'a: 1\nb:\n  # says\n  c: "x: y"\n  d:\n    e: /var/x # there\n\n    f: true\ng: it is\n';
    expect(check(good)).toBe(true);
    const next = numbersFrom(5);
    let plain = 0;
    for (let round = 0; round < RUNS * 2; round++) plain += check(mutated(good, next)) ? 1 : 0;
    expect(plain).toBeGreaterThan(RUNS / 20);
  });

  test.each([
    ['a list', 'a:\n  - b\n'],
    ['a value over two lines', 'a: b\n  c\n'],
    ['a key without a value', 'a:\nb: 1\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['a name that reaches a prototype', '__proto__: 1\n'],
    ['a line between two levels', 'a:\n    b: 1\n  c: 2\n'],
    [
      'a level inside a level inside seventeen',
      Array.from({ length: 18 }, (_, at) => `${' '.repeat(at)}a:\n`).join('') +
        `${' '.repeat(18)}a: 1\n`,
    ],
    ['an end without a line break', 'a: 1'],
    ['nothing', '# nothing\n'],
  ])('is not %s', (_, text) => {
    expect(readPlainYaml(text, FILE)).toBeUndefined();
  });
});
