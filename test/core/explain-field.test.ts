import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explainField, type FieldExplanation } from '../../src/core/explain-field.ts';
import { recordOf, type JsonSchema } from '../../src/core/schema-walk.ts';

const DESIRED = recordOf(JSON.parse(readFileSync('schemas/desired-state.schema.json', 'utf8')));

function explained(root: JsonSchema, path: string): FieldExplanation {
  const field = explainField(root, path === '' ? [] : path.split('.'));
  if (!field.ok) throw new Error(`${path}: ${field.error.step} is not there`);
  return field.value;
}

const namesIn = ({ fields }: FieldExplanation) => fields.map(({ name }) => name);

describe('a field of the desired state', () => {
  test('has its own words, and those of the form it must have', () => {
    expect(explained(DESIRED, 'products.web.version')).toMatchObject({
      name: 'products.web.version',
      type: 'text',
      description: expect.stringMatching(/^The version to install/),
      allowed: [
        expect.stringMatching(/^A version is 1 to 128/),
        'matches ^[0-9A-Za-z][0-9A-Za-z.+~_:/-]{0,127}$',
      ],
      default: undefined,
      fields: [],
    });
  });

  test.each([
    ['apiVersion', 'bootstrap/v1', true],
    ['server.mode', 'idle | production', true],
    ['products.web.dependsOn', 'list of text', false],
    ['products.web.heartbeat', 'list of map, or map', false],
    ['products.web.driftPolicy', 'map, or correct | report | ignore', false],
    ['products.web.driftPolicy.tls.key', 'correct | report | ignore', false],
    ['products.web.heartbeat.successes', 'whole number', false],
    ['products.web.heartbeat.0.successes', 'whole number', false],
    ['products.my.app.version', 'text', false],
    ['products.NAME.protect', 'true or false', false],
    ['products.web.settings.any.thing', 'anything', false],
    ['callbacks.0.url', 'text', true],
    ['callbacks.url', 'text', true],
  ])('%s is %s', (path, type, required) => {
    expect(explained(DESIRED, path)).toMatchObject({ type, required });
  });

  test.each([
    ['policy.maxChanges', { default: 50, allowed: ['at least 0'] }],
    [
      'products.web.heartbeat.status',
      { default: 200, allowed: ['100 to 599', 'only beside http'] },
    ],
    ['metadata.name', { allowed: ['1 to 253 characters'] }],
    ['products.web.dependsOn', { default: [], allowed: ['no item twice'] }],
    [
      'products',
      { allowed: [expect.stringContaining('NAME'), expect.stringContaining('NAME matches')] },
    ],
  ])('%s has its limits', (path, facts) => {
    expect(explained(DESIRED, path)).toMatchObject(facts);
  });

  test('has the fields one level down, each once', () => {
    expect(namesIn(explained(DESIRED, ''))).toEqual(Object.keys(recordOf(DESIRED['properties'])));
    expect(namesIn(explained(DESIRED, 'products'))).toEqual(['NAME']);
    const names = namesIn(explained(DESIRED, 'products.web.heartbeat'));
    expect(names).toContain('http');
    expect(new Set(names).size).toBe(names.length);
  });

  test('has a description, wherever it is', () => {
    const bare: string[] = [];
    const look = (path: string): void => {
      const field = explained(DESIRED, path);
      if (field.description === undefined) bare.push(path);
      for (const name of namesIn(field)) look(path === '' ? name : `${path}.${name}`);
    };
    look('');
    expect(bare).toEqual([]);
  });

  test.each([
    ['products.web.verison', 'products.web.version'],
    ['products.web.setings.maxconn', 'products.web.settings'],
    ['product.web', 'products'],
    ['maxchanges', 'policy.maxChanges'],
    ['server.deadline', 'products.NAME.heartbeat.deadline'],
    ['policy.windows.from', undefined],
    ['xyzzy', undefined],
  ])('%s is not there; %s is', (path, meant) => {
    const field = explainField(DESIRED, path.split('.'));
    expect(field).toMatchObject({ ok: false, error: { meant } });
  });
});

describe('a schema of settings', () => {
  const explain = (schema: object, path: string) => explained(recordOf(schema), path);

  test('may be made of parts', () => {
    const schema = {
      $defs: {
        tls: { description: 'TLS.', properties: { key: { type: 'string', writeOnly: true } } },
      },
      allOf: [{ properties: { port: { type: ['integer', 'null'], exclusiveMinimum: 0 } } }],
      properties: {
        tls: { $ref: '#/$defs/tls' },
        level: { anyOf: [{ type: 'integer' }, { enum: ['auto', 'off'] }] },
        'a/b~c': { $ref: '#/properties/level' },
        alias: { $ref: '#/properties/a~1b~0c' },
        elsewhere: { $ref: 'https://example.com/x.json' },
        deep: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
      },
    };
    expect(namesIn(explain(schema, ''))).toEqual([
      'tls',
      'level',
      'a/b~c',
      'alias',
      'elsewhere',
      'deep',
      'port',
    ]);
    expect(explain(schema, 'tls')).toMatchObject({ type: 'map', description: 'TLS.' });
    expect(explain(schema, 'tls.key').allowed.join()).toMatch(/a secret/);
    expect(explain(schema, 'port').type).toBe('whole number or nothing');
    expect(explain(schema, 'level').type).toBe('whole number, or auto | off');
    expect(explain(schema, 'alias').type).toBe('whole number, or auto | off');
    expect(explain(schema, 'elsewhere').type).toBe('anything');
    expect(explain(schema, 'deep').type).toBe('list of list of number');
  });

  test('may contain itself', () => {
    const schema = {
      type: 'object',
      properties: {
        tree: { $ref: '#' },
        list: { type: 'array', items: { $ref: '#/properties/list' } },
        loop: { $ref: '#/properties/loop' },
        both: {
          anyOf: [
            { $ref: '#/properties/both' },
            { $ref: '#/properties/both' },
            { type: 'array', items: { $ref: '#/properties/both' } },
            { type: 'array', items: { $ref: '#/properties/both' } },
            { type: 'string' },
          ],
        },
      },
    };
    expect(explain(schema, 'tree.tree.tree').fields).toHaveLength(4);
    expect(explain(schema, 'list').type).toMatch(/^list of list/);
    expect(explain(schema, 'loop').type).toBe('anything');
    expect(explain(schema, 'both').type).toMatch(/text/);
    expect(explainField(recordOf(schema), ['list', 'x'])).toMatchObject({ ok: false });
    expect(explainField(recordOf(schema), ['both', 'x'])).toMatchObject({ ok: false });
    expect(explainField(recordOf(schema), ['xyzzy'])).toMatchObject({ ok: false });
  });

  test.each([
    ['a list', []],
    ['true', true],
    ['null', null],
    ['a bad pointer', { $ref: '#/%' }],
    ['types that are none', { type: 5, properties: 7, items: 'x', enum: {}, anyOf: 3 }],
  ])('that is %s explains nothing, and breaks nothing', (_, schema) => {
    expect(explained(recordOf(schema), '')).toMatchObject({ fields: [] });
  });
});
