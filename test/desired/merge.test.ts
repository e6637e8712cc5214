import { describe, expect, test } from 'vitest';
import { mergeTrees } from '../../src/desired/merge.ts';
import { loadDesired, readDesired } from '../../src/desired/load.ts';
import { readYaml } from '../../src/format/yaml.ts';
import { toPlain, type YamlMap } from '../../src/format/yaml-value.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { DocumentPath } from '../../src/model/document.ts';
import { absent, known } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';
import { inJson, named, serverWith, withHead } from './server.ts';

function tree(text: string, file: string): YamlMap {
  const read = readYaml(text, file);
  if (!read.ok) throw new Error(`${file} is not readable`);
  return read.value;
}

function merged(...texts: readonly string[]): unknown {
  const [first = '', ...later] = texts;
  const trees = later.map((text, index) => tree(text, `${index + 1}.yaml`));
  return JSON.parse(JSON.stringify(toPlain(mergeTrees(tree(first, '0.yaml'), trees))));
}

/** Files by name, later ones over earlier ones. */
function read(files: Readonly<Record<string, string>>) {
  return readDesired(
    Object.entries(files).map(([file, text]) => ({ file, text })),
    {
      definition: serverWith('store', inJson('web')),
      settingsSchemas: undefined,
      digest: (text) => `<${text}>`,
    },
  );
}

function problems(files: Readonly<Record<string, string>>): readonly string[] {
  const found = read(files);
  return found.ok ? [] : found.error.map(brief);
}

function brief({ code, span }: Diagnostic): string {
  return `${span?.file}:${span?.line}:${span?.column} ${code}`;
}

describe('the rules', () => {
  test.each<[string, readonly string[], unknown]>([
    ['maps merge', ['a: {b: 1, c: 2}', 'a: {c: 3, d: 4}'], { a: { b: 1, c: 3, d: 4 } }],
    ['scalars replace', ['a: 1', 'a: "x"'], { a: 'x' }],
    ['lists replace', ['a: [1, 2]', 'a: [3]'], { a: [3] }],
    ['an empty list replaces', ['a: [1, 2]', 'a: []'], { a: [] }],
    ['an empty map adds nothing', ['a: {b: 1}', 'a: {}'], { a: { b: 1 } }],
    ['a scalar replaces a map', ['a: {b: 1}', 'a: 1'], { a: 1 }],
    ['a map replaces a scalar', ['a: 1', 'a: {b: 1, c: null}'], { a: { b: 1 } }],
    ['a map replaces a list', ['a: [1]', 'a: {b: 1}'], { a: { b: 1 } }],
    ['null removes', ['a: {b: 1, c: 2}', 'a: {b: null}'], { a: { c: 2 } }],
    ['null removes a map', ['a: {b: 1}\nc: 1', 'a: ~'], { c: 1 }],
    ['null removes what is not there', ['a: 1', 'b: null\nc: {d: null}'], { a: 1, c: {} }],
    ['what was removed can come back', ['a: 1\nb: 2', 'a: null', 'a: 3'], { b: 2, a: 3 }],
    ['null in the first file stays', ['a: null', 'b: 1'], { a: null, b: 1 }],
    ['null in the first file can be replaced', ['a: null', 'a: 1'], { a: 1 }],
    ['null in a list stays', ['a: [1]', 'a: [null]'], { a: [null] }],
    ['the last of several files wins', ['a: 1', 'a: 2', 'a: 3'], { a: 3 }],
  ])('%s', (_, texts, expected) => {
    expect(merged(...texts)).toEqual(expected);
  });

  test('names of prototypes are names', () => {
    expect(merged('a: {toString: 1}', 'a: {valueOf: 2, hasOwnProperty: null}')).toEqual({
      a: { toString: 1, valueOf: 2 },
    });
  });
});

describe('several files', () => {
  const base = withHead(
    'products:',
    '  web:',
    '    version: "1"',
    '    settings:',
    '      maxconn: 100',
    '      ports: [80, 81]',
  );

  test('are one desired state, with a digest over all of them', () => {
    const over = 'server: {mode: idle}\nproducts: {web: {settings: {maxconn: 200}}}\n';
    expect(read({ 'base.yaml': base, 'prod.yaml': over })).toMatchObject({
      ok: true,
      value: {
        desired: {
          mode: 'idle',
          files: ['base.yaml', 'prod.yaml'],
          revision: `<<${base}>\n<${over}>>`,
        },
      },
    });
    expect(read({ 'base.yaml': base })).toMatchObject({
      value: { desired: { revision: `<${base}>` } },
    });
  });

  test('say where each value was set', () => {
    const loaded = read({
      'base.yaml': base,
      'prod.yaml': '\n\nproducts: {web: {settings: {maxconn: 200, tls: {on: true}}}}\n',
    });
    if (!loaded.ok) throw new Error(loaded.error.map(brief).join());
    const { desired, originOf } = loaded.value;
    expect(desired.products.get(named('web'))?.settings).toMatchObject({
      maxconn: 200,
      ports: [80, 81],
    });
    const at = (...path: DocumentPath) => {
      const place = originOf(path);
      return place && `${place.file}:${place.line}`;
    };
    const settings = ['products', 'web', 'settings'];
    expect(at('server', 'mode')).toBe('base.yaml:2');
    expect(at('products', 'web', 'version')).toBe('base.yaml:5');
    expect(at(...settings, 'maxconn')).toBe('prod.yaml:3');
    expect(at(...settings, 'ports')).toBe('base.yaml:8');
    expect(at(...settings, 'ports', '1')).toBe('base.yaml:8');
    expect(at(...settings, 'tls', 'on')).toBe('prod.yaml:3');
    expect(at(...settings, 'none')).toBeUndefined();
    expect(at('products', 'store')).toBeUndefined();
  });

  test('tell all problems of YAML at once, in the order they were named', () => {
    expect(problems({ 'z.yaml': 'a: &x 1\n', 'a.yaml': 'b: 1\nb: 2\n', 'm.yaml': '' })).toEqual([
      'z.yaml:1:4 yaml-anchor',
      'a.yaml:2:1 duplicate-key',
      'm.yaml:1:1 yaml-empty',
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    ['a wrong value', 'server: {mode: busy}\n', ['prod.yaml:1:16 unknown-word']],
    ['an unknown key', 'products: {web: {verison: "1"}}\n', ['prod.yaml:1:18 unknown-key']],
    ['an unknown product', 'products:\n  wbe: {}\n', ['prod.yaml:2:3 unknown-product']],
    ['a number', 'products: {web: {settings: {a: 0644}}}\n', ['prod.yaml:1:32 number-changes']],
    ['a missing key', '# only this\nserver: {mode: null}\n', ['prod.yaml:2:1 missing-key']],
    ['a missing key at the top', 'apiVersion: null\n', ['prod.yaml:1:1 missing-key']],
    [
      'two kinds of heartbeat',
      'products: {store: {heartbeat: {tcp: "x:1"}}}\n',
      ['prod.yaml:1:32 heartbeat-kind'],
    ],
    [
      'what stays wrong in the first file',
      'products: {store: {version: 1.10}}\n',
      ['prod.yaml:1:29 wrong-type'],
    ],
  ])('point at the file with %s', (_, over, expected) => {
    const text = `${base}  store: {heartbeat: {http: "http://127.0.0.1"}}\n`;
    expect(problems({ 'base.yaml': text, 'prod.yaml': over })).toEqual(expected);
  });

  test('a mistake of the first file that is put right in a later one is none', () => {
    const files = {
      'base.yaml': withHead('policy: {maxChanges: many}'),
      'b.yaml': 'policy: {maxChanges: 3}\n',
    };
    expect(problems(files)).toEqual([]);
    expect(problems({ ...files, 'b.yaml': 'policy: {}\n' })).toEqual(['base.yaml:3:22 wrong-type']);
  });

  test('a problem at the same line and column of another file is another problem', () => {
    const files = {
      'base.yaml': withHead('policy: {maxChanges: &x 1}'),
      'prod.yaml': '# 1\n# 2\npolicy: {onFailure:  never}\n',
    };
    expect(problems(files)).toEqual(['base.yaml:3:22 yaml-anchor', 'prod.yaml:3:22 unknown-word']);
  });

  test('the line shown is that of the file', () => {
    const found = read({ 'base.yaml': base, 'prod.yaml': '# x\nserver: {mode: busy}\n' });
    expect(found).toMatchObject({ error: [{ sourceLine: 'server: {mode: busy}' }] });
  });

  test('all that are missing are named', () => {
    const files = { read: (path: string) => (path === '/a' ? known(base) : absent) };
    const paths = ['a', 'b', 'c'].map((shown) => ({ shown, path: hostPath('', shown) }));
    const request = {
      paths,
      definition: serverWith('web'),
      kept: undefined,
      settingsSchemas: undefined,
      digest: (text: string) => text,
    };
    expect(loadDesired(files, request)).toMatchObject({
      ok: false,
      error: { code: 'desired-missing', tried: ['b', 'c'] },
    });
  });
});

test('an override of each of 1,000 products by ten files takes no time', () => {
  const all = (version: number) =>
    Array.from({ length: 1000 }, (_, index) => `  p${index}: {version: "${version}"}`).join('\n');
  const trees = Array.from({ length: 10 }, (_, index) =>
    tree(`products:\n${all(index)}\n`, `${index}`),
  );
  const [first, ...later] = trees;
  if (first === undefined) throw new Error('no tree');
  const start = performance.now();
  expect(JSON.stringify(toPlain(mergeTrees(first, later)))).toContain('"p999":{"version":"9"}');
  expect(performance.now() - start).toBeLessThan(10_000);
});
