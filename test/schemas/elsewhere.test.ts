// The schemas mean the same to others: two validators that are not ours, of the same files, with the same verdicts.
import { readdirSync, readFileSync } from 'node:fs';
import { type Schema, Validator } from '@cfworker/json-schema';
import { registerSchema, validate } from '@hyperjump/json-schema/draft-2020-12';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateDesiredState } from '../../src/desired/validators.generated.js';
import { withHead } from '../desired/server.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const SCHEMAS = new Map(
  readdirSync('schemas').map((file) => [
    file,
    JSON.parse(readFileSync(`schemas/${file}`, 'utf8')) as Schema,
  ]),
);
const DESIRED = 'desired-state.schema.json';

interface Judge {
  readonly name: string;
  readonly accepts: (value: unknown) => Promise<boolean>;
}

const JUDGES: readonly Judge[] = [
  { name: 'ours', accepts: async (value) => validateDesiredState(value) },
  {
    name: '@hyperjump/json-schema',
    accepts: async (value) => (await validate(idOf(DESIRED), plain(value))).valid,
  },
  {
    name: '@cfworker/json-schema',
    accepts: async (value) =>
      new Validator(schemaOf(DESIRED), '2020-12').validate(plain(value)).valid,
  },
];

beforeAll(() => {
  for (const schema of SCHEMAS.values()) registerSchema(plain(schema));
});

test.each([...SCHEMAS.keys()])('%s is a schema of 2020-12', async (file) => {
  const schema = schemaOf(file);
  expect(schema.$schema).toBe(DRAFT);
  expect(schema.$id).toMatch(new RegExp(`/schemas/${file}$`));
  expect((await validate(DRAFT, plain(schema))).valid).toBe(true);
});

const EXAMPLES = readdirSync('examples', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('desired-state.yaml'))
  .toSorted();

const RIGHT: readonly (readonly [name: string, text: string])[] = [
  ...EXAMPLES.map((path) => [path, readFileSync(`examples/${path}`, 'utf8')] as const),
  ['the smallest', withHead()],
  [
    'everything at once',
    withHead(
      'metadata: {name: web-1, serial: 42, expires: "2026-12-01T00:00:00Z", machineId: 0123456789abcdef0123456789abcdef}',
      'products:',
      '  web:',
      '    version: "1:2.6.12-1+deb12u4~bpo"',
      '    repository: bookworm',
      '    settings: {maxconn: 1, tls: {key: {fromFile: /run/key}}, list: [1, "2", true]}',
      '    dependsOn: [a, b]',
      '    heartbeat:',
      '      - {http: "http://127.0.0.1/", status: 204, body: "^ok", grace: 1ms, interval: 2s, timeout: 3m, successes: 4, deadline: 5h, stable: 6d, restart: true}',
      '      - {tcp: "[::1]:80"}',
      '      - {exec: [/bin/true, "-x"]}',
      '    driftPolicy: {tls.key: report, "*": ignore}',
      '    protect: true',
      '    suspend: true',
      'policy: {onFailure: continue, prune: true, maxChanges: 0, windows: [night]}',
      'callbacks: [{url: "https://ops.example/", format: query, secret: {fromEnv: KEY}}]',
    ),
  ],
  [
    'one heartbeat, one word',
    withHead('products: {web: {heartbeat: {unix: /run/web.sock}, driftPolicy: report}}'),
  ],
  ['no heartbeats', withHead('products: {web: {heartbeat: []}}')],
];

const WRONG: readonly (readonly [name: string, text: string])[] = [
  ['no apiVersion', 'server: {mode: idle}'],
  ['another apiVersion', 'apiVersion: bootstrap/v2\nserver: {mode: idle}'],
  ['no server', 'apiVersion: bootstrap/v1'],
  ['no mode', 'apiVersion: bootstrap/v1\nserver: {}'],
  ['a mode that is a state', 'apiVersion: bootstrap/v1\nserver: {mode: invalid}'],
  ['a list', '[]'],
  ['nothing', 'null'],
  ...[
    ['an unknown key at the top', 'product: {}'],
    ['an unknown key of a product', 'products: {web: {verison: "1"}}'],
    ['a name in capitals', 'products: {Web: {}}'],
    ['a name that ends in a dash', 'products: {web-: {}}'],
    ['a name of 65 letters', `products: {${'a'.repeat(65)}: {}}`],
    ['a version that is a number', 'products: {web: {version: 1.10}}'],
    ['a version that is an option', 'products: {web: {version: "-1"}}'],
    ['an empty repository', 'products: {web: {repository: ""}}'],
    ['settings that are a list', 'products: {web: {settings: []}}'],
    ['a product twice in dependsOn', 'products: {web: {dependsOn: [a, a]}}'],
    ['a heartbeat of no kind', 'products: {web: {heartbeat: {grace: 1s}}}'],
    ['a heartbeat of two kinds', 'products: {web: {heartbeat: [{tcp: "a:1", unix: /run/a}]}}'],
    ['a status without http', 'products: {web: {heartbeat: {tcp: "a:1", status: 200}}}'],
    ['a status that is none', 'products: {web: {heartbeat: {http: "http://a/", status: 99}}}'],
    ['a duration without unit', 'products: {web: {heartbeat: {tcp: "a:1", grace: "5"}}}'],
    ['an address without port', 'products: {web: {heartbeat: {tcp: "127.0.0.1"}}}'],
    ['an empty command', 'products: {web: {heartbeat: {exec: []}}}'],
    ['a heartbeat that is a word', 'products: {web: {heartbeat: http}}'],
    ['a drift policy that is none', 'products: {web: {driftPolicy: fix}}'],
    ['a drift policy of a setting that is none', 'products: {web: {driftPolicy: {a: fix}}}'],
    ['fewer than no changes', 'policy: {maxChanges: -1}'],
    ['half a change', 'policy: {maxChanges: 1.5}'],
    ['a callback to nobody', 'callbacks: [{format: query}]'],
    ['a secret from nowhere', 'callbacks: [{url: "https://a/", secret: {}}]'],
    [
      'a secret from two places',
      'callbacks: [{url: "https://a/", secret: {fromEnv: A, fromFile: /a}}]',
    ],
    ['a moment that is none', 'metadata: {expires: tomorrow}'],
    ['a serial that a number cannot hold', 'metadata: {serial: 9007199254740992}'],
    ['a machine id in capitals', `metadata: {machineId: ${'A'.repeat(32)}}`],
  ].map(([name = '', ...lines]) => [name, withHead(...lines)] as const),
];

describe('a right document is right for everybody', () => {
  test.each(RIGHT)('%s', async (_, text) => {
    expect(await verdictsOn(text)).toEqual(JUDGES.map(({ name }) => `${name}: right`));
  });
});

describe('a wrong document is wrong for everybody', () => {
  test.each(WRONG)('%s', async (_, text) => {
    expect(await verdictsOn(text)).toEqual(JUDGES.map(({ name }) => `${name}: wrong`));
  });
});

async function verdictsOn(text: string): Promise<readonly string[]> {
  const value: unknown = parse(text);
  return await Promise.all(
    JUDGES.map(
      async ({ name, accepts }) => `${name}: ${(await accepts(value)) ? 'right' : 'wrong'}`,
    ),
  );
}

function schemaOf(file: string): Schema {
  return SCHEMAS.get(file) ?? {};
}

function idOf(file: string): string {
  return schemaOf(file).$id ?? '';
}

/** The same value as JSON: others have types of their own for it. */
function plain<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
