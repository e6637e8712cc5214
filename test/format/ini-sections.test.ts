import fc from 'fast-check';
import { parse } from 'ini';
import { describe, expect, test } from 'vitest';
import { readIniSections } from '../../src/format/ini-sections.ts';

const FILE = '/etc/bootstrap/bootstrap.ini';

describe('a good file', () => {
  test('as the old tool left it: both separators, blanks in names, comments of every kind', () => {
    const text = [
      '# bootstrap.ini of gateway-3',
      '[bootstrap]',
      'bootstrap-version: 1',
      'Server-Type: gateway',
      '',
      '; products',
      '   ; an indented comment',
      '[product: gateway]   ; the main one',
      'upgrade-script: /etc/bootstrap/upgrade-gateway ; argv: REPOSITORY VERSION MODE',
      'mode-script=/etc/bootstrap/mode-gateway;keeps this',
      'heartbeat = http://127.0.0.1:8404/healthz?a=b#frag',
      'empty =',
      'commented =  ; nothing',
    ].join('\n');
    expect(shape(text)).toEqual([
      [
        'bootstrap',
        [
          ['bootstrap-version', '1'],
          ['server-type', 'gateway'],
        ],
      ],
      [
        'product: gateway',
        [
          ['upgrade-script', '/etc/bootstrap/upgrade-gateway'],
          ['mode-script', '/etc/bootstrap/mode-gateway;keeps this'],
          ['heartbeat', 'http://127.0.0.1:8404/healthz?a=b#frag'],
          ['empty', ''],
          ['commented', ''],
        ],
      ],
    ]);
  });

  test.each([
    ['a BOM', '\uFEFF[a]\nk = v\n'],
    ['CRLF', '[a]\r\nk = v\r\n'],
    ['no end of line at its end', '[a]\nk = v'],
    ['tabs', '[a]\nk\t=\tv\t; c'],
    ['blanks inside the brackets', '[ a ]\nk=v'],
  ])('with %s', (_, text) => {
    expect(shape(text)).toEqual([['a', [['k', 'v']]]]);
  });

  test('keeps what npm ini changes: true, null, quotes, `;` inside a word, dots of a section', () => {
    expect(shape(`[a.b]\nt = true\nn = null\nq = "x"\npw = ab;cd\nnull = 1`)).toEqual([
      [
        'a.b',
        [
          ['t', 'true'],
          ['n', 'null'],
          ['q', '"x"'],
          ['pw', 'ab;cd'],
          ['null', '1'],
        ],
      ],
    ]);
  });

  test('nothing at all', () => {
    expect(shape('')).toEqual([]);
    expect(shape('\n; only words\n\n')).toEqual([]);
  });

  test('spans cover name, key and value', () => {
    const result = readIniSections('\uFEFF[ a ]  ; x\nkey  =  some value  ; c\nnone =\n', FILE);
    const [section] = result.ok ? result.value : [];
    expect(section?.span).toEqual({ file: FILE, line: 1, column: 3, endColumn: 4 });
    const [entry, none] = section?.entries ?? [];
    expect(entry?.keySpan).toEqual({ file: FILE, line: 2, column: 1, endColumn: 4 });
    expect(entry?.valueSpan).toEqual({ file: FILE, line: 2, column: 9, endColumn: 19 });
    expect(entry?.sourceLine).toBe('key  =  some value  ; c');
    expect(none?.valueSpan).toEqual({ file: FILE, line: 3, column: 7, endColumn: 8 });
  });
});

describe('refused, with its place:', () => {
  test.each([
    ['a section without its end', '[product: nginx\nk = v', 'ini-section-unclosed', '1:1-16'],
    ['a section whose end is in a comment', '[a ;b]', 'ini-section-unclosed', '1:1-3'],
    ['a section without a name', '[ ]', 'ini-section-unnamed', '1:1-4'],
    ['text after a section', '[a] k = v', 'ini-text-after-section', '1:4-10'],
    ['a second section of one name', '[a]\nk=1\n[ a ]\nk=2', 'ini-section-repeated', '3:3-4'],
    ['[DEFAULT], which Python spreads', '[DEFAULT]\nk=v', 'ini-default-section', '1:2-9'],
    ['a second key of one name', '[a]\nk = 1\nK : 2', 'ini-key-repeated', '3:1-2'],
    ['a continuation line', '[a]\nk = 1\n  more', 'ini-line-indented', '3:1-3'],
    ['an indented key', '[a]\n\tk = 1', 'ini-line-indented', '2:1-2'],
    ['a line of words', '[a]\njust words ; c', 'ini-no-separator', '2:1-11'],
    ['a separator in a comment only', '[a]\nkey ; = 1', 'ini-no-separator', '2:1-4'],
    ['an empty key', '[a]\n= 1', 'ini-key-empty', '2:1-2'],
    ['a key above all sections', 'k = 1\n[a]', 'ini-key-before-section', '1:1-2'],
    ['a NUL', '[a]\nk = a\u0000b', 'ini-control-character', '2:6-7'],
    ['an escape sequence', '[a]\n; \u001b[2J', 'ini-control-character', '2:3-4'],
    ['a lone carriage return', '[a]\nk = 1\rj = 2', 'ini-control-character', '2:6-7'],
    ['a line separator of Unicode', '[a]\nk = 1\u2028j = 2', 'ini-control-character', '2:6-7'],
    ['a reserved key', '[a]\n__proto__ = 1', 'ini-name-reserved', '2:1-10'],
    ['a reserved section', '[constructor]', 'ini-name-reserved', '1:2-13'],
  ])('%s', (_, text, code, place) => {
    const [problem, ...others] = problems(text);
    expect(others).toEqual([]);
    expect(problem?.code).toBe(code);
    expect(placeOf(problem?.span)).toBe(place);
    expect(problem?.sourceLine).toBe(text.split('\n')[Number(place.split(':')[0]) - 1]);
    expect(problem?.severity).toBe('error');
    expect(problem?.fix).toBeTruthy();
  });

  test('all of them at once, in their order', () => {
    const text = 'k = 1\n[a\nx = 1\nwords\n[b]\ny = 1\ny = 2\n  z\n[b]\ny = 3';
    expect(problems(text).map(({ code, span }) => `${span?.line} ${code}`)).toEqual([
      '1 ini-key-before-section',
      '2 ini-section-unclosed',
      '4 ini-no-separator',
      '7 ini-key-repeated',
      '8 ini-line-indented',
      '9 ini-section-repeated',
    ]);
  });

  test('a repeated name says where the first one stands', () => {
    expect(problems('[a]\nk = 1\nk = 2').map(({ detail }) => detail)).toEqual([
      'it stands first in line 2, with the value 1',
    ]);
    expect(problems('[a]\n\n[a]').map(({ detail }) => detail)).toEqual([
      'it stands first in line 1',
    ]);
  });
});

test('npm ini reads the same out of the same lines, once they are quoted for it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(section(), { selector: ({ name }) => name, maxLength: 4 }),
      (sections) => {
        const text = sections.map(written).join('');
        const read = shape(text);
        expect(read).toEqual(
          sections.map(({ name, entries }) => [
            name,
            entries.map(({ key, value }) => [key, value]),
          ]),
        );
        expect(byNpmIni(read)).toEqual(
          Object.fromEntries(read.map(([name, entries]) => [name, Object.fromEntries(entries)])),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('whatever the bytes: sections, or problems with a place in the file', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '=',
    ':',
    ';',
    ' ;',
    '#',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    'a',
    'b',
    '\u0000',
    '"',
    '.',
    '\uFEFF',
  );
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 60 }), (text) => {
      const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
      for (const { span, sourceLine } of problems(text)) {
        expect(sourceLine).toBe(lines[(span?.line ?? 0) - 1]);
        expect(span?.column).toBeGreaterThan(0);
        expect(span?.endColumn).toBeGreaterThan(span?.column ?? 0);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a line of a million blanks takes no time', () => {
  const startedAtMs = performance.now();
  problems(
    `[a]\nk = ${' '.repeat(1_000_000)}x\nj =${'\t;'.repeat(100_000)}\n${'['.repeat(100_000)}`,
  );
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
});

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly separator: string;
  readonly comment: string;
}

function section() {
  const wordsOf = (characters: string) => {
    const word = fc.string({
      unit: fc.constantFrom(...Array.from(characters)),
      minLength: 1,
      maxLength: 8,
    });
    return fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '));
  };
  // Without brackets and backslashes, which mean something of their own to npm ini in a name.
  const names = wordsOf('abz09-_./;#"\'{}$%é').filter((text) => !/(?:^|\s)[;#]/.test(text));
  const values = wordsOf('abz09-_./;#"\'\\[]{}$%é=:').filter((text) => !/(?:^|\s);/.test(text));
  const entry: fc.Arbitrary<Entry> = fc.record({
    key: names,
    value: fc.oneof(values, fc.constantFrom('', 'true', 'null', '1.10', '"q"')),
    separator: fc.constantFrom('=', ':', ' = ', ' : ', '\t=  '),
    comment: fc.constantFrom('', ' ; c = d', '\t;', '  '),
  });
  return fc.record({
    name: names,
    entries: fc.uniqueArray(entry, { selector: ({ key }) => key, maxLength: 5 }),
  });
}

function written({
  name,
  entries,
}: {
  readonly name: string;
  readonly entries: readonly Entry[];
}): string {
  const lines = entries.map(
    ({ key, separator, value, comment }) => `${key}${separator}${value}${comment}\n`,
  );
  return `[${name}] ; s\n# c\n\n${lines.join('')}`;
}

// What the strict reader read, in words that npm ini cannot misread: quoted, and marked, as it changes `true` and `null` even in quotes.
function byNpmIni(sections: readonly Shape[]): unknown {
  const text = sections.map(([name, entries]) => {
    const lines = entries.map(
      ([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(`=${value}`)}\n`,
    );
    return `[${JSON.stringify(name.replaceAll('.', '\\.'))}]\n${lines.join('')}`;
  });
  return JSON.parse(JSON.stringify(parse(text.join(''))), (_, value: unknown) =>
    typeof value === 'string' ? value.slice(1) : value,
  );
}

type Shape = readonly [string, readonly (readonly [string, string])[]];

function shape(text: string): readonly Shape[] {
  const result = readIniSections(text, FILE);
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value.map(({ name, entries }) => [
    name,
    entries.map(({ key, value }) => [key, value] as const),
  ]);
}

function problems(text: string) {
  const result = readIniSections(text, FILE);
  return result.ok ? [] : result.error;
}

function placeOf(
  span: { readonly line: number; readonly column: number; readonly endColumn: number } | undefined,
): string {
  return `${span?.line}:${span?.column}-${span?.endColumn}`;
}
