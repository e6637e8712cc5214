import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeSecret,
  readConfig,
  renderSettings,
  secretProblem,
  type ReadableConfigFormat,
} from '../../src/format/config.ts';
import { replaceTokens, secretToken } from '../../src/model/secret.ts';
import {
  asTexts,
  emptySettings,
  isSettingMap,
  type SettingMap,
  type SettingValue,
} from '../../src/model/settings.ts';

const settings = {
  port: 18_080,
  on: true,
  name: 'true',
  empty: '',
  hosts: ['a', { name: 'b', tags: [1, [2.5, '3']] }, []],
  tls: { key: '/k', deep: { none: {} } },
};

describe('written for people:', () => {
  test('json, by two blanks, its keys in their order', () => {
    expect(rendered('json', { port: 1, a: ['x'], tls: { on: false } })).toBe(`{
  "port": 1,
  "a": [
    "x"
  ],
  "tls": {
    "on": false
  }
}
`);
  });

  test('yaml, in blocks below a header', () => {
    expect(rendered('yaml', settings)).toBe(
      `# Written by bootstrap from the desired state of this server.
# An edit made here is drift: the next apply takes it back.
port: 18080
on: true
name: "true"
empty: ""
hosts:
  - a
  - name: b
    tags:
      - 1
      - - 2.5
        - "3"
  - []
tls:
  key: /k
  deep:
    none: {}
`.replace('on: true', '"on": true'),
    );
  });

  test('env, in quotes only where they are needed', () => {
    expect(rendered('env', { PORT: 80, ON: true, E: '', G: 'a b', S: '$x`"\\' }))
      .toBe(String.raw`# Written by bootstrap from the desired state of this server.
# An edit made here is drift: the next apply takes it back.
PORT=80
ON=true
E=
G="a b"
S="\$x\`\"\\"
`);
  });

  test.each<ReadableConfigFormat>(['json', 'yaml', 'env'])('%s of no settings', (format) => {
    expect(readConfig(format, rendered(format, {}))).toEqual({ ok: true, value: {} });
  });
});

describe('refused, each by its path:', () => {
  test.each<[ReadableConfigFormat, SettingMap, readonly (readonly string[])[]]>([
    [
      'json',
      { a: 1, b: [Infinity], c: { d: Number.NaN } },
      [
        ['b', '0'],
        ['c', 'd'],
      ],
    ],
    ['yaml', { a: ['\ud800'], 'k\udfff': 1 }, [['a', '0'], ['k\udfff']]],
    [
      'env',
      { A: [1], B: {}, 'c-d': 1, '1E': 1, F: 'a\nb', G: '\0', H: '\r', I: 'ok' },
      [['A'], ['B'], ['c-d'], ['1E'], ['F'], ['G'], ['H']],
    ],
  ])('%s', (format, given, paths) => {
    const result = renderSettings(format, given);
    const problems = result.ok ? [] : result.error;
    expect(problems.map((each) => (each.at === 'setting' ? each.path : []))).toEqual(paths);
  });
});

describe('what somebody else wrote', () => {
  test.each<[ReadableConfigFormat, string, string]>([
    ['json', '{"a": 1', 'line 1: not valid JSON'],
    ['json', '[1]', 'line 1: is no map'],
    ['json', '{\n"a": null}', 'line 2: a setting cannot be null'],
    ['yaml', 'a: 1\nb: [null]', 'line 2: a setting cannot be null'],
    ['yaml', '- 1', 'line 1: '],
    ['yaml', 'a: 1\na: 2', 'line 2: duplicate key'],
    ['env', 'A=1\nA=2', 'line 2: repeats A'],
    ['env', 'export A=1', 'line 1: is no KEY=value'],
    ['env', 'A=$B', 'line 1: is no KEY=value'],
    ['env', 'A="$B"', 'line 1: is no KEY=value'],
    ['env', 'A=b c', 'line 1: is no KEY=value'],
    ['env', 'A = b', 'line 1: is no KEY=value'],
    ['env', 'A=1\r\n', 'line 1: is no KEY=value'],
    ['env', 'A="b\nc"', 'line 1: is no KEY=value'],
  ])('%s %j is refused: %s', (format, text, why) => {
    const read = readConfig(format, text);
    expect(read.ok ? '' : read.error).toContain(why);
  });

  test('env in the quotes of either kind', () => {
    const read = readConfig('env', `; c\n\n# c\nA='$x\\'\n B="a\\b\\$" \nC=\n`);
    expect(read).toEqual({ ok: true, value: { A: '$x\\', B: 'a\\b$', C: '' } });
  });
});

describe('whatever can be written reads back as it was:', () => {
  test.each<ReadableConfigFormat>(['json', 'yaml'])('%s by its values', (format) => {
    let written = 0;
    fc.assert(
      fc.property(anySettings(), (given) => {
        const result = renderSettings(format, given);
        if (!result.ok) return;
        written += 1;
        expect(readConfig(format, result.value)).toEqual({ ok: true, value: given });
      }),
      { numRuns: 1000 },
    );
    expect(written).toBeGreaterThan(300);
  });

  test('env by its texts', () => {
    let written = 0;
    fc.assert(
      fc.property(flatSettings(), (given) => {
        const result = renderSettings('env', given);
        if (!result.ok) return;
        written += 1;
        expect(readConfig('env', result.value)).toEqual({ ok: true, value: asTexts(given) });
      }),
      { numRuns: 1000 },
    );
    expect(written).toBeGreaterThan(300);
  });

  test('env by sh', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootstrap-env-'));
    const values = [
      '',
      'a b',
      '$HOME',
      '`id`',
      '$(id)',
      '"',
      "'",
      '\\',
      '\\\\n',
      '\\"',
      'a;b#c',
      ' x ',
      'é🙂',
      '~',
      '*',
      '!',
      'a\tb',
      '\\$x',
      '&|<>',
    ];
    const given = mapOf(values.map((value, index) => [`K${index}`, value]));
    writeFileSync(join(folder, 'env'), rendered('env', given));
    const script = `. ./env; printf '%s\\n' ${values.map((_, index) => `"$K${index}"`).join(' ')}`;
    const told = execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(told.split('\n').slice(0, -1)).toEqual(values);
  });
});

describe('a secret', () => {
  const token = secretToken({ source: 'fromFile', name: '/a "b\\c' });

  test.each<ReadableConfigFormat>(['json', 'yaml', 'env', 'ini'])(
    'filled into %s later is the value that is read back',
    (format) => {
      fc.assert(
        fc.property(hostileText(), (value) => {
          if (secretProblem(format, value) !== undefined) return;
          const text = rendered(format, { key: token });
          const filled = replaceTokens(text, (found) => {
            expect(found).toBe(token);
            return escapeSecret(format, value);
          });
          expect(readConfig(format, filled)).toEqual({ ok: true, value: { key: value } });
        }),
        { numRuns: 500 },
      );
    },
  );

  test('that a format cannot hold is told', () => {
    expect(secretProblem('env', 'a\nb')).toContain('a line break');
    expect(secretProblem('json', 'a\nb')).toBeUndefined();
    expect(secretProblem('yaml', 'a\nb')).toBeUndefined();
    expect(secretProblem('template', 'a\nb')).toBeUndefined();
  });
});

function hostileText(): fc.Arbitrary<string> {
  const unit = fc.constantFrom(
    ...Array.from(
      'ab1. -_/=:;#[]\\"\'$`%{}!&*?|>~,é🙂\n\r\t\u0000\u0085\u00a0\u2028\ufeff\u{e0001}',
    ),
    '\ud800',
  );
  const word = fc.constantFrom(
    'true',
    'null',
    '~',
    '1.10',
    '0',
    'yes',
    '- a',
    'a: b',
    '2026-01-01',
    '\\ue000x\\ue001',
  );
  return fc.oneof(fc.string({ unit, maxLength: 6 }), word, fc.string({ maxLength: 8 }));
}

function anyScalar(): fc.Arbitrary<SettingValue> {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true }).map((each) => each + 0),
  );
  return fc.oneof(hostileText(), number, fc.boolean());
}

function anySettings(): fc.Arbitrary<SettingMap> {
  const { map } = fc.letrec<{ map: SettingMap; value: SettingValue }>((tie) => ({
    map: fc.array(fc.tuple(hostileText(), tie('value')), { maxLength: 4 }).map(mapOf),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      anyScalar(),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('map'),
    ),
  }));
  return map.filter((each) => isSettingMap(each));
}

function flatSettings(): fc.Arbitrary<SettingMap> {
  const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/);
  return fc.array(fc.tuple(key, anyScalar()), { maxLength: 5 }).map(mapOf);
}

function mapOf(entries: readonly (readonly [string, SettingValue])[]): SettingMap {
  const map = emptySettings();
  for (const [key, value] of entries) map[key] = value;
  return map;
}

function rendered(format: ReadableConfigFormat, given: SettingMap): string {
  const result = renderSettings(format, given);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
