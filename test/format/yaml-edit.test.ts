import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editYaml } from '../../src/format/yaml-edit.ts';
import { readYaml } from '../../src/format/yaml.ts';
import { toPlain } from '../../src/format/yaml-value.ts';
import { layouts, leavesOf, rendered, type Tree } from './layouts.ts';

type Value = string | number | boolean | undefined;

function edit(text: string, path: string, value: Value): string {
  const edited = editYaml(text, path.split('.'), value);
  return edited.ok ? edited.value : `refused: ${edited.error.code}`;
}

function plainOf(text: string): unknown {
  const read = readYaml(text, 'a.yaml');
  if (!read.ok) throw new Error(`${read.error[0]?.summary}: ${text}`);
  return JSON.parse(JSON.stringify(toPlain(read.value)));
}

describe('changes one value and nothing else', () => {
  test.each<[string, string, string, Value, string]>([
    ['a number', 'a:   1  # one\n', 'a', 2, 'a:   2  # one\n'],
    ['a text for a number', 'a: 1\n', 'a', '1', 'a: "1"\n'],
    ['a number for a text', "a: '1'\n", 'a', 1, 'a: 1\n'],
    ['a text in single quotes', "a: 'x'\n", 'a', "it's", "a: 'it''s'\n"],
    ['a text in double quotes', 'a: "x"\n', 'a', 'y', 'a: "y"\n'],
    ['a text in single quotes for one with a line break', "a: 'x'\n", 'a', 'y\nz', 'a: "y\\nz"\n'],
    [
      'a value of a map in braces',
      'a: { b:  1,c: [] }\n',
      'a.b',
      'x, y',
      'a: { b:  "x, y",c: [] }\n',
    ],
    ['a value behind a JSON key', '{"a":1}', 'a', 2, '{"a":2}'],
    ['what had no value', 'a:   # none\nb: 1\n', 'a', 'x', 'a: x   # none\nb: 1\n'],
    ['what had no value, in braces', 'a: {b: , c}\n', 'a.c', 1, 'a: {b: , c: 1}\n'],
    ['an explicit nothing', 'a: ~\n', 'a', false, 'a: false\n'],
    ['a block of text', 'a: |  # c\n  x\n  y\n\n# d\nb: 1\n', 'a', 'z', 'a: z  # c\n\n# d\nb: 1\n'],
    ['a block of text that keeps', 'a: >2+\n  x\n\nb: 1\n', 'a', 'z', 'a: z\n\nb: 1\n'],
    ['a text on several lines', 'a: "x\n  y" # c\nb: 1\n', 'a', 'z', 'a: "z" # c\nb: 1\n'],
    ['a value below its key', 'a:\n  # c\n  x\nb: 1\n', 'a', 'z', 'a:\n  # c\n  z\nb: 1\n'],
    [
      'a value of an item',
      'a:\n- b: 1\n- [1, {c: 2}]\n',
      'a.1.1.c',
      3,
      'a:\n- b: 1\n- [1, {c: 3}]\n',
    ],
    ['an item', 'a: [1, 2]\n', 'a.1', 'x]', 'a: [1, "x]"]\n'],
    ['a file with CRLF, BOM and no end', '\uFEFFa: 1\r\nb: 2', 'b', 3, '\uFEFFa: 1\r\nb: 3'],
    ['nothing that is so already', 'a: 0x10\n', 'a', 16, 'a: 0x10\n'],
  ])('%s', (_, text, path, value, expected) => {
    expect(edit(text, path, value)).toBe(expected);
  });
});

describe('adds a value where its neighbours are', () => {
  test.each<[string, string, string, Value, string]>([
    [
      'below the last',
      'a:\n  b: 1 # c\n  # d\n\ne: 2\n',
      'a.x',
      1,
      'a:\n  b: 1 # c\n  x: 1\n  # d\n\ne: 2\n',
    ],
    ['below a list', 'a:\n  - 1\n  - 2\n', 'b', 1, 'a:\n  - 1\n  - 2\nb: 1\n'],
    [
      'in the indentation of the map',
      'a:\n     b: 1\n',
      'a.x.z',
      1,
      'a:\n     b: 1\n     x:\n          z: 1\n',
    ],
    ['in a map of a list', 'a:\n- b: 1\n', 'a.0.c', 1, 'a:\n- b: 1\n  c: 1\n'],
    ['without a line break at the end', 'a: 1', 'b', 1, 'a: 1\nb: 1'],
    ['with CRLF', 'a:\r\n  b: 1\r\nc: 1\r\n', 'a.d', 1, 'a:\r\n  b: 1\r\n  d: 1\r\nc: 1\r\n'],
    ['with CRLF, at an open end', 'a:\r\n  b: 1', 'a.d', 1, 'a:\r\n  b: 1\r\n  d: 1'],
    ['in braces', 'a: { b: 1 } # c\n', 'a.d', 1, 'a: { b: 1, d: 1 } # c\n'],
    [
      'in braces, behind a comma',
      'a: {\n  b: 1, # c\n}\n',
      'a.d',
      1,
      'a: {\n  b: 1, d: 1 # c\n}\n',
    ],
    ['in braces, with parents', 'a: {b: 1}\n', 'a.d.e', 'x', 'a: {b: 1, d: {e: x}}\n'],
    ['in empty braces within braces', 'a: {b: { }}\n', 'a.b.c', 1, 'a: {b: {c: 1}}\n'],
    [
      'into {}',
      'a:\n   b: 1\nproducts: {}  # none\nc: 1\n',
      'products.web.version',
      '1.10',
      'a:\n   b: 1\nproducts:  # none\n   web:\n      version: "1.10"\nc: 1\n',
    ],
    [
      'into nothing',
      'products:\n# c\nd: 1\n',
      'products.web.version',
      '1',
      'products:\n  web:\n    version: "1"\n# c\nd: 1\n',
    ],
    ['into ~', 'a: ~ # c\n', 'a.b', 1, 'a: # c\n  b: 1\n'],
    ['behind a block of text', 'a: |\n  x\n\nb: 1\n', 'c', 1, 'a: |\n  x\n\nb: 1\nc: 1\n'],
    [
      'behind a block that keeps its blank lines',
      'a:\n  b: |+\n    x\n\n\nc: 1\n',
      'a.d',
      1,
      'a:\n  b: |+\n    x\n\n\n  d: 1\nc: 1\n',
    ],
    ['before the end of the document', '---\na: 1\n...\n', 'b', 1, '---\na: 1\nb: 1\n...\n'],
    ['under a name in need of quotes', 'a: 1\n', 'no', 1, 'a: 1\n"no": 1\n'],
  ])('%s', (_, text, path, value, expected) => {
    expect(edit(text, path, value)).toBe(expected);
  });
});

describe('removes a value with its line', () => {
  test.each<[string, string, string, string]>([
    ['in the middle', 'a: 1\n# b\nb: 2 # c\n# d\nd: 3\n', 'b', 'a: 1\n# b\n# d\nd: 3\n'],
    ['at an open end', 'a: 1\r\nb: 2', 'b', 'a: 1'],
    ['the only one', 'a: # c\n  b: 1\nd: 1\n', 'a.b', 'a: {} # c\nd: 1\n'],
    ['the only one of an item', 'a:\n  - b: 1 # c\n', 'a.0.b', 'a:\n  - {} # c\n'],
    ['the first of an item', 'a:\n  - b: 1\n    c: 2\n', 'a.0.b', 'a:\n  - c: 2\n'],
    ['the first in braces', 'a: { b: 1, c: 2 }\n', 'a.b', 'a: { c: 2 }\n'],
    ['the last in braces', 'a: { b: 1, c: 2 }\n', 'a.c', 'a: { b: 1 }\n'],
    ['the only one in braces', 'a: {b: 1,} # c\n', 'a.b', 'a: {} # c\n'],
    [
      'in braces, with the comments left',
      '{\n  a: 1, # a\n  b: 2, # b\n  c: 3 # c\n}',
      'b',
      '{\n  a: 1, # a\n   # b\n  c: 3 # c\n}',
    ],
    ['a block of text', 'a: |\n  x\n  y\nb: 1\n', 'a', 'b: 1\n'],
    ['what has no value', 'a:\nb: 1\n', 'a', 'b: 1\n'],
    ['nothing that is not there', 'a: 1\n', 'b.c', 'a: 1\n'],
  ])('%s', (_, text, path, expected) => {
    expect(edit(text, path, undefined)).toBe(expected);
  });
});

test.each<[string, string, string, Value, string]>([
  ['what cannot be read', 'a: [\n', 'a', 1, 'not-readable'],
  ['a map', 'a: {b: 1}\n', 'a', 1, 'not-one-value'],
  ['a map, to be removed', 'a: {b: 1}\n', 'a', undefined, 'not-one-value'],
  ['a list', 'a: [1]\n', 'a', 1, 'not-one-value'],
  ['a way through a value', 'a: 1\n', 'a.b', 1, 'no-way-in'],
  ['an item that is not there', 'a: [1]\n', 'a.1', 1, 'no-way-in'],
  ['an item, to be removed', 'a: [1]\n', 'a.0', undefined, 'not-one-value'],
  ['the last value of a file', 'a: 1\n', 'a', undefined, 'unusual-layout'],
  ['a reserved name', 'a: 1\n', '__proto__', 1, 'unusual-layout'],
  ['a key behind a question mark', 'b: 1\n? a\n: 1\n', 'a', undefined, 'unusual-layout'],
])('refuses %s', (_, text, path, value, code) => {
  expect(edit(text, path, value)).toBe(`refused: ${code}`);
});

test('refuses no path', () => {
  expect(editYaml('a: 1\n', [], 1)).toMatchObject({ ok: false, error: { code: 'not-one-value' } });
});

describe('a text is quoted exactly when it needs to be', () => {
  test.each(
    `hello|hello world|a#b|http://x:80/y?z|1.2.3|2.6.12-1+deb12u4|-x|?x|:x|a:b|/etc/x|it's|say "x"|<x>|a, b|x[0]|v1_0|nope|12h|1e|0xg|e5|..`.split(
      '|',
    ),
  )('%s needs none', (text) => {
    expect(edit('a: 1\n', 'a', text)).toBe(`a: ${text}\n`);
  });

  test.each([
    ...`1|1.10|-5|+1|.5|5.|1e3|1_000|0644|0x1F|0o17|0b11|1:30|190:20:30.15|.inf|-.INF|.nan|.NaN|~|null|NULL|true|True|yes|No|ON|off|y|N|2026-11-22|2026-11-22T10:00:00Z|<<|=`.split(
      '|',
    ),
    '',
    ' x',
    'x ',
    'x: y',
    'x:',
    'x #y',
    '#x',
    '- x',
    '-',
    '? x',
    '?',
    ': x',
    '---',
    '... x',
    '[x',
    '{x',
    '*x',
    '&x',
    '!x',
    '|x',
    '>x',
    '%x',
    '@x',
    '`x',
    ',x',
    '"x',
    "'x",
    'x\ny',
    'x\ty',
    '\u0000',
    '\u0085',
    '\u2028',
    '\u00a0',
    '\uFEFF',
    '\u202ex',
    '\u{1F468}\u200D\u{1F469}',
    '\u{E0001}',
    '\uD800',
  ])('%j needs them', (text) => {
    const edited = edit('a: 1\n', 'a', text);
    expect(edited).toMatch(/^a: "[\x20-\x7e\p{Emoji}]*"\n$/u);
    expect(plainOf(edited)).toEqual({ a: text });
  });
});

describe('random edits of random files', () => {
  const steps = fc.constantFrom('a', 'b', 'web', 'no', '1.10', 'x y', 'new key', '#', 'é');
  const values = fc.oneof(
    fc.constantFrom<Value>(
      '1.10',
      'no',
      '',
      ' ',
      'a: b',
      'x',
      'y\nz',
      true,
      0,
      -1.5,
      1e21,
      undefined,
      undefined,
    ),
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
  );
  const RUNS = { numRuns: 1500, seed: 20261122 };

  test('what is read is what was, with that change; all other lines are as they were', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        layouts,
        fc.nat(),
        fc.array(steps, { maxLength: 2 }),
        values,
        (layout, nth, more, value) => {
          const text = rendered(layout);
          const leaves = leavesOf(layout.tree);
          const leaf = leaves[nth % leaves.length];
          const path = [
            ...(more.length > 0 ? (leaf?.path ?? []).slice(0, -1) : (leaf?.path ?? ['a'])),
            ...more,
          ];
          const edited = editYaml(text, path, value);
          if (!edited.ok) {
            refused += edited.error.code === 'unusual-layout' ? 1 : 0;
            expect(edited.error.code).not.toBe('not-readable');
            return;
          }
          expect(plainOf(edited.value)).toEqual(changed(plainOf(text), path, value));
          const target = leaves.find((each) => each.path.join('\n') === path.join('\n'));
          expectOthersToStay(text, edited.value, { path, isLong: target?.isLong ?? false });
        },
      ),
      RUNS,
    );
    expect(refused).toBeLessThan(RUNS.numRuns / 50);
  });

  test('a value that is there is always changed, and the change shows as one line', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.nat(),
        fc.constantFrom('1.10', 'no', 'x: y', 'z', 7, true),
        (layout, nth, value) => {
          const text = rendered(layout);
          const leaves = leavesOf(layout.tree).filter(({ isLong }) => !isLong);
          const leaf = leaves[nth % leaves.length];
          if (leaf === undefined) return;
          const edited = editYaml(text, leaf.path, value);
          expect(edited).toMatchObject({ ok: true });
          const [was, is] = [text.split('\n'), edited.ok ? edited.value.split('\n') : []];
          expect(is).toHaveLength(was.length);
          expect(is.filter((line, index) => line !== was[index]).length).toBeLessThanOrEqual(1);
        },
      ),
      RUNS,
    );
  });
});

function changed(plain: unknown, [step = '', ...rest]: readonly string[], value: Value): unknown {
  const map = { ...(plain as Tree) } as Record<string, unknown>;
  if (rest.length > 0) {
    const inner = map[step] ?? undefined;
    if (inner === undefined && value === undefined) return plain;
    return { ...map, [step]: changed(inner ?? {}, rest, value) };
  }
  if (value === undefined) delete map[step];
  else map[step] = value;
  return map;
}

interface Edit {
  readonly path: readonly string[];
  readonly isLong: boolean;
}

/** Lines before and after the place are the same bytes; of the place no more goes than one value, no more comes than one line a step. */
function expectOthersToStay(was: string, is: string, { path, isLong }: Edit): void {
  const [before, after] = [was.split('\n'), is.split('\n')];
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before.at(-1 - tail) === after.at(-1 - tail)
  )
    tail += 1;
  const gone = before.slice(head, before.length - tail);
  // A removed value may leave `{}` above it, over the comments between.
  const touched = gone.filter((line) => !after.includes(line));
  expect(touched.length).toBeLessThanOrEqual(isLong ? 5 : 2);
  expect(after.length - tail - head).toBeLessThanOrEqual(path.length + gone.length + 1);
  expect(comments(is)).toEqual(comments(was));
}

/** Those that stand alone: who removes a line removes the comment on it. */
function comments(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^ *#/.test(line));
}
