import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { writeYaml } from '../../src/format/yaml-text.ts';
import { readYaml } from '../../src/format/yaml.ts';
import { toPlain } from '../../src/format/yaml-value.ts';
import type { AnnotatedNode } from '../../src/model/annotated.ts';
import type { SettingMap, SettingValue } from '../../src/model/settings.ts';

const RUNS = { numRuns: 2000 };

/** Texts that a careless writer would have read back as something else. */
const TRICKY = [
  ...'~ null true No y on 1 1.10 007 0x1F 1e3 .inf - -a ? : a: a:b a#b # !a &a *a %a @a `a | > " [ {}'.split(
    ' ',
  ),
  ..."' --- ... << = / 2026-12-01 12:30:45 C:\\x constructors 💥".split(' '),
  '',
  ' ',
  'a ',
  ' a',
  '- a',
  '? a',
  'a: b',
  'a #b',
  'a, b',
  'a\nb',
  '\t',
  'a\tb',
  '/srv: x',
  '\u0000',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ue000',
  '\ud800',
  'a\u00a0b',
];

describe('what is written', () => {
  test('is read back as it was, whatever is said beside it', () => {
    fc.assert(
      fc.property(anySettings(), anyText(), (settings, remark) => {
        const read = readYaml(writeYaml(nodesOf(settings, remark)), 'x.yaml');
        expect(read.ok ? toPlain(read.value) : read.error).toEqual(settings);
      }),
      RUNS,
    );
  });

  test('is a comment, as a whole, where it is off', () => {
    fc.assert(
      fc.property(anySettings(), anyText(), (settings, remark) => {
        const nodes: readonly AnnotatedNode[] = [
          { kind: 'off', nodes: nodesOf(settings, remark) },
          { kind: 'entry', key: 'last', value: 1, quotes: 'needed', remark: undefined },
        ];
        expect(parseDocument(writeYaml(nodes)).toJS()).toEqual({ last: 1 });
      }),
      RUNS,
    );
  });

  test('is in use again once its # is taken away', () => {
    fc.assert(
      fc.property(anySettings(), (settings) => {
        const text = writeYaml([{ kind: 'off', nodes: nodesOf(settings, 'said') }]);
        expect(text.replaceAll(/^# ?/gm, '')).toBe(writeYaml(nodesOf(settings, 'said')));
      }),
      RUNS,
    );
  });
});

test.each([
  ['/srv/packages', '/srv/packages'],
  ['http://127.0.0.1:80/', 'http://127.0.0.1:80/'],
  ['Hello, you!', 'Hello, you!'],
  ['1.10', '"1.10"'],
  ['no', '"no"'],
  ['a: b', '"a: b"'],
  ['', '""'],
  [8080, '8080'],
  [true, 'true'],
  [[1, 'a', { b: 'no' }], '[1, a, {b: "no"}]'],
  [[], '[]'],
  [{}, '{}'],
])('%j is written as %s', (value, written) => {
  const node: AnnotatedNode = {
    kind: 'entry',
    key: 'x',
    value,
    quotes: 'needed',
    remark: undefined,
  };
  expect(writeYaml([node])).toBe(`x: ${written}\n`);
});

test('a text is quoted where that is asked for', () => {
  const node = { kind: 'entry', key: 'x', quotes: 'always', remark: undefined } as const;
  expect(writeYaml([{ ...node, value: 'a' }])).toBe('x: "a"\n');
});

test('a map of comments alone is an empty map', () => {
  const remark: AnnotatedNode = { kind: 'remark', text: 'nothing yet' };
  const text = writeYaml([{ kind: 'map', key: 'x', remark: 'said', nodes: [remark] }]);
  expect(text).toBe('x: {}  # said\n  # nothing yet\n');
  expect(parse(text)).toEqual({ x: {} });
});

function nodesOf(settings: SettingMap, remark: string): readonly AnnotatedNode[] {
  const entries = Object.entries(settings).map(([key, value]): AnnotatedNode => ({
    kind: 'entry',
    key,
    value,
    quotes: 'needed',
    remark,
  }));
  return [{ kind: 'remark', text: remark }, { kind: 'gap' }, ...entries];
}

function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...TRICKY),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(...'ab :#-"\'\\,[]{}?!&*|>%@`~./0123=\n\t'.split('')),
      maxLength: 8,
    }),
  );
}

function anySettings(): fc.Arbitrary<SettingMap> {
  const reserved = ['__proto__', 'constructor', 'prototype', '<<'];
  const name = anyText().filter((text) => !reserved.includes(text));
  const scalar: fc.Arbitrary<SettingValue> = fc.oneof(
    anyText(),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((each) => !Object.is(each, -0)),
  );
  const { value } = fc.letrec<{ value: SettingValue; map: SettingMap }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
    map: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: false }),
  }));
  return fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 });
}
