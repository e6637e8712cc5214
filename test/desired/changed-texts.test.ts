import { describe, expect, test } from 'vitest';
import { brief, inJson, parse, problemsOf as problemsIn, serverWith, withHead } from './server.ts';

const server = serverWith(inJson('web'));
const problemsOf = (text: string) => problemsIn(text, server);

const setting = (written: string) => withHead(`products: {web: {settings: {a: ${written}}}}`);

describe('a setting whose text would change is refused, with the form that keeps it', () => {
  test.each([
    ['1.10', '1.1'],
    ['1.0', '1'],
    ['0644', '644'],
    ['007', '7'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1E3', '1000'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['-0', '0'],
    ['9007199254740993', '9007199254740992'],
    ['12345678901234567890', '12345678901234567000'],
    ['0.1000000000000000055511151231257827', '0.1'],
    ['1_000', '1000'],
    ['-1_000.5', '-1000.5'],
  ])('%s', (written, becomes) => {
    const [problem, ...others] = problemsOf(setting(written));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'number-changes',
      span: { line: 3, column: 32, endColumn: 32 + written.length },
      fix: `write a: "${written}", or a: ${becomes}`,
    });
  });

  test.each(['True', 'TRUE', 'False', 'FALSE'])('%s', (written) => {
    const [problem, ...others] = problemsOf(setting(written));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'word-changes',
      fix: `write a: "${written}", or a: ${written.toLowerCase()}`,
    });
  });
});

describe('what is kept as it is written is taken', () => {
  test.each<[string, unknown]>([
    ['"1.10"', '1.10'],
    ["'1_000'", '1_000'],
    ['1.5', 1.5],
    ['-7', -7],
    ['0', 0],
    ['1e+21', 1e21],
    ['true', true],
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['1:30', '1:30'],
    ['2026-11-22', '2026-11-22'],
    ['1.2.3', '1.2.3'],
    ['a_1', 'a_1'],
    ['0b11', '0b11'],
  ])('%s', (written, value) => {
    // 1e21 is refused all the same, for what comes after 2^53 is not exact.
    const parsed = parse(setting(written), server);
    if (value === 1e21)
      expect(problemsOf(setting(written)).map(brief)).toEqual(['3:32 inexact-number']);
    else
      expect(parsed.ok && [...parsed.value.products.values()][0]?.settings).toEqual({ a: value });
  });
});

test('also in maps and lists, all at once, beside other mistakes', () => {
  const text = withHead(
    'products:',
    '  web:',
    '    version: 1.10',
    '    settings:',
    '      a: {b: [1, 010]}',
    '      c: |',
    '        0644',
    '      d: 1.50 # x',
    '      e: .inf',
    '      f: 0644\n      g: ~',
    'policy: {maxChanges: 010}',
  );
  expect(problemsOf(text).map(brief)).toEqual([
    '5:14 wrong-type',
    '7:18 number-changes',
    '10:10 number-changes',
    '12:10 number-changes',
  ]); // what only whole documents are asked for comes after the first is mended
  expect(problemsOf(text.replace('1.10', '"1"')).map(brief)).toEqual([
    '7:18 number-changes',
    '10:10 number-changes',
    '11:10 inexact-number',
    '12:10 number-changes',
    '13:10 empty-setting',
  ]);
});
