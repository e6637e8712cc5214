import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from '../../src/format/json.ts';
import type { YamlValue } from '../../src/format/yaml-value.ts';
import { toPlain } from '../../src/format/yaml-value.ts';

function rootOf(text: string): YamlValue {
  const read = readJson(text, 'a.json');
  if (!read.ok) throw new Error(read.error.summary);
  return read.value.root;
}

function faultOf(text: string) {
  const read = readJson(text, 'a.json');
  if (read.ok) throw new Error(`${text} was read`);
  return read.error;
}

describe('a JSON file', () => {
  test('has the values that JSON.parse finds, whatever the layout', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(JSON.stringify(toPlain(rootOf(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('is refused exactly where JSON.parse refuses it', () => {
    const piece = fc.constantFrom(
      ...'{ } [ ] , : " \\ \n 1 - . e "a" true nul \\u00 \u0085'.split(' '),
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(readJson(text, 'a.json').ok).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('has the place of each key and value', () => {
    expect(rootOf('{\n  "a": [1, "two"]\n}')).toMatchObject({
      kind: 'map',
      span: { file: 'a.json', line: 1, column: 1 },
      entries: [
        {
          key: 'a',
          keySpan: { line: 2, column: 3, endColumn: 6 },
          value: {
            kind: 'list',
            span: { line: 2, column: 8 },
            items: [
              { value: 1, source: '1', span: { line: 2, column: 9, endColumn: 10 } },
              { value: 'two', source: 'two', span: { line: 2, column: 12, endColumn: 17 } },
            ],
          },
        },
      ],
    });
  });

  test('may begin with a byte order mark', () => {
    expect(rootOf('\uFEFF{}').kind).toBe('map');
  });
});

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== undefined;
  } catch {
    return false;
  }
}

describe('refused, with its place:', () => {
  test.each([
    ['nothing', '', '1:1', 'the end of the file where a value'],
    ['an open map', '{"a": 1', '1:8', 'the end of the file where "," or "}"'],
    ['a comma too many', '{\n  "a": 1,\n}', '3:1', 'remove the comma before it'],
    ['a comma too few', '[1 2]', '1:4', 'found "2" where "," or "]"'],
    ['a comment', '{\n  // why\n}', '2:3', 'JSON has no comments'],
    ['single quotes', `{"a": 'x'}`, '1:7', 'use double quotes'],
    ['a bare key', '{a: 1}', '1:2', 'found "a" where a key in double quotes'],
    ['a bare word', '{"a": yes}', '1:7', 'found "yes" where a value'],
    ['an equals sign', '{"a" = 1}', '1:6', '":" after the key'],
    ['a text over two lines', '{"a": "x\ny"}', '1:7', 'close the text on its line'],
    ['two values', '{} {}', '1:4', 'where the end of the file'],
    ['a number that is none', '{"a": 01}', '1:8', 'found "1"'],
  ])('%s', (_, text, place, words) => {
    const { code, span, summary, fix } = faultOf(text);
    expect(code).toBe('json-syntax');
    expect(`${span?.line}:${span?.column}`).toBe(place);
    expect(`${summary} ${fix}`).toContain(words);
  });

  test('a key that is there twice', () => {
    expect(faultOf('{"a": 1,\n "\\u0061": 2}')).toMatchObject({
      code: 'duplicate-key',
      span: { line: 2, column: 2, endColumn: 10 },
      detail: 'it was there first on line 1; only one of them can hold',
    });
  });

  test('what is nested deeper than a person writes', () => {
    expect(faultOf('['.repeat(100_000)).summary).toBe('nesting deeper than 100');
  });
});
