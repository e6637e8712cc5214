import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iniSettingProblem } from '../../src/format/config-ini.ts';
import { readConfig, renderConfig } from '../../src/format/config.ts';
import { parseProductName } from '../../src/model/ids.ts';
import {
  asTexts,
  emptySettings,
  type SettingMap,
  type SettingValue,
} from '../../src/model/settings.ts';

describe('an ini file', () => {
  test('has a header, then scalars in their order, then a section for each map', async () => {
    const settings = {
      port: 18080,
      tls: { on: true, level: 1.5 },
      greeting: 'Hello, World = 1;2#3',
      empty: '',
      limits: {},
    };
    expect(await rendered(settings)).toBe(
      `; Written by bootstrap from the desired state of this server.
; An edit made here is drift: the next apply takes it back.
port = 18080
greeting = Hello, World = 1;2#3
empty =

[tls]
on = true
level = 1.5

[limits]
`,
    );
  });

  test('is the same every time: no clock, no counter', async () => {
    expect(await rendered({ a: 1 })).toBe(await rendered({ a: 1 }));
  });

  test('of no settings is its header', async () => {
    expect(readBack(await rendered({}))).toEqual({});
  });
});

describe('refused, as readers of ini files disagree about it:', () => {
  test.each<[string, string, SettingValue, string]>([
    ['a list', 'k', ['a'], 'list'],
    [
      'a section in a section',
      'k',
      { in: { deep: 1 } },
      'in: an ini file has one level of sections',
    ],
    ['a list in a section', 'k', { in: [] }, 'in: an ini file cannot hold a list'],
    ['no name', '', 'v', 'empty'],
    ['a name with =', 'a=b', 'v', '`=`'],
    ['a name with :', 'a:b', 'v', '`:`'],
    ['a name like a section', '[a', 'v', '`[`'],
    ['a section with ]', 'a]b', { k: 1 }, '`]`'],
    ['a name like a comment', '#a', 'v', '`#`'],
    ['a name with a line break', 'a\nb', 'v', 'a line break'],
    ['a name with a blank around it', ' a', 'v', 'blank'],
    ['a reserved name', '__proto__', 'v', 'reserved'],
    ['a line break', 'k', 'a\nadmin = yes', 'a line break'],
    ['a carriage return', 'k', 'a\rb', 'U+000D'],
    ['a NUL', 'k', 'a\u0000', 'U+0000'],
    ['a line separator', 'k', 'a\u2028b', 'U+2028'],
    ['half a character', 'k', 'a\ud800', 'U+D800'],
    ['a blank at the end', 'k', 'a ', 'blank'],
    ['a blank only', 'k', ' ', 'blank'],
    ['a comment inside', 'k', 'a ; b', 'comment'],
    ['another comment inside', 'k', 'a #b', 'comment'],
    ['a comment only', 'k', ';b', 'comment'],
    ['a line that goes on', 'k', 'a\\', 'joins'],
    ['no number', 'k', Number.NaN, 'number'],
    ['no end', 'k', Infinity, 'number'],
  ])('%s', async (_, key, value, why) => {
    expect(iniSettingProblem(key, value)).toContain(why);
    const result = await render(mapOf([[key, value]]));
    expect(result.ok).toBe(false);
  });

  test('all at once, each by its path', async () => {
    const result = await render({ good: 1, bad: [], tls: { key: 'a\nb', 'c=': 1 } });
    expect(
      result.ok
        ? []
        : result.error.map((problem) => (problem.at === 'setting' ? problem.path : [])),
    ).toEqual([['bad'], ['tls', 'key'], ['tls', 'c=']]);
  });
});

describe('read back', () => {
  test('every value is text, and no map has a prototype', () => {
    const settings = readBack('a = true\nb = null\nc=1.10\nd = "q"\ne = x;y#z\n[a.b]\n"');
    expect(settings).toBe('line 7: is neither `key = value` nor `[section]`');
    const good = readBack(
      'a = true\nb = null\nc=1.10\nd = "q"\ne = x;y#z\n\n# c\n[s.t]\nconstructor2 = \n',
    );
    expect(good).toEqual(
      mapOf([
        ['a', 'true'],
        ['b', 'null'],
        ['c', '1.10'],
        ['d', '"q"'],
        ['e', 'x;y#z'],
        ['s.t', { constructor2: '' }],
      ]),
    );
    expect(Object.getPrototypeOf(good)).toBeNull();
    expect(typeof good === 'object' && Object.getPrototypeOf(good['s.t'])).toBeNull();
  });

  test('with the line ends of Windows', () => {
    expect(readBack('a = 1\r\n[s]\r\nb = 2\r\n')).toEqual({ a: '1', s: { b: '2' } });
  });

  test.each([
    ['a = 1\na = 2', 'line 2: repeats a'],
    ['[s]\na = 1\n[s]', 'line 3: repeats s'],
    ['a = 1\n[a]', 'line 2: repeats a'],
    ['[s', 'line 1: is neither'],
    ['[s = 1', 'line 1: a name in an ini file cannot hold `[`'],
    ['a[] = 1', 'line 1: a name in an ini file cannot hold `[`'],
    ['= 1', 'line 1: the name is empty'],
    ['__proto__ = 1', 'line 1: the name is reserved'],
    ['a = 1 ; c', 'line 1: the value holds'],
    ['a = \u0000', 'line 1: a value in an ini file cannot hold'],
  ])('%j is refused: %s', (text, why) => {
    expect(readBack(text)).toContain(why);
  });

  test('the same key in two sections is no repetition', () => {
    expect(readBack('[a]\nport = 1\n[b]\nport = 2')).toEqual({
      a: { port: '1' },
      b: { port: '2' },
    });
  });
});

test('whatever can be written reads back as it was, with values as text', async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(hostileSettings(), async (settings) => {
      const usable = Object.entries(settings).filter(
        ([key, value]) => iniSettingProblem(key, value) === undefined,
      );
      written += usable.length;
      const good = mapOf(usable);
      expect(readBack(await rendered(good))).toEqual(asTexts(good));
    }),
    { numRuns: 1500 },
  );
  expect(written).toBeGreaterThan(500);
});

test('a file with any setting that the rule refuses is refused', async () => {
  await fc.assert(
    fc.asyncProperty(hostileSettings(), async (settings) => {
      const isRefused = Object.entries(settings).some(
        ([key, value]) => iniSettingProblem(key, value) !== undefined,
      );
      expect((await render(settings)).ok).toBe(!isRefused);
    }),
  );
});

test('what somebody else wrote is read or refused, never thrown', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '=',
    ':',
    ';',
    '#',
    ' ',
    '\n',
    '\r',
    'a',
    'b',
    '"',
    "'",
    '.',
    '\\',
    '[]',
    '__proto__',
    'null',
    'true',
  );
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 40 }), (text) => {
      expect(['string', 'object']).toContain(typeof readBack(text));
    }),
    { numRuns: 3000 },
  );
});

function hostileSettings(): fc.Arbitrary<SettingMap> {
  const character = fc.constantFrom(
    ...Array.from('ab1. -_/=:;#[]\\"\'$%{}!,é🙂\n\r\t\u0000\u00a0\u2028\ufeff'),
    '\ud800',
  );
  const text = fc.string({ unit: character, maxLength: 5 });
  const friendly = fc.string({
    unit: fc.constantFrom(...Array.from('ab1.-_ =:"\'é🙂;#')),
    maxLength: 8,
  });
  const word = fc.constantFrom(
    'true',
    'null',
    'false',
    'constructor',
    '__proto__',
    'toString',
    '1.10',
    '0',
    'a.b',
    '"a.b"',
    "'null'",
    'hasOwnProperty',
  );
  const scalar = fc.oneof(text, friendly, word, fc.double(), fc.integer(), fc.boolean());
  const key = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.string({
        unit: fc.constantFrom(...Array.from('ab1.-_ ')),
        minLength: 1,
        maxLength: 4,
      }),
    },
    text,
    word,
  );
  const section = fc.array(fc.tuple(key, scalar), { maxLength: 3 }).map(mapOf);
  const value: fc.Arbitrary<SettingValue> = fc.oneof(
    scalar,
    section,
    fc.array(scalar, { maxLength: 2 }),
  );
  return fc.array(fc.tuple(key, value), { maxLength: 6 }).map(mapOf);
}

function mapOf(entries: readonly (readonly [string, SettingValue])[]): SettingMap {
  const map = emptySettings();
  for (const [key, value] of entries) map[key] = value;
  return map;
}

async function render(settings: SettingMap) {
  const product = parseProductName('store');
  if (product === undefined) throw new Error('no name');
  return renderConfig('ini', {
    product,
    version: undefined,
    mode: 'idle',
    root: '',
    settings,
    template: undefined,
  });
}

async function rendered(settings: SettingMap): Promise<string> {
  const result = await render(settings);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function readBack(text: string): SettingMap | string {
  const result = readConfig('ini', text);
  return result.ok ? result.value : result.error;
}
