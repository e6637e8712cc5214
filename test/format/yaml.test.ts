import { describe, expect, test } from 'vitest';
import { inspectYaml, readYaml } from '../../src/format/yaml.ts';
import { toPlain } from '../../src/format/yaml-value.ts';

function plain(text: string): unknown {
  const read = readYaml(text, 'a.yaml');
  if (!read.ok) throw new Error(read.error.map(({ summary }) => summary).join('\n'));
  return JSON.parse(JSON.stringify(toPlain(read.value)));
}

function problems(text: string): readonly string[] {
  const read = readYaml(text, 'a.yaml');
  return read.ok ? [] : read.error.map(({ span, code }) => `${span?.line}:${span?.column} ${code}`);
}

describe('what is read', () => {
  test.each([
    ['block and flow', 'a:\n  b: [1, {c: d}]\n', { a: { b: [1, { c: 'd' }] } }],
    [
      'the core schema of YAML 1.2',
      'a: yes\nb: true\nc: 0o17\nd: ~\ne: 1e3\nf: 2026-01-01\n',
      { a: 'yes', b: true, c: 15, d: null, e: 1000, f: '2026-01-01' },
    ],
    ['keys as text', '1: a\ntrue: b\n"": c\n', { 1: 'a', true: 'b', '': 'c' }],
    ['CRLF and BOM', '\uFEFFa: 1\r\nb: "x"\r\n', { a: 1, b: 'x' }],
    ['one document with its marks', '---\na: 1\n...\n# end\n', { a: 1 }],
    [
      'brackets, stars and ampersands in text',
      "a: |\n  &x [[[ *y !z\nb: it's [[ & *\nc: '<<'\n",
      { a: '&x [[[ *y !z\n', b: "it's [[ & *", c: '<<' },
    ],
  ])('%s', (_, text, value) => {
    expect(plain(text)).toEqual(value);
  });

  test('values come with the place and the text as written', () => {
    const read = readYaml('\uFEFFa:\r\n  version: 1.10 # ?\r\n  none:\r\n', 'a.yaml');
    expect(read).toMatchObject({
      ok: true,
      value: {
        entries: [
          {
            key: 'a',
            keySpan: { file: 'a.yaml', line: 1, column: 1, endColumn: 2 },
            value: {
              kind: 'map',
              span: { line: 2, column: 3 },
              entries: [
                {
                  value: {
                    value: 1.1,
                    source: '1.10',
                    span: { line: 2, column: 12, endColumn: 16 },
                  },
                },
                { value: { value: null, source: '', span: { line: 3, column: 3, endColumn: 7 } } },
              ],
            },
          },
        ],
      },
    });
  });

  test('maps have no prototype', () => {
    const read = readYaml('a: {b: 1}', 'a.yaml');
    const value = read.ok ? toPlain(read.value) : undefined;
    expect(Object.getPrototypeOf(value)).toBeNull();
  });
});

describe('what is refused', () => {
  test.each([
    ['nothing', '', ['1:1 yaml-empty']],
    ['only a comment', '# x\n', ['1:1 yaml-empty']],
    ['a list', '- 1\n', ['1:1 yaml-not-a-map']],
    ['a text', 'hello\n', ['1:1 yaml-not-a-map']],
    ['null', '~\n', ['1:1 yaml-not-a-map']],
    ['a second document', 'a: 1\n---\nb: 2\n', ['2:1 yaml-second-document']],
    ['a second document after an end', 'a: 1\n...\nb: 2\n', ['3:1 yaml-second-document']],
    ['a directive', '%YAML 1.1\n---\na: yes\n', ['1:1 yaml-directive']],
    ['an anchor and its alias', 'a: &x 1\nb: *x\n', ['1:4 yaml-anchor', '2:4 yaml-alias']],
    ['an anchor without a name', 'a: & 1\n', ['1:4 yaml-anchor']],
    ['an alias without an anchor', 'a: [*x, *y]\n', ['1:5 yaml-alias', '1:9 yaml-alias']],
    [
      'tags',
      'a: !!js/function x\nb: !secret y\nc: !!str 1\n',
      ['1:4 yaml-tag', '2:4 yaml-tag', '3:4 yaml-tag'],
    ],
    ['a merge key', 'a:\n  <<: {b: 1}\n', ['2:3 yaml-merge-key']],
    [
      'duplicate keys',
      'a: 1\nb: {c: 1, c: 2}\na: 3\n',
      ['2:11 duplicate-key', '3:1 duplicate-key'],
    ],
    ['keys that are the same text', '1: a\n"1": b\n', ['2:1 duplicate-key']],
    [
      'reserved keys',
      'a: {__proto__: 1, constructor: 2}\n"prototype": 3\n',
      ['1:5 reserved-key', '1:19 reserved-key', '2:1 reserved-key'],
    ],
    ['a key that is a list', '? [a]\n: 1\n', ['1:3 yaml-key-not-text']],
    ['a tab', 'a:\n\tb: 1\n', ['2:1 yaml-tab']],
    ['a colon too many', 'a: b: c\n', ['1:4 yaml-syntax']],
    ['a bracket that is not closed', 'a: [1\nb: 2\n', ['2:1 yaml-syntax']],
    [
      'control characters',
      'a: x\0y\nb: \x1b[31m\n\x85c: \x9b\n',
      ['1:5 yaml-control-character', '2:4 yaml-control-character', '3:5 yaml-control-character'],
    ],
    ['a lone carriage return', 'a: 1\rb: 2\n', ['1:5 yaml-control-character']],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('what can be read is handed out beside the problems', () => {
    const { root, problems: found } = inspectYaml('a: &x 1\nb: 2\nb: 3\n', 'a.yaml');
    expect(root && JSON.stringify(toPlain(root))).toBe('{"a":1,"b":2}');
    expect(found).toHaveLength(2);
  });
});

describe('hostile files are refused quickly, again and again', () => {
  const deep = ['1:33 yaml-too-deep'];
  const LEVELS = 20_000;
  test.each([
    ['brackets', '['.repeat(LEVELS), deep],
    ['braces', '{a: '.repeat(LEVELS), ['1:129 yaml-too-deep']],
    ['dashes', '- '.repeat(LEVELS), ['1:65 yaml-too-deep']],
    ['question marks', '? '.repeat(LEVELS), ['1:65 yaml-too-deep']],
    [
      'indentation',
      Array.from({ length: 3000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
      ['33:34 yaml-too-deep'],
    ],
  ])('%s', (_, text, expected) => {
    for (let time = 0; time < 5; time++) expect(problems(text)).toEqual(expected);
    expect(plain('a: 1')).toEqual({ a: 1 });
  });

  test('32 levels are enough for anybody, 33 are too many', () => {
    expect(problems(`a: ${'['.repeat(31)}${']'.repeat(31)}`)).toEqual([]);
    expect(problems(`a: ${'['.repeat(32)}${']'.repeat(32)}`)).toEqual(['1:35 yaml-too-deep']);
  });

  test('an alias bomb', () => {
    const lines = Array.from(
      { length: 9 },
      (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join()}]`,
    );
    const found = problems(['a0: &a0 [x]', ...lines].join('\n'));
    expect(found).toHaveLength(100);
    expect(found[0]).toBe('1:5 yaml-anchor');
  });

  test('a file larger than 16 MiB', () => {
    expect(problems('#'.repeat(16 * 1024 * 1024 + 1))).toEqual(['1:1 yaml-too-large']);
  });

  test('thousands of syntax errors on one line are one', () => {
    expect(problems(`a: ${'] '.repeat(5000)}`)).toEqual(['1:4 yaml-syntax']);
  });

  test('a binary file is told in a few lines', () => {
    expect(problems('\0'.repeat(100_000))).toEqual(['1:1 yaml-control-character']);
    expect(problems('\0ELF'.repeat(100_000))).toHaveLength(20);
  });

  test('20,000 keys in one map take no quadratic time', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `key${index}: v`).join('\n');
    const before = process.cpuUsage();
    expect(problems(text)).toEqual([]);
    // In microseconds of this process alone, whatever else the machine does; quadratic: half a minute, usual: half a second.
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });
});
