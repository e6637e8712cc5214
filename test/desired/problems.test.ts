import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { brief, parse, problemsOf, serverWith, withHead } from './server.ts';

/** The one thing that is wrong: a mistake must not be told twice. */
function onlyProblem(text: string) {
  const problems = problemsOf(text);
  expect(problems.map(brief)).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error('no problem');
  return problem;
}

const inHaproxy = (...lines: readonly string[]) =>
  withHead('products:', '  haproxy:', ...lines.map((line) => `    ${line}`));

describe('a typical mistake is told once, where it is, with a way out', () => {
  test.each([
    [
      'a misspelt key',
      inHaproxy('verison: "1"'),
      '5:5 unknown-key',
      /unknown key "verison" in products.haproxy[^]*did you mean "version"\?/,
    ],
    [
      'a setting one level too high',
      inHaproxy('maxconn: 5'),
      '5:5 unknown-key',
      /belongs under "settings:"/,
    ],
    [
      'a version without quotes',
      inHaproxy('version: 1.10'),
      '5:14 wrong-type',
      /found 1\.10 \(a number\)[^]*write version: "1\.10"/,
    ],
    [
      'a version with a trailing zero',
      inHaproxy('version: 1.0'),
      '5:14 wrong-type',
      /write version: "1\.0"/,
    ],
    [
      'a mode that is misspelt',
      'apiVersion: bootstrap/v1\nserver: {mode: prodution}\n',
      '2:16 unknown-word',
      /idle or production[^]*did you mean "production"\?/,
    ],
    [
      'a mode that is a state',
      'apiVersion: bootstrap/v1\nserver: {mode: invalid}\n',
      '2:16 unknown-word',
      /a state that a server can be found in/,
    ],
    [
      'no mode',
      'apiVersion: bootstrap/v1\nserver: {}\n',
      '2:1 missing-key',
      /server\.mode is missing[^]*add "mode: idle" under "server"/,
    ],
    [
      'no apiVersion',
      'server: {mode: idle}\n',
      '1:1 missing-key',
      /add "apiVersion: bootstrap\/v1"/,
    ],
    [
      'another apiVersion',
      'apiVersion: v2\nserver: {mode: idle}\n',
      '1:13 unknown-word',
      /must be bootstrap\/v1/,
    ],
    [
      'a version that is an option',
      inHaproxy('version: --force'),
      '5:14 malformed',
      /begins with a letter or a digit/,
    ],
    [
      'a version that is a command',
      inHaproxy('version: "$(id)"'),
      '5:14 malformed',
      /cannot be "\$\(id\)"/,
    ],
    [
      'a version with a line break',
      inHaproxy('version: "1\\nrm"'),
      '5:14 malformed',
      /cannot be "1\\nrm"/,
    ],
    [
      'a duration without a unit',
      inHaproxy('heartbeat: {http: "http://x", grace: 5}'),
      '5:42 wrong-type',
      /digits and one unit: 200ms, 5s/,
    ],
    [
      'a duration with a word',
      inHaproxy('heartbeat: {http: "http://x", grace: 5 sec}'),
      '5:42 malformed',
      /digits and one unit/,
    ],
    [
      'a heartbeat without a kind',
      inHaproxy('heartbeat: {grace: 5s}'),
      '5:5 heartbeat-kind',
      /does not say what to ask/,
    ],
    [
      'a heartbeat of two kinds',
      inHaproxy('heartbeat: {tcp: "x:1", http: "http://x"}'),
      '5:29 heartbeat-kind',
      /not tcp and http[^]*make it a list/,
    ],
    [
      'a misspelt kind',
      inHaproxy('heartbeat: {htpp: "http://x"}'),
      '5:17 unknown-key',
      /did you mean "http"\?/,
    ],
    [
      'a status without http',
      inHaproxy('heartbeat: {tcp: "x:1", status: 200}'),
      '5:29 misplaced-key',
      /only beside "http"/,
    ],
    [
      'an age of what is no file',
      inHaproxy('heartbeat: {tcp: "x:1", maxAge: 5s}'),
      '5:29 misplaced-key',
      /only beside "file"/,
    ],
    [
      'a header that is no name',
      inHaproxy('heartbeat: {http: "http://x", header: {"a b": x}}'),
      '5:44 malformed',
      /"a b" cannot be a key of products\.haproxy\.heartbeat\.header/,
    ],
    [
      'a JSON pointer that is none',
      inHaproxy('heartbeat: {http: "http://x", json: {status: UP}}'),
      '5:42 malformed',
      /"status" cannot be a key of .*json/,
    ],
    [
      'a unit that is none',
      inHaproxy('heartbeat: {systemd: "web service"}'),
      '5:26 malformed',
      /web service/,
    ],
    [
      'a second heartbeat in a list',
      inHaproxy('heartbeat:', '  - {tcp: "x:1"}', '  - {tcp: 5}'),
      '7:15 wrong-type',
      /heartbeat\[1\]\.tcp/,
    ],
    [
      'a heartbeat that is a text',
      inHaproxy('heartbeat: http://x'),
      '5:16 wrong-type',
      /must be a map/,
    ],
    [
      'a list that is a word',
      inHaproxy('dependsOn: store'),
      '5:16 wrong-type',
      /write dependsOn: \[store\]/,
    ],
    [
      'a product twice in dependsOn',
      withHead('products: {store: {}, haproxy: {dependsOn: [store, store]}}'),
      '3:52 repeated-item',
      /twice/,
    ],
    ['yes for true', inHaproxy('protect: yes'), '5:14 wrong-type', /write protect: true/],
    [
      'a key without a value',
      inHaproxy('settings:'),
      '5:5 wrong-type',
      /found nothing[^]*leave the key out/,
    ],
    [
      'a drift policy that is misspelt',
      inHaproxy('driftPolicy: ignroe'),
      '5:18 unknown-word',
      /did you mean "ignore"\?/,
    ],
    [
      'a drift policy of a setting',
      inHaproxy('driftPolicy: {maxconn: no}'),
      '5:28 unknown-word',
      /driftPolicy\.maxconn must be correct, report or ignore/,
    ],
    [
      'a number out of range',
      withHead('policy: {maxChanges: -1}'),
      '3:22 out-of-range',
      /must be at least 0[^]*found -1/,
    ],
    [
      'a callback without url',
      withHead('callbacks: [{format: query}]'),
      '3:13 missing-key',
      /callbacks\[0\]\.url is missing/,
    ],
    [
      'a secret without a place',
      withHead('callbacks: [{url: "http://x", secret: {}}]'),
      '3:31 wrong-count',
      /exactly one of fromFile, fromEnv and fromCredential/,
    ],
    [
      'a product that is a version',
      withHead('products: {haproxy: "1.2"}'),
      '3:21 wrong-type',
      /products\.haproxy must be a map/,
    ],
    [
      'an unknown key at the top',
      withHead('product: {}'),
      '3:1 unknown-key',
      /did you mean "products"\?/,
    ],
  ])('%s', (_, text, place, words) => {
    const problem = onlyProblem(text);
    expect(brief(problem)).toBe(place);
    expect([problem.summary, problem.detail, problem.fix].join('\n')).toMatch(words);
  });

  test.each([
    '-rf',
    '..',
    '.',
    '../../etc/cron.d/x',
    '/etc/passwd',
    'a\\nb',
    'nginx ',
    'NGINX',
    'x'.repeat(65),
    'a..b',
    'é',
  ])('a product named %j', (name) => {
    const problem = onlyProblem(withHead(`products: {"${name}": {}}`));
    expect(brief(problem)).toBe('3:12 bad-name');
    expect(problem.summary).not.toMatch(/\p{Cc}/u);
  });
});

test('a span covers the word, and comes with its line', () => {
  const { span, sourceLine } = onlyProblem(inHaproxy('version: 1.10   # quoted?'));
  expect(span).toEqual({ file: 'site.yaml', line: 5, column: 14, endColumn: 18 });
  expect(sourceLine).toBe('    version: 1.10   # quoted?');
});

test('all mistakes of a file are told at once, in its order', () => {
  const text = withHead(
    'products:',
    '  haproxy: {version: 1.10, verison: "2"}',
    '  haproxy: {}',
    '  web: &w {protect: 3}',
    'x: 1',
  );
  expect(problemsOf(text).map(brief)).toEqual([
    '4:22 wrong-type',
    '4:28 unknown-key',
    '5:3 duplicate-key',
    '6:8 yaml-anchor',
    '6:21 wrong-type',
    '7:1 unknown-key',
  ]);
});

test('a problem of YAML is not told again as one of the schema', () => {
  expect(problemsOf(inHaproxy('version: *v')).map(brief)).toEqual(['5:14 yaml-alias']);
  expect(problemsOf(withHead('policy: {<<: {prune: true}}', '__proto__: 1')).map(brief)).toEqual([
    '3:10 yaml-merge-key',
    '4:1 reserved-key',
  ]);
});

const server = serverWith('haproxy', 'deepfiler', 'monit');

test('what makes no sense is told beside what the schema refuses elsewhere', () => {
  const text = withHead(
    'polcy: {prune: true}',
    'products:',
    '  haproxy: {verison: "1", dependsOn: [ghost]}',
    '  deepfiler: {dependsOn: [haproxy, ghost]}',
    '  monit: {repository: "-x"}',
    '  haprxoy: {}',
    'metadata: {serial: many}',
    'callbacks: [{url: "http://8.8.8.8/"}]',
  );
  expect(problemsOf(text, server).map(brief)).toEqual([
    '3:1 unknown-key',
    // Of what else its block says nothing is told: it may be the mistake's doing.
    '5:13 unknown-key',
    '6:36 unknown-dependency',
    '7:23 malformed',
    '8:3 unknown-product',
    '9:20 wrong-type',
    '10:19 callback-address',
  ]);
});

test('nor is what follows from a mistake told as one of sense', () => {
  expect(problemsOf(withHead('product: {haproxy: {dependsOn: [ghost]}}')).map(brief)).toEqual([
    '3:1 unknown-key',
  ]);
  const text = withHead('products:', '  HAProxy: {}', '  deepfiler: {dependsOn: [haproxy]}');
  expect(problemsOf(text, server).map(brief)).toEqual(['4:3 bad-name']);
  const headless = 'products: {deepfiler: {dependsOn: [ghost]}}\n';
  expect(problemsOf(headless, server).map(brief)).toEqual([
    '1:1 missing-key',
    '1:1 missing-key',
    '1:36 unknown-dependency',
  ]);
});

test('a file with thousands of mistakes is told about in time', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `  p${index}: {verison: 1}`);
  const problems = problemsOf(withHead('products:', ...keys));
  expect(problems.map(brief)).toEqual([
    ...Array.from({ length: 50 }, (_, index) => [
      `${index + 4}:3 unknown-product`,
      `${index + 4}:${`${index}`.length + 7} unknown-key`,
    ]).flat(),
    '54:3 more-problems',
  ]);
  expect(problems.at(-1)?.summary).toBe('and 9900 more, from here on');
});

test('every pattern of the schema says its rule in words', () => {
  const schema: unknown = JSON.parse(readFileSync('schemas/desired-state.schema.json', 'utf8'));
  const rules: unknown[] = [];
  const bare: string[] = [];
  const look = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('pattern' in node) rules.push('description' in node && node.description);
    // A schema is what says a type or leads to one; branches of `if` and `oneOf` are shapes, not fields.
    const isField = 'type' in node || 'enum' in node || 'const' in node;
    const isShape = /\/(?:if|then|else|oneOf\/\d+|items|additionalProperties)$/.test(path);
    if (isField && !isShape && !('description' in node)) bare.push(path);
    for (const [key, inner] of Object.entries(node))
      if (key !== 'default') look(inner, `${path}/${key}`);
  };
  look(schema, '');
  expect(rules.length).toBeGreaterThan(5);
  expect(rules).toEqual(rules.map(() => expect.stringMatching(/\w{3}/)));
  expect(bare, 'a field without a description').toEqual([]);
});

test('the quickstart is valid', async () => {
  const parsed = parse(readFileSync('examples/quickstart/desired-state.yaml', 'utf8'));
  expect(parsed.ok && [...parsed.value.products.keys()]).toEqual(['store', 'web']);
});
