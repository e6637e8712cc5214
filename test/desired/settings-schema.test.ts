// What the settings-schema of a product (bootstrap.ini) says of its settings in a desired state.
import { describe, expect, test } from 'vitest';
import { diagnosticsDocument, renderDiagnostics } from '../../src/core/render/diagnostics-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { readSettingsSchemas, type SettingsSchemas } from '../../src/desired/settings-schema.ts';
import { readDesired } from '../../src/desired/load.ts';
import type { ServerDefinition } from '../../src/model/definition.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { absent, known, unreadable, type Fact } from '../../src/model/fact.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Result } from '../../src/model/result.ts';
import {
  brief,
  named,
  parse,
  problemsOf,
  productDefinition,
  serverWith,
  withHead,
} from './server.ts';

const place = { file: 'bootstrap.ini', line: 3, column: 19 };
const SCHEMA_PATH = '/etc/bootstrap/web.schema.json';

/** A server with the product web, whose settings have a schema, and store, whose have none. */
const server: ServerDefinition = serverWith(
  productDefinition('web', {
    config: {
      path: '/etc/web.cfg',
      format: 'template',
      template: '/t',
      check: undefined,
      access: { owner: undefined, group: undefined, mode: undefined },
      place,
    },
    settingsSchema: { path: SCHEMA_PATH, place },
  }),
  'store',
);

function read(file: Fact<string>, definition = server): Result<SettingsSchemas, Failure> {
  return readSettingsSchemas(
    { read: (path) => (path === SCHEMA_PATH ? file : absent) },
    definition,
  );
}

function schemas(schema: unknown): SettingsSchemas {
  const result = read(known(JSON.stringify(schema)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** An object schema with these properties, and nothing else allowed. */
function withProperties(properties: object, rest: object = {}): object {
  return { type: 'object', additionalProperties: false, properties, ...rest };
}

/** The settings of web, one line each; they begin on line 6, in column 7. */
function web(...settings: readonly string[]): string {
  return withHead(
    'products:',
    '  web:',
    '    settings:',
    ...settings.map((line) => `      ${line}`),
  );
}

function problems(schema: unknown, ...settings: readonly string[]): readonly Diagnostic[] {
  return problemsOf(web(...settings), server, schemas(schema));
}

function onlyProblem(schema: unknown, ...settings: readonly string[]): Diagnostic {
  const [problem, ...others] = problems(schema, ...settings);
  expect(others.map(brief)).toEqual([]);
  if (problem === undefined) throw new Error('no problem');
  return problem;
}

/** The settings of web as they are to be. */
function settingsOf(schema: unknown, text: string): unknown {
  const parsed = parse(text, server, schemas(schema));
  if (!parsed.ok) throw new Error(parsed.error.map(({ summary }) => summary).join('\n'));
  return parsed.value.products.get(named('web'))?.settings;
}

const port = { type: 'integer', minimum: 1, maximum: 65_535 };
const tagged = (tag: string, key: string) =>
  withProperties({ kind: { const: tag }, [key]: { type: 'string' } }, { required: ['kind', key] });

describe('a wrong setting is told once, where it is, with what is allowed:', () => {
  test.each<[string, object, string, string, RegExp]>([
    [
      'text for a number',
      { port },
      'port: http',
      '6:13 wrong-type',
      /settings\.port must be a whole number from 1 to 65535[^]*found "http"/,
    ],
    [
      'a number in quotes',
      { port },
      'port: "80"',
      '6:13 wrong-type',
      /found "80"[^]*write port: 80/,
    ],
    ['a fraction', { port }, 'port: 1.5', '6:13 wrong-type', /a whole number/],
    [
      'a number for text',
      { name: { type: 'string' } },
      'name: 80',
      '6:13 wrong-type',
      /must be text[^]*found 80 \(a number\)[^]*write name: "80"/,
    ],
    [
      'yes for true',
      { tls: { type: 'boolean' } },
      'tls: yes',
      '6:12 wrong-type',
      /write tls: true/,
    ],
    [
      'a word for a list',
      { dns: { type: 'array' } },
      'dns: a',
      '6:12 wrong-type',
      /write dns: \[a\]/,
    ],
    [
      'a map for text',
      { name: { type: 'string' } },
      'name: {a: 1}',
      '6:7 wrong-type',
      /found a map/,
    ],
    [
      'one of several types',
      { x: { type: ['string', 'integer'] } },
      'x: true',
      '6:10 wrong-type',
      /must be text or a whole number/,
    ],
    [
      'no value',
      { name: { type: 'string' } },
      'name:',
      '6:7 wrong-type',
      /found nothing[^]*leave the key out/,
    ],
    ['too small', { port }, 'port: 0', '6:13 out-of-range', /from 1 to 65535[^]*found 0/],
    ['too large', { port }, 'port: 65536', '6:13 out-of-range', /from 1 to 65535/],
    [
      'a lower bound alone',
      { n: { type: 'number', exclusiveMinimum: 0 } },
      'n: 0',
      '6:10 out-of-range',
      /a number above 0/,
    ],
    [
      'steps',
      { n: { type: 'integer', multipleOf: 8 } },
      'n: 12',
      '6:10 out-of-range',
      /in steps of 8/,
    ],
    [
      'too long',
      { x: { type: 'string', minLength: 1, maxLength: 3 } },
      'x: long',
      '6:10 out-of-range',
      /text of 1 to 3 characters/,
    ],
    [
      'too few',
      { x: { type: 'array', minItems: 2 } },
      'x: [1]',
      '6:7 out-of-range',
      /a list of at least 2 items/,
    ],
    [
      'twice the same',
      { x: { type: 'array', uniqueItems: true } },
      'x: [a, b, a]',
      '6:17 repeated-item',
      /twice/,
    ],
    [
      'a pattern',
      { x: { type: 'string', pattern: '^[0-9]+s$', description: 'Seconds.' } },
      'x: 5 sec',
      '6:10 malformed',
      /text that matches \^\[0-9\]\+s\$[^]*found "5 sec"\. Seconds\./,
    ],
    [
      'an enum',
      { x: { enum: ['first', 'leastconn', 5] } },
      'x: leastcon',
      '6:10 unknown-word',
      /must be first, leastconn or 5[^]*did you mean "leastconn"\?/,
    ],
    ['a const', { x: { const: 2 } }, 'x: 1', '6:10 unknown-word', /must be 2/],
    [
      'an unknown setting',
      { port },
      'prot: 80',
      '6:7 unknown-key',
      /unknown key "prot" in products\.web\.settings[^]*allowed here: port[^]*did you mean "port"\?/,
    ],
    [
      'one that is ruled out',
      { port: false },
      'port: 80',
      '6:7 unknown-key',
      /settings\.port is not allowed/,
    ],
    [
      'a nested one',
      { tls: withProperties({ min: { type: 'string' } }) },
      'tls: {mim: "1"}',
      '6:13 unknown-key',
      /settings\.tls[^]*did you mean "min"\?/,
    ],
    [
      'one in a list',
      { x: { type: 'array', items: port } },
      'x: [1, 0]',
      '6:14 out-of-range',
      /settings\.x\[1\] must be/,
    ],
    [
      'a key by pattern',
      { x: { type: 'object', propertyNames: { pattern: '^[a-z]+$' } } },
      'x: {A1: 1}',
      '6:11 bad-name',
      /"A1" cannot be a key of products\.web\.settings\.x[^]*\^\[a-z\]\+\$/,
    ],
    [
      'a setting that needs another',
      { x: { type: 'object', dependentRequired: { key: ['cert'] } } },
      'x: {key: 1}',
      '6:11 misplaced-key',
      /only beside "cert"/,
    ],
    [
      'a reference within the schema',
      { x: { $ref: '#/$defs/port', description: 'Listens here.' } },
      'x: 0',
      '6:10 out-of-range',
      /found 0 \(a number\)\. Listens here\./,
    ],
    [
      'none of two types',
      { x: { anyOf: [{ type: 'string' }, port] } },
      'x: true',
      '6:10 no-form-fits',
      /must be text or a whole number from 1 to 65535/,
    ],
    [
      'a branch by its type',
      { x: { anyOf: [{ const: 'auto' }, port] } },
      'x: atuo',
      '6:10 unknown-word',
      /did you mean "auto"\?/,
    ],
    [
      'none of two ranges',
      { x: { oneOf: [{ const: 'auto' }, port] } },
      'x: 0',
      '6:10 no-form-fits',
      /must be "auto" or a whole number from 1/,
    ],
    [
      'two of two',
      { x: { oneOf: [port, { type: 'integer', minimum: 0 }] } },
      'x: 5',
      '6:10 no-form-fits',
      /fits two forms/,
    ],
    [
      'a branch by its tag',
      { x: { oneOf: [{ $ref: '#/$defs/tcp' }, { $ref: '#/$defs/unix' }] } },
      'x: {kind: tcp, host: 5}',
      '6:28 wrong-type',
      /x\.host must be text/,
    ],
    [
      'an unknown tag',
      { x: { oneOf: [{ $ref: '#/$defs/tcp' }, { $ref: '#/$defs/unix' }] } },
      'x: {kind: udp, host: a}',
      '6:17 unknown-word',
      /x\.kind must be tcp or unix/,
    ],
    [
      'what is excluded',
      { x: { type: 'integer', not: { const: 22 } } },
      'x: 22',
      '6:10 no-form-fits',
      /rules out/,
    ],
    [
      'what follows from a condition',
      { x: { type: 'object', if: { required: ['a'] }, else: { required: ['b'] } } },
      'x: {c: 1}',
      '6:7 missing-key',
      /x\.b is missing/,
    ],
    [
      'a key named as every object has one',
      { port },
      'toString: 1',
      '6:7 unknown-key',
      /unknown key "toString"/,
    ],
  ])('%s', (...[, properties, line, place, words]) => {
    const $defs = { port, tcp: tagged('tcp', 'host'), unix: tagged('unix', 'path') };
    const problem = onlyProblem(withProperties(properties, { $defs }), line);
    expect(brief(problem)).toBe(place);
    expect([problem.summary, problem.detail, problem.fix].join('\n')).toMatch(words);
  });

  test('a missing one, at the map that lacks it', () => {
    const schema = withProperties(
      { port, key: { type: 'string', writeOnly: true } },
      { required: ['port', 'key', 'toString'] },
    );
    const found = problems(schema, '{}');
    expect(found.map(brief)).toEqual(Array.from({ length: 3 }, () => '5:5 missing-key'));
    expect(found.map(({ summary }) => summary)).toEqual(
      ['port', 'key', 'toString'].map((key) => `products.web.settings.${key} is missing`),
    );
    expect(found.map(({ fix }) => fix)).toEqual(
      ['…', '{fromFile: /PATH}', '…'].map(
        (value, nth) => `add "${['port', 'key', 'toString'][nth]}: ${value}" under "settings"`,
      ),
    );
  });

  test('all of them, beside all else that is wrong, in the order of the file', () => {
    const text = withHead(
      'products:',
      '  web:',
      '    verison: 1',
      '    settings: {port: 0, prot: 1}',
      '  stroe: {}',
      'x: 1',
    );
    expect(problemsOf(text, server, schemas(withProperties({ port }))).map(brief)).toEqual([
      '5:5 unknown-key',
      '6:22 out-of-range',
      '6:25 unknown-key',
      '7:3 unknown-product',
      '8:1 unknown-key',
    ]);
    const later = text.replace('    verison: 1\n', '').replace('x: 1\n', '');
    expect(problemsOf(later, server, schemas(withProperties({ port }))).map(brief)).toEqual([
      '5:22 out-of-range',
      '5:25 unknown-key',
      '6:3 unknown-product',
    ]);
  });

  test('with several files, in the one that set it', () => {
    const texts = [
      { file: 'base.yaml', text: web('port: 80', 'name: a') },
      { file: 'over.yaml', text: 'products:\n  web: {settings: {port: 0}}\n' },
    ];
    const schema = schemas(withProperties({ port, name: { type: 'integer' } }));
    const read = readDesired(texts, {
      definition: server,
      digest: String,
      settingsSchemas: schema,
    });
    expect(read.ok ? [] : read.error.map((each) => `${each.span?.file}:${brief(each)}`)).toEqual([
      'base.yaml:7:13 wrong-type',
      'over.yaml:2:26 out-of-range',
    ]);
  });
});

describe('a secret', () => {
  const schema = {
    ...withProperties({
      port,
      name: { type: 'string' },
      key: { type: 'string', minLength: 40, writeOnly: true },
      pins: { type: 'array', items: { $ref: '#/$defs/pin' } },
      tls: { type: 'object', writeOnly: true },
      peer: { oneOf: [withProperties({ token: { writeOnly: true } }), { type: 'string' }] },
    }),
    $defs: { pin: { type: 'integer', maximum: 9999, writeOnly: true } },
    patternProperties: { '^x-': { writeOnly: true } },
  };

  test.each<[string, readonly string[], string]>([
    ['as text', ['key: hunter2'], '6:12'],
    ['in quotes', ['key: "hunter2"'], '6:12'],
    ['as a number', ['key: 0123'], '6:12'],
    ['as a block', ['key: |', '  hunter2', '  hunter2'], '6:12'],
    ['on two lines', ['key: "hunter2', '  hunter2"'], '6:12'],
    ['with an anchor', ['key: &a hunter2'], '6:15'],
    ['in a list', ['pins: [{fromFile: /pin}, 99991]'], '6:32'],
    ['by a pattern of its key', ['x-y: hunter2'], '6:12'],
    ['in a map of secrets', ['tls: {a: {b: hunter2}}'], '6:20'],
    ['in one of several forms', ['peer: {token: hunter2}'], '6:21'],
  ])(
    'written out %s is an error that shows how to refer to it, and shows it to nobody',
    (_, lines, place) => {
      const found = problems(schema, ...lines);
      expect(found.map(brief)).toContain(`${place} secret-literal`);
      expect(found.find(({ code }) => code === 'secret-literal')).toMatchObject({
        summary: expect.stringMatching(
          /^products\.web\.settings\..* is a secret, and must not be written out$/,
        ),
        fix: expect.stringContaining(
          '{fromFile: /PATH}, {fromEnv: NAME} or {fromCredential: NAME}',
        ),
      });
      expectHidden(found);
    },
  );

  test.each([
    [
      'on the line of another mistake',
      ['{key: hunter2, prot: 1, x-a: hunter2, name: 5}'],
      ['secret-literal', 'unknown-key', 'secret-literal', 'wrong-type'],
    ],
    [
      'on the lines before another mistake',
      ['{key: "a', '  hunter2", prot: 1}'],
      ['secret-literal', 'unknown-key'],
    ],
    ['under a key that is there twice', ['key: {fromEnv: KEY}', 'key: hunter2'], ['duplicate-key']],
    ['under a merge key', ['<<: {key: hunter2}'], ['yaml-merge-key']],
    [
      'as a number that would change',
      ['key: 0123', 'pins: [01]'],
      ['secret-literal', 'secret-literal'],
    ],
  ])('stays hidden %s', (_, lines, codes) => {
    const found = problems(schema, ...lines);
    expect(found.map(({ code }) => code)).toEqual(codes);
    expectHidden(found);
  });

  test('stays hidden where the file as a whole is wrong', () => {
    const text = withHead('products: {web: {verison: 1, settings: {key: hunter2}}}');
    const found = problemsOf(text, server, schemas(schema));
    expect(found.map(({ code }) => code)).toEqual(['unknown-key', 'secret-literal']);
    expectHidden(found);
  });

  test('the line is shown with three stars for it, underlined', () => {
    const { span, sourceLine } = onlyProblem(schema, 'key: hunter2 # the key');
    expect(sourceLine).toBe('      key: *** # the key');
    expect(span).toMatchObject({ column: 12, endColumn: 15 });
  });

  test('in a file that another one covers by a reference is none, and stays hidden all the same', () => {
    const texts = [
      { file: 'base.yaml', text: web('{key: hunter2, port: x}') },
      { file: 'over.yaml', text: 'products: {web: {settings: {key: {fromEnv: KEY}}}}\n' },
    ];
    const read = readDesired(texts, {
      definition: server,
      digest: String,
      settingsSchemas: schemas(schema),
    });
    const found = read.ok ? [] : read.error;
    expect(found.map(brief)).toEqual(['6:28 wrong-type']);
    expectHidden(found);
  });

  test.each([
    [
      'where a secret is wanted',
      'key: {fromFile: /k}',
      'pins: [{fromEnv: PIN}]',
      'tls: {a: {fromEnv: X}}',
      'peer: {token: {fromEnv: T}}',
    ],
    [
      'where anything else is',
      'port: {fromEnv: PORT}',
      'name: {fromFile: /n}',
      'peer: {fromFile: /p}',
    ],
  ])('by reference fits %s, for nobody knows it yet', (...[, ...lines]) => {
    expect(settingsOf(schema, web(...lines))).toBeTypeOf('object');
  });

  test.each<[string, object, string]>([
    ['a form of several', { x: { oneOf: [tagged('tcp', 'host'), port] } }, 'x: {fromEnv: X}'],
    [
      'in a form of several',
      { x: { oneOf: [withProperties({ a: port }), { type: 'string' }] } },
      'x: {a: {fromEnv: X}}',
    ],
    [
      'one of two forms that are both maps',
      { x: { oneOf: [withProperties({ a: port }), withProperties({ b: port })] } },
      'x: {a: {fromEnv: X}}',
    ],
    [
      'a condition as text',
      {
        x: {
          type: 'object',
          if: { properties: { a: { type: 'string' } } },
          else: { required: ['b'] },
        },
      },
      'x: {a: {fromEnv: X}}',
    ],
    ['what is excluded', { x: { not: { type: 'string' } } }, 'x: {fromEnv: X}'],
    [
      'items of a list',
      { x: { type: 'array', uniqueItems: true, items: port } },
      'x: [{fromEnv: X}, {fromEnv: Y}]',
    ],
    ['a count of keys', { x: { type: 'object', maxProperties: 0 } }, 'x: {fromEnv: X}'],
  ])('by reference fits %s', (_, properties, line) => {
    expect(settingsOf(withProperties(properties), web(line))).toBeTypeOf('object');
  });

  test('by reference hides no other mistake', () => {
    const either = { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] };
    expect(brief(onlyProblem(either, 'c: {fromEnv: X}'))).toBe('5:5 no-form-fits');
    expect(
      brief(
        onlyProblem(
          withProperties({ x: { type: 'array', uniqueItems: true } }),
          'x: [{fromEnv: X}, {fromEnv: X}]',
        ),
      ),
    ).toBe('6:25 repeated-item');
  });
});

function expectHidden(diagnostics: readonly Diagnostic[]): void {
  const shown = [
    renderDiagnostics(diagnostics, { palette: plainPalette, width: 100 }),
    JSON.stringify(diagnosticsDocument(diagnostics)),
    JSON.stringify(diagnostics),
  ].join('\n');
  expect(shown).not.toMatch(/hunt|123|9999|ter2/);
}

describe('defaults', () => {
  const schema = withProperties(
    {
      zone: { type: 'string', default: 'eu' },
      port: { ...port, default: 80 },
      on: { type: 'boolean', default: false },
      key: { type: 'string', writeOnly: true, default: { fromFile: '/run/key' } },
      tls: { ...withProperties({ min: { default: '1.2' }, max: { type: 'string' } }), default: {} },
      log: withProperties({ level: { enum: ['info', 'debug'], default: 'info' } }),
      peers: { type: 'array', items: { $ref: '#/$defs/peer' } },
      free: { type: 'object', additionalProperties: { $ref: '#/$defs/peer' } },
    },
    {
      required: ['port'],
      $defs: { peer: { allOf: [withProperties({ weight: { type: 'integer', default: 1 } })] } },
    },
  );

  test.each<[string, string, unknown]>([
    [
      'come after what is declared, in the order of the schema',
      '{port: 8080}',
      [
        ['port', 8080],
        ['zone', 'eu'],
        ['on', false],
        ['key', 'fromFile:/run/key'],
        ['tls', { min: '1.2' }],
      ],
    ],
    [
      'are all there is of empty settings',
      '{}',
      [
        ['zone', 'eu'],
        ['port', 80],
        ['on', false],
        ['key', 'fromFile:/run/key'],
        ['tls', { min: '1.2' }],
      ],
    ],
  ])('%s', (_, settings, wanted) => {
    const text = withHead(`products: {web: {settings: ${settings}}}`);
    const found = settingsOf(schema, text) as Record<string, unknown>;
    expect(withoutTokens(Object.entries(found))).toEqual(wanted);
  });

  test('fill maps that are there, in lists too, and make none', () => {
    const declared = '{log: {}, tls: {max: "1.3"}, peers: [{}, {weight: 5}], free: {a: {}}}';
    expect(settingsOf(schema, withHead(`products: {web: {settings: ${declared}}}`))).toMatchObject({
      log: { level: 'info' },
      tls: { max: '1.3', min: '1.2' },
      peers: [{ weight: 1 }, { weight: 5 }],
      free: { a: { weight: 1 } },
    });
    expect(settingsOf(schema, web('{}'))).not.toHaveProperty('log');
  });

  test('do not touch a product without settings, which keeps its config file', () => {
    expect(settingsOf(schema, withHead('products: {web: {version: "1"}}'))).toBeUndefined();
  });

  test('do not touch a product without a schema', () => {
    const text = withHead('products: {store: {settings: {a: 1}}}');
    const parsed = parse(text, server, schemas(schema));
    expect(parsed.ok && parsed.value.products.get(named('store'))?.settings).toEqual({ a: 1 });
  });

  test.each([
    [
      'that do not fit',
      { a: { type: 'integer', default: 'x' } },
      /the default of products\.web\.settings\.a does not fit its own schema/,
    ],
    ['without end', { a: { $ref: '#/$defs/loop' } }, /have no end/],
  ])('%s are the fault of the schema', (_, properties, words) => {
    const loop = {
      type: 'object',
      default: {},
      properties: { l: { $ref: '#/$defs/loop' }, r: { $ref: '#/$defs/loop' } },
    };
    const problem = onlyProblem(withProperties(properties, { $defs: { loop } }), '{}');
    expect(brief(problem)).toBe('5:5 settings-schema-at-fault');
    expect(problem.summary).toMatch(words);
    expect(problem.fix).toMatch(/^mend the schema, at \/etc\/bootstrap\/web\.schema\.json:1:\d+$/);
  });
});

function withoutTokens(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/[\uE000\uE001]/g, ''));
}

test('a schema that refers to itself without end is told as such', () => {
  const problem = onlyProblem({ $ref: '#' }, 'a: 1');
  expect(brief(problem)).toBe('5:5 settings-schema-at-fault');
});

describe('a schema file that cannot be used is refused, with its place:', () => {
  test.each([
    ['broken JSON', '{\n  "type": "object",\n}', '3:1 json-syntax', /remove the comma/],
    ['an empty file', '', '1:1 json-syntax', /the end of the file/],
    ['a list', '[]', '1:1 settings-schema-invalid', /must be an object/],
    ['true', ' true', '1:2 settings-schema-invalid', /must be an object/],
    ['a misspelt type', '{"type": "intger"}', '1:10 unknown-word', /did you mean "integer"\?/],
    [
      'a wrong bound',
      '{"properties": {"a": {"minLength": -1, "type": "string"}}, "type": "object"}',
      '1:36 out-of-range',
      /at least 0/,
    ],
    [
      'a number for text',
      '{"type": "object", "required": "a"}',
      '1:32 wrong-type',
      /must be a list/,
    ],
    [
      'a misspelt keyword',
      '{"type": "integer",\n "minium": 1}',
      '2:2 settings-schema-invalid',
      /did you mean "minimum"\?/,
    ],
    ['a keyword of others', '{"$async": true}', '1:2 settings-schema-invalid', /no keyword/],
    [
      'another draft',
      '{"$schema": "http://json-schema.org/draft-07/schema#"}',
      '1:13 settings-schema-invalid',
      /2020-12/,
    ],
    [
      'a reference to another file',
      '{"$ref": "other.json#/a"}',
      '1:10 settings-schema-invalid',
      /leads out of this file/,
    ],
    [
      'a reference to the net',
      '{"$ref": "https://example.org/a.json"}',
      '1:10 settings-schema-invalid',
      /nothing is loaded/,
    ],
    [
      'a reference to nothing',
      '{"$ref": "#/$defs/prot", "$defs": {"port": {}}}',
      '1:10 settings-schema-invalid',
      /did you mean "#\/\$defs\/port"\?/,
    ],
    [
      'a reference to no schema',
      '{"$ref": "#/title", "title": "x"}',
      '1:10 settings-schema-invalid',
      /leads to no schema/,
    ],
    [
      '$data',
      '{"type": "integer", "minimum": {"$data": "1/x"}}',
      '1:21 wrong-type',
      /must be a number/,
    ],
    [
      'a format',
      '{"type": "string", "format": "uri"}',
      '1:20 settings-schema-invalid',
      /would not be checked/,
    ],
    [
      'a pattern',
      '{"type": "string", "pattern": "("}',
      '1:31 settings-schema-invalid',
      /no regular expression/,
    ],
    [
      'a pattern of keys',
      '{"type": "object", "patternProperties": {"[": {}}}',
      '1:42 settings-schema-invalid',
      /no regular expression/,
    ],
    [
      'a bound without a type',
      '{"type": "object", "properties": {"a": {"minimum": 1}}}',
      '1:35 settings-schema-invalid',
      /missing type "number"/,
    ],
    [
      'an id within',
      '{"type": "object", "properties": {"a": {"$id": "a"}}}',
      '1:41 settings-schema-invalid',
      /\$anchor/,
    ],
    [
      'a secret with a default',
      '{"type": "object", "properties": {"a": {"writeOnly": true, "default": "x"}}}',
      '1:60 settings-schema-invalid',
      /a secret cannot have its value in a schema/,
    ],
    [
      'null as a default',
      '{"type": "object", "properties": {"a": {"default": null}}}',
      '1:41 settings-schema-invalid',
      /cannot be null/,
    ],
    [
      'a key twice',
      '{"type": "object",\n"type": "object"}',
      '2:1 duplicate-key',
      /there first on line 1/,
    ],
  ])('%s', (_, text, place, words) => {
    const result = read(known(text));
    const diagnostics = faultsOf(result);
    expect(diagnostics.map(brief)).toEqual([place]);
    expect(diagnostics[0]?.span?.file).toBe(SCHEMA_PATH);
    expect(
      [diagnostics[0]?.summary, diagnostics[0]?.detail, diagnostics[0]?.fix].join('\n'),
    ).toMatch(words);
  });

  test.each([
    ['is not there', absent, /does not exist/],
    ['may not be read', unreadable('permission denied'), /permission denied/],
  ])('one that %s, at the line of bootstrap.ini', (_, file, words) => {
    const [problem, ...others] = faultsOf(read(file));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'settings-schema-unreadable', span: place });
    expect(problem?.summary).toMatch(words);
  });

  test('all faults at once', () => {
    const text =
      '{"type": "object", "properties": {\n"a": {"minium": 1},\n"b": {"type": "strin"},\n"c": {"$ref": "#/x"}}}';
    expect(faultsOf(read(known(text))).map(brief)).toEqual([
      '2:7 settings-schema-invalid',
      '3:15 unknown-word',
      '4:15 settings-schema-invalid',
    ]);
  });

  test('whatever it holds, nothing is thrown', () => {
    const values = [null, true, 5, 'x', [], {}, [{}], { a: {} }, { $ref: '#' }, '#/$defs/a'];
    const keywords = [
      'type',
      'properties',
      'items',
      'allOf',
      'anyOf',
      '$ref',
      '$id',
      '$anchor',
      '$defs',
      'pattern',
      'enum',
      'required',
      'default',
      'if',
      'not',
      'dependentSchemas',
      'prefixItems',
      'unevaluatedProperties',
      '$dynamicRef',
      '$vocabulary',
      'const',
      'minimum',
      'writeOnly',
    ];
    for (const keyword of keywords)
      for (const value of values) {
        const result = read(known(JSON.stringify({ [keyword]: value })));
        if (result.ok) parse(web('a: {b: [1]}'), server, result.value);
      }
  });
});

function faultsOf(result: Result<SettingsSchemas, Failure>): readonly Diagnostic[] {
  if (result.ok || result.error.code !== 'definition-invalid') throw new Error('not refused');
  return result.error.diagnostics;
}

test('a schema file of two products is read once', () => {
  let reads = 0;
  const settingsSchema = { path: SCHEMA_PATH, place };
  const both = serverWith(
    productDefinition('web', { settingsSchema }),
    productDefinition('store', { settingsSchema }),
  );
  const files = {
    read: () => {
      reads += 1;
      return known('{"type": "object"}');
    },
  };
  expect(readSettingsSchemas(files, both).ok).toBe(true);
  expect(reads).toBe(1);
});
