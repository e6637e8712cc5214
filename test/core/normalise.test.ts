import type { DriftPolicy } from '../../src/model/state.ts';
import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/core/normalise.ts';
import { HTTP_PROBE_DEFAULTS } from '../../src/core/normalise-heartbeat.ts';
import type { ServerDefinition } from '../../src/model/definition.ts';
import type {
  DesiredDocument,
  DocumentPath,
  HeartbeatDocument,
  PlainMap,
  ProductDocument,
} from '../../src/model/document.ts';
import { showPath } from '../../src/model/document.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { Heartbeat } from '../../src/model/heartbeat.ts';
import type { ScriptKind } from '../../src/model/definition.ts';
import { named, productDefinition, serverWith } from '../desired/server.ts';

const place = { file: 'bootstrap.ini', line: 1, column: 1 };
const defaultTiming = {
  graceMs: durationMs(0),
  intervalMs: durationMs(1000),
  timeoutMs: durationMs(2000),
  successes: 1,
  deadlineMs: durationMs(60_000),
  stableMs: durationMs(0),
};

function state(
  document: Partial<DesiredDocument>,
  definition: ServerDefinition = serverWith('haproxy', 'store', 'web'),
) {
  return normalise(
    { apiVersion: 'bootstrap/v1', server: { mode: 'production' }, ...document },
    {
      definition,
      revision: 'abc',
      files: ['site.yaml'],
      // A stand-in for the file: the path is shown as its line.
      locate: (path: DocumentPath, part) => ({
        span: { file: 'site.yaml', line: 1, column: 1, endColumn: 2 },
        sourceLine: `${part} ${showPath(path)}`,
      }),
      refuseCallback: ({ hostname }) => (hostname === 'bad.example' ? 'it is bad' : undefined),
      findUnwritable: (_, settings) =>
        Object.keys(settings)
          .filter((name) => name.includes('='))
          .map((name) => ({ path: [name], why: 'no "="' })),
    },
  );
}

function product(document: ProductDocument, definition?: ServerDefinition) {
  const result = state({ products: { web: document } }, definition);
  if (!result.ok) throw new Error(result.error.map(({ summary }) => summary).join('\n'));
  const spec = result.value.products.get(named('web'));
  if (spec === undefined) throw new Error('web is not there');
  return spec;
}

/** What is found wrong, as `code at place`. */
function findings(
  document: Partial<DesiredDocument>,
  definition?: ServerDefinition,
): readonly string[] {
  const result = state(document, definition);
  return result.ok ? [] : result.error.map(({ code, sourceLine }) => `${code} at ${sourceLine}`);
}

const inWeb = (web: ProductDocument) => findings({ products: { web } });

describe('every default is filled in', () => {
  test('for a document that says as little as it may', () => {
    expect(state({})).toEqual({
      ok: true,
      value: {
        revision: 'abc',
        files: ['site.yaml'],
        metadata: {
          name: undefined,
          serial: undefined,
          expires: undefined,
          machineId: undefined,
        },
        mode: 'production',
        products: new Map(),
        policy: { onFailure: 'rollback', prune: false, maxChanges: 50, windows: [] },
        callbacks: [],
      },
    });
  });

  test('for a product of which only the name is said', () => {
    expect(product({})).toEqual({
      name: 'web',
      version: undefined,
      repository: undefined,
      settings: undefined,
      dependsOn: [],
      heartbeats: [],
      driftPolicy: { settings: new Map(), others: 'correct' },
      protect: false,
      suspend: false,
    });
  });

  test('but what the document says of itself is kept as it is, its end as a moment', () => {
    const said = { name: 'web-1', serial: 42, machineId: '0'.repeat(32) };
    const result = state({ metadata: { ...said, expires: '2026-12-01T01:00:00+01:00' } });
    const expires = new Date('2026-12-01T00:00:00Z');
    expect(result.ok && result.value.metadata).toEqual({ ...said, expires });
  });

  test('for a heartbeat, alone or in a list', () => {
    const expected: readonly Heartbeat[] = [
      {
        probe: { kind: 'http', url: 'http://x/', ...HTTP_PROBE_DEFAULTS },
        timing: defaultTiming,
        restart: false,
      },
    ];
    expect(product({ heartbeat: { http: 'http://x/' } }).heartbeats).toEqual(expected);
    expect(product({ heartbeat: [{ http: 'http://x/' }] }).heartbeats).toEqual(expected);
  });
});

test('what is said is kept', () => {
  const spec = product({
    version: 'TRUNK/web-latest',
    repository: 'bookworm',
    settings: { a: 1, b: { c: 'x' } },
    heartbeat: [
      {
        tcp: '[::1]:5432',
        grace: '5s',
        interval: '200ms',
        timeout: '1m',
        successes: 3,
        deadline: '2d',
        stable: '1d',
      },
      { process: '/run/web.pid' },
      {
        http: 'https://x/',
        status: 204,
        body: '^ok',
        header: { 'Content-Type': '^text/' },
        json: { '/a/0': 1, '': { a: [1] } },
        socket: '/run/x.sock',
      },
      { unix: '/run/web.sock' },
      { exec: ['/bin/check', '--all', ''] },
      { systemd: 'web@1.service' },
      { monit: 'web' },
      { haproxy: '/run/haproxy.sock' },
      { file: '/run/web.beat', maxAge: '1m' },
      { file: '/run/web.beat' },
    ],
    protect: true,
    suspend: true,
  });
  expect(spec).toMatchObject({
    version: 'TRUNK/web-latest',
    repository: 'bookworm',
    settings: { a: 1, b: { c: 'x' } },
    protect: true,
    suspend: true,
  });
  expect(spec.heartbeats).toEqual([
    {
      probe: { kind: 'tcp', host: '::1', port: 5432 },
      timing: {
        graceMs: 5000,
        intervalMs: 200,
        timeoutMs: 60_000,
        successes: 3,
        deadlineMs: 172_800_000,
        stableMs: 86_400_000,
      },
      restart: false,
    },
    { probe: { kind: 'process', pidFile: '/run/web.pid' }, timing: defaultTiming, restart: false },
    {
      probe: {
        kind: 'http',
        url: 'https://x/',
        socket: '/run/x.sock',
        status: 204,
        body: '^ok',
        header: [{ name: 'Content-Type', pattern: '^text/' }],
        json: [
          { pointer: '/a/0', value: 1 },
          { pointer: '', value: { a: [1] } },
        ],
      },
      timing: defaultTiming,
      restart: false,
    },
    { probe: { kind: 'unix', path: '/run/web.sock' }, timing: defaultTiming, restart: false },
    {
      probe: { kind: 'exec', argv: ['/bin/check', '--all', ''] },
      timing: defaultTiming,
      restart: false,
    },
    { probe: { kind: 'systemd', unit: 'web@1.service' }, timing: defaultTiming, restart: false },
    { probe: { kind: 'monit', service: 'web' }, timing: defaultTiming, restart: false },
    {
      probe: { kind: 'haproxy', socket: '/run/haproxy.sock' },
      timing: defaultTiming,
      restart: false,
    },
    {
      probe: { kind: 'file', path: '/run/web.beat', maxAgeMs: 60_000 },
      timing: defaultTiming,
      restart: false,
    },
    {
      probe: { kind: 'file', path: '/run/web.beat', maxAgeMs: undefined },
      timing: defaultTiming,
      restart: false,
    },
  ]);
});

describe('bootstrap.ini adds to what the file says', () => {
  const heartbeats: readonly Heartbeat[] = [
    { probe: { kind: 'process', pidFile: '/run/web.pid' }, timing: defaultTiming, restart: false },
  ];
  const definition = serverWith(
    productDefinition('web', { heartbeats, dependsOn: [named('store'), named('haproxy')] }),
    'store',
    'haproxy',
    'auth',
  );

  test('a heartbeat where the file has none, and only there', () => {
    expect(product({}, definition).heartbeats).toEqual(heartbeats);
    expect(product({ heartbeat: [] }, definition).heartbeats).toEqual([]);
  });

  test('dependencies, of which only those in the file count', () => {
    const result = state(
      { products: { web: { dependsOn: ['store', 'auth'] }, store: {}, auth: {} } },
      definition,
    );
    expect(result.ok && result.value.products.get(named('web'))?.dependsOn).toEqual([
      'auth',
      'store',
    ]);
  });
});

describe('what the schema cannot say is found', () => {
  test.each<[string, Partial<DesiredDocument>, readonly string[]]>([
    [
      'a product that bootstrap.ini does not know',
      { products: { wbe: {} } },
      ['unknown-product at key products.wbe'],
    ],
    [
      'a day that no calendar has',
      { metadata: { expires: '2026-02-30T00:00:00Z' } },
      ['malformed at value metadata.expires'],
    ],
    [
      'an hour that no clock has',
      { metadata: { expires: '2026-02-20T25:00:00Z' } },
      ['malformed at value metadata.expires'],
    ],
    ['a name that climbs', { products: { 'a..b': {} } }, ['bad-name at key products.a..b']],
    [
      'a dependency on nothing',
      { products: { web: { dependsOn: ['stor'] }, store: {} } },
      ['unknown-dependency at value products.web.dependsOn[0]'],
    ],
    [
      'a dependency on a name of Object.prototype',
      { products: { web: { dependsOn: ['toString'] } } },
      ['unknown-dependency at value products.web.dependsOn[0]'],
    ],
    [
      'a dependency on itself',
      { products: { web: { dependsOn: ['web'] } } },
      ['depends-on-itself at value products.web.dependsOn[0]'],
    ],
    [
      'a circle',
      {
        products: {
          web: { dependsOn: ['store'] },
          store: { dependsOn: ['haproxy', 'web'] },
          haproxy: {},
        },
      },
      ['dependency-cycle at value products.store.dependsOn[1]'],
    ],
    [
      'a repository that is an option',
      { products: { web: { repository: '-x' } } },
      ['malformed at value products.web.repository'],
    ],
    [
      'a repository with a line break',
      { products: { web: { repository: 'a\nb' } } },
      ['malformed at value products.web.repository'],
    ],
    [
      'a callback that is no address',
      { callbacks: [{ url: 'ops', format: 'query' }] },
      ['malformed-url at value callbacks[0].url'],
    ],
    [
      'a callback to an address that may not be called',
      { callbacks: [{ url: 'https://good.example/' }, { url: 'https://bad.example/' }] },
      ['callback-address at value callbacks[1].url'],
    ],
    [
      'a callback signed with what is no reference',
      {
        callbacks: [
          { url: 'https://a/', secret: { fromFile: 'key' } },
          { url: 'https://a/', secret: [{ fromEnv: 'A' }, { fromEnv: 'a b' }] },
        ],
      },
      [
        'bad-secret-reference at value callbacks[0].secret',
        'bad-secret-reference at value callbacks[1].secret[1]',
      ],
    ],
  ])('%s', (_, document, expected) => {
    expect(findings(document)).toEqual(expected);
  });

  test.each<[string, HeartbeatDocument, readonly string[]]>([
    [
      'that is no address',
      { http: '127.0.0.1/x' },
      ['malformed-url at value products.web.heartbeat.http'],
    ],
    [
      'of another protocol',
      { http: 'file:///etc/passwd' },
      ['malformed-url at value products.web.heartbeat.http'],
    ],
    [
      'with a line break in it',
      { http: 'http://x/\na' },
      ['malformed-url at value products.web.heartbeat.http'],
    ],
    [
      'whose body is no pattern',
      { http: 'http://x/', body: '(' },
      ['malformed at value products.web.heartbeat.body'],
    ],
    [
      'whose header is no pattern',
      { http: 'http://x/', header: { server: '^x', via: '[' } },
      ['malformed at value products.web.heartbeat.header.via'],
    ],
    [
      'that runs nothing',
      { exec: ['', 'x'] },
      ['malformed at value products.web.heartbeat.exec[0]'],
    ],
    [
      'of a file that no age will do for',
      { file: '/x', maxAge: '0s' },
      ['out-of-range at value products.web.heartbeat.maxAge'],
    ],
    ['on no port', { tcp: 'x:70000' }, ['out-of-range at value products.web.heartbeat.tcp']],
    [
      'without a pause',
      { tcp: 'x:1', interval: '0s' },
      ['out-of-range at value products.web.heartbeat.interval'],
    ],
  ])('a heartbeat %s', (_, heartbeat, expected) => {
    expect(inWeb({ heartbeat })).toEqual(expected);
  });

  test.each<[string, PlainMap, readonly string[]]>([
    ['without a value', { a: null }, ['empty-setting at value products.web.settings.a']],
    [
      'with an empty item',
      { a: ['x', null] },
      ['empty-setting at value products.web.settings.a[1]'],
    ],
    ['that would lose digits', { a: 2 ** 60 }, ['inexact-number at value products.web.settings.a']],
    [
      'that is infinite',
      { a: { b: Infinity } },
      ['inexact-number at value products.web.settings.a.b'],
    ],
    [
      'that its format cannot hold',
      { 'a=b': 1 },
      ['unwritable-setting at key products.web.settings.a=b'],
    ],
  ])('a setting %s', (_, settings, expected) => {
    expect(inWeb({ settings })).toEqual(expected);
  });

  test('settings that nothing reads', () => {
    const idle = productDefinition('web', { config: undefined });
    const settings = { a: 1 };
    expect(findings({ products: { web: { settings } } }, serverWith(idle))).toEqual([
      'settings-unread at key products.web.settings',
    ]);
    const scripts = new Map<ScriptKind, { kind: ScriptKind; path: string; place: typeof place }>([
      ['set', { kind: 'set', path: '/set', place }],
    ]);
    expect(findings({ products: { web: { settings } } }, serverWith({ ...idle, scripts }))).toEqual(
      [],
    );
  });

  test('a circle is named from its first product round', () => {
    const definition = serverWith(
      productDefinition('a', { dependsOn: [named('b')] }),
      'b',
      'c',
      'd',
    );
    const result = state(
      {
        products: {
          d: { dependsOn: ['a'] },
          a: {},
          b: { dependsOn: ['c'] },
          c: { dependsOn: ['a'] },
        },
      },
      definition,
    );
    expect(result.ok ? [] : result.error.map(({ summary }) => summary)).toEqual([
      'dependencies go round in a circle: a → b → c → a',
    ]);
  });

  test('a chain of 20,000 products is no circle', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `p${index}`);
    const products = Object.fromEntries(
      names.map((name, index) => [name, { dependsOn: names.slice(index + 1, index + 2) }]),
    );
    expect(state({ products }, serverWith(...names)).ok).toBe(true);
  });
});

test('a policy is read whole, and each window that is none is said', () => {
  const read = state({ policy: { prune: true, maxChanges: 3, windows: ['Mon 22:00-24:00'] } });
  expect(read.ok && read.value.policy).toMatchObject({
    onFailure: 'rollback',
    prune: true,
    maxChanges: 3,
    windows: [{ text: 'Mon 22:00-24:00', days: [1], startMinute: 1320, endMinute: 1440 }],
  });
  expect(findings({ policy: { windows: ['01:00-02:00', 'sometimes', 'Mon'] } })).toEqual([
    'malformed at value policy.windows[1]',
    'malformed at value policy.windows[2]',
  ]);
});

test.each<[string, ProductDocument['driftPolicy'], DriftPolicy]>([
  ['a word', 'report', { settings: new Map(), others: 'report' }],
  [
    'a map',
    { 'tls.key': 'ignore' },
    { settings: new Map([['tls.key', 'ignore']]), others: 'correct' },
  ],
  [
    'a map with a rest',
    { a: 'correct', '*': 'report' },
    { settings: new Map([['a', 'correct']]), others: 'report' },
  ],
])('a drift policy that is %s', (_, driftPolicy, expected) => {
  expect(product({ driftPolicy: driftPolicy ?? 'correct' }).driftPolicy).toEqual(expected);
});

test('a callback is a signed message where nothing else is said, with one key or several', () => {
  const document: Partial<DesiredDocument> = {
    callbacks: [
      { url: 'https://a/' },
      { url: 'https://b/', secret: { fromFile: '/key' } },
      { url: 'https://c/', format: 'query', secret: [{ fromEnv: 'A' }, { fromCredential: 'b' }] },
    ],
  };
  const result = state(document);
  expect(result.ok && result.value.callbacks).toEqual([
    { url: 'https://a/', format: 'cloudevents', secrets: [] },
    { url: 'https://b/', format: 'cloudevents', secrets: [{ source: 'fromFile', name: '/key' }] },
    {
      url: 'https://c/',
      format: 'query',
      secrets: [
        { source: 'fromEnv', name: 'A' },
        { source: 'fromCredential', name: 'b' },
      ],
    },
  ]);
});

test('a heartbeat restarts what has a mode-script, and nothing else', () => {
  const web: ProductDocument = { heartbeat: [{ unix: '/x' }, { file: '/x', restart: true }] };
  const mode = { kind: 'mode', path: '/etc/bootstrap/mode', place } as const;
  const scripts = new Map([['mode', mode] as const]);
  const spec = product(web, serverWith(productDefinition('web', { scripts })));
  expect(spec.heartbeats.map(({ restart }) => restart)).toEqual([false, true]);
  expect(inWeb(web)).toEqual(['no-mode-script at key products.web.heartbeat[1].restart']);
  expect(inWeb({ heartbeat: { unix: '/x', restart: true } })).toEqual([
    'no-mode-script at key products.web.heartbeat.restart',
  ]);
});

test('a heartbeat that can never pass is an error', () => {
  const web: ProductDocument = { heartbeat: { http: 'http://x/', deadline: '5s', stable: '5s' } };
  expect(() => product(web)).toThrow('can never pass');
});
