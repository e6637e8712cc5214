// Every code that a message can show is explained, and nothing else is; the examples do what they say.
import { describe, expect, test } from 'vitest';
import ts from 'typescript';
import { readDefinition } from '../../src/actual/definition.ts';
import { EXPLANATIONS } from '../../src/core/explanations/all.ts';
import { DEFINITION_EXPLANATIONS } from '../../src/core/explanations/definition.ts';
import { DESIRED_EXPLANATIONS } from '../../src/core/explanations/desired.ts';
import { FAILURE_EXPLANATIONS } from '../../src/core/explanations/failures.ts';
import { INI_EXPLANATIONS } from '../../src/core/explanations/ini.ts';
import { SETTINGS_EXPLANATIONS } from '../../src/core/explanations/settings.ts';
import { SETTINGS_SCHEMA_EXPLANATIONS } from '../../src/core/explanations/settings-schema.ts';
import { YAML_EXPLANATIONS } from '../../src/core/explanations/yaml.ts';
import { readSettingsSchemas } from '../../src/desired/settings-schema.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { known } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';
import { parse, productDefinition, serverWith, withHead } from '../desired/server.ts';
import { readSources } from '../tidy/sources.ts';

const PARTS = [
  FAILURE_EXPLANATIONS,
  YAML_EXPLANATIONS,
  DESIRED_EXPLANATIONS,
  SETTINGS_EXPLANATIONS,
  SETTINGS_SCHEMA_EXPLANATIONS,
  INI_EXPLANATIONS,
  DEFINITION_EXPLANATIONS,
];

test('every code of src has an explanation, and every explanation a code', () => {
  const sources = [...readSources()].filter(([path]) => !path.includes('/explanations/'));
  const used = new Set(sources.flatMap(([path, text]) => codesIn(path, text)));
  for (const code of NOT_SHOWN) expect(used.delete(code), `${code} is gone: remove it`).toBe(true);
  expect(used.size).toBeGreaterThan(60);
  const unexplained = [...used].filter((code) => !EXPLANATIONS.has(code));
  expect(unexplained, 'Fix: explain it in src/core/explanations/').toEqual([]);
  const unused = [...EXPLANATIONS.keys()].filter((code) => !used.has(code));
  expect(unused, 'Fix: nothing says it any more; remove it').toEqual([]);
});

// Why a file could not be edited (EditProblem of format/yaml-edit.ts): whoever asked makes words and a failure of it.
const NOT_SHOWN = ['not-readable', 'no-way-in', 'not-one-value', 'unusual-layout'];

test('no code is explained twice, and none is spelt like a field', () => {
  expect(PARTS.flatMap((part) => Object.keys(part))).toHaveLength(EXPLANATIONS.size);
  expect([...EXPLANATIONS.keys()].filter((code) => !/^[a-z]+(?:-[a-z]+)*$/.test(code))).toEqual([]);
  const fields = ['metadata', 'server', 'products', 'policy', 'callbacks'];
  expect(fields.filter((field) => EXPLANATIONS.has(field))).toEqual([]);
});

test.each([
  ['a property', `const a = { code: 'x-y', at };`, ['x-y']],
  ['a choice', `const a = { code: bad ? 'x' : 'y' };`, ['x', 'y']],
  ['a type', `type F = { readonly code: 'x' } | { readonly code: 'y' };`, ['x', 'y']],
  ['an argument', `const fault = (code: string, n: number) => 0; fault('x', 1);`, ['x']],
  ['an argument', `fault('x', 1); function fault(code: string) {}`, ['x']],
  ['a code of the system', `if (e.code === 'ENOENT') throw { code: 'SHORT_WRITE' };`, []],
  ['another argument', `function fault(at: string, code: string) {} fault('y', 'x');`, ['x']],
])('a code is seen in %s', (_, text, codes) => {
  expect(codesIn('src/a.ts', text)).toEqual(codes);
});

/** The codes that a source writes out: as the property `code` of a value or type, or as the argument of a parameter `code`. */
function codesIn(path: string, text: string): readonly string[] {
  const codes: string[] = [];
  const indexByFunction = new Map<string, number>();
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const look = (node: ts.Node, visit: (node: ts.Node) => void): void => {
    visit(node);
    node.forEachChild((child) => look(child, visit));
  };
  look(source, (node) => {
    if (!ts.isFunctionDeclaration(node) && !ts.isArrowFunction(node)) return;
    const named = ts.isVariableDeclaration(node.parent) ? node.parent.name : node.name;
    const index = node.parameters.findIndex(({ name }) => name.getText() === 'code');
    if (named !== undefined && index >= 0) indexByFunction.set(named.getText(), index);
  });
  look(source, (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'code')
      codes.push(...literalsIn(node.initializer));
    if (ts.isPropertySignature(node) && node.name.getText() === 'code' && node.type)
      codes.push(...literalsIn(node.type));
    const index = ts.isCallExpression(node)
      ? indexByFunction.get(node.expression.getText())
      : undefined;
    if (ts.isCallExpression(node) && index !== undefined)
      codes.push(...literalsIn(node.arguments[index]));
  });
  return codes.filter((code) => !/^[A-Z_]+$/.test(code));
}

/** The texts that a value or a type may be. Of a choice not what decides it. */
function literalsIn(node: ts.Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node))
    return [...literalsIn(node.whenTrue), ...literalsIn(node.whenFalse)];
  if (ts.isLiteralTypeNode(node)) return literalsIn(node.literal);
  if (ts.isUnionTypeNode(node)) return node.types.flatMap(literalsIn);
  return [];
}

const settingsSchema = {
  path: '/etc/bootstrap/haproxy.schema.json',
  place: { file: '/etc/bootstrap/bootstrap.ini', line: 1, column: 1 },
};

function readSchema(text: string) {
  const definition = serverWith(productDefinition('haproxy', { settingsSchema }));
  return readSettingsSchemas({ read: () => known(text) }, definition);
}

describe('the example of a desired state', () => {
  const schemas = readSchema(
    '{"type": "object", "properties": {"key": {"type": "string", "writeOnly": true}, "bind": {"anyOf": [{"type": "integer"}, {"pattern": "^/", "type": "string"}]}}}',
  );
  if (!schemas.ok) throw new Error(`not valid: ${JSON.stringify(schemas.error)}`);
  const documents = { ...YAML_EXPLANATIONS, ...DESIRED_EXPLANATIONS, ...SETTINGS_EXPLANATIONS };
  // Too large to be written here, or about what comes and goes; of templates and of bootstrap.ini.
  const elsewhere = /^(?:yaml-too-large|yaml-too-many|more-problems|template-.*|config-.*)$/;
  const server = serverWith(
    productDefinition('haproxy', { settingsSchema }),
    'store',
    'web',
    productDefinition('worker', { config: undefined }),
  );
  const codesOf = (example: string) => {
    const isWhole = /^(?:apiVersion|%|#|-)/.test(example);
    const parsed = parse(isWhole ? example : withHead(example), server, schemas.value);
    return parsed.ok ? [] : distinctCodes(parsed.error);
  };

  test.each(Object.entries(documents).filter(([code]) => !elsewhere.test(code)))(
    '%s',
    (code, { wrong, right }) => {
      expect(codesOf(wrong)).toEqual([code]);
      expect(codesOf(right)).toEqual([]);
    },
  );
});

describe('the example of a settings-schema', () => {
  test('settings-schema-invalid', () => {
    const { wrong, right } = SETTINGS_SCHEMA_EXPLANATIONS['settings-schema-invalid'];
    expect(readSchema(wrong)).toMatchObject({
      ok: false,
      error: { diagnostics: [{ code: 'settings-schema-invalid' }] },
    });
    expect(readSchema(right).ok).toBe(true);
  });

  test('settings-schema-at-fault', () => {
    const { wrong, right } = SETTINGS_SCHEMA_EXPLANATIONS['settings-schema-at-fault'];
    const codesOf = (text: string) => {
      const schemas = readSchema(text);
      if (!schemas.ok) throw new Error(`not valid: ${JSON.stringify(schemas.error)}`);
      const parsed = parse(
        withHead('products: {haproxy: {settings: {}}}'),
        serverWith(productDefinition('haproxy', { settingsSchema })),
        schemas.value,
      );
      return parsed.ok ? [] : distinctCodes(parsed.error);
    };
    expect(codesOf(wrong)).toEqual(['settings-schema-at-fault']);
    expect(codesOf(right)).toEqual([]);
  });
});

describe('the example of a bootstrap.ini', () => {
  const path = hostPath('', '/etc/bootstrap/bootstrap.ini');
  const codesOf = (example: string) => {
    const files = { read: () => known(example) };
    const read = readDefinition(files, { path, shownPath: path, root: '' });
    if (read.ok) return [];
    return read.error.code === 'definition-invalid'
      ? distinctCodes(read.error.diagnostics)
      : [read.error.code];
  };

  test.each(
    Object.entries({ ...INI_EXPLANATIONS, ...DEFINITION_EXPLANATIONS }).filter(
      ([code]) => code !== 'ini-too-many',
    ),
  )('%s', (code, { wrong, right }) => {
    expect(codesOf(wrong)).toEqual([code]);
    expect(codesOf(right)).toEqual([]);
  });
});

function distinctCodes(diagnostics: readonly Diagnostic[]): readonly string[] {
  return [...new Set(diagnostics.map(({ code }) => code))];
}
