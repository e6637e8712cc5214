// src/model/document.ts and schemas/desired-state.schema.json say the same: types made from the schema are the types of the code.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SCHEMA = JSON.parse(readFileSync('schemas/desired-state.schema.json', 'utf8')) as JsonMap;
const MODEL = readFileSync('src/model/document.ts', 'utf8');

const NOT_THE_SAME = "Type 'true' is not assignable to type 'false'.";

type JsonMap = { readonly [key: string]: unknown };

test('the document is the same in the schema and in the code', async () => {
  expect(await differences(SCHEMA, MODEL)).toEqual([]);
});

describe('a difference is found:', () => {
  const server = partOf(SCHEMA, '$defs', 'server', 'properties');
  const product = partOf(SCHEMA, '$defs', 'product', 'properties');
  const heartbeat = partOf(SCHEMA, '$defs', 'heartbeat', 'properties');

  test.each([
    ['a field that only the schema has', product, 'priority', { type: 'integer' }],
    ['a field of a heartbeat that only the schema has', heartbeat, 'retries', { type: 'integer' }],
    ['another type', product, 'protect', { type: 'string' }],
    ['one word more', server, 'mode', { enum: ['idle', 'production', 'off'] }],
    ['one word less', server, 'mode', { enum: ['idle'] }],
  ])('%s', async (_, fields, name, field) => {
    const changed = replaced(SCHEMA, fields, { ...fields, [name]: field });
    expect(await differences(changed, MODEL)).toEqual([NOT_THE_SAME]);
  });

  test.each([
    [
      'a field that only the code has',
      'readonly protect?: boolean;',
      '$& readonly priority?: number;',
    ],
    [
      'a field of a heartbeat that only the code has',
      'readonly grace?: string;',
      '$& readonly retries?: number;',
    ],
    ['a field that is gone from the code', 'readonly suspend?: boolean;', ''],
    ['a field that must be there', 'readonly protect?: boolean;', 'readonly protect: boolean;'],
    ['another type', 'readonly maxChanges?: number;', 'readonly maxChanges?: string;'],
  ])('%s', async (_, found, instead) => {
    const changed = MODEL.replace(found, instead);
    expect(changed).not.toBe(MODEL);
    expect(await differences(SCHEMA, changed)).toEqual([NOT_THE_SAME]);
  });
});

const MODEL_PATH = resolve('src/model/document.ts');
const GENERATED_PATH = resolve('src/model/generated-document.ts');
const PROOF_PATH = resolve('src/model/proof.ts');

// Assignable both ways would not do: a field that may be left out is one that nobody misses. Both sides are
// written out first, since `identical` looks at how a type is made, and everything is read-only, as in the code.
const PROOF = `
import type { DesiredDocument as Written } from './document.ts';
import type { DesiredDocument as Generated } from './generated-document.ts';
type Plain<T> = T extends readonly (infer Item)[] ? readonly Plain<Item>[]
  : T extends object ? { readonly [K in keyof T]: Plain<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const same: Same<Plain<Written>, Plain<Generated>> = true;
`;

/** TypeScript's own library, and what else is the same each time: most of a second. */
const UNCHANGED = new Map<string, ts.SourceFile | undefined>();

/** What the type checker has against the schema and the code being the same; nothing is read from or written to these paths but the code. */
async function differences(schema: JsonMap, model: string): Promise<readonly string[]> {
  const generated = await compile(comparable(schema) as object, 'DesiredDocument', {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    format: false,
    bannerComment: "import type { PlainMap } from './document.ts';",
  });
  const texts = new Map([
    [MODEL_PATH, model],
    [GENERATED_PATH, generated],
    [PROOF_PATH, PROOF],
  ]);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: [],
    lib: ['lib.es2023.d.ts'],
    skipLibCheck: true,
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    readFile: (path) => texts.get(path) ?? disk.readFile(path),
    fileExists: (path) => texts.has(path) || disk.fileExists(path),
    getSourceFile: (path, ...rest) => {
      const text = texts.get(path);
      if (text !== undefined) return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
      const file = UNCHANGED.get(path) ?? disk.getSourceFile(path, ...rest);
      UNCHANGED.set(path, file);
      return file;
    },
  };
  const program = ts.createProgram([PROOF_PATH], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** The schema as the generator understands it: it knows no `if`, and would make of keys that exclude each other a union of 18 types. */
function comparable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(comparable);
  if (typeof node !== 'object' || node === null) return node;
  const { if: condition, then, else: other, oneOf: _, ...rest } = node as JsonMap;
  const isFree =
    rest['type'] === 'object' && !('properties' in rest) && !('additionalProperties' in rest);
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, comparable(inner)])),
    ...(condition === undefined ? {} : { anyOf: [comparable(then), comparable(other)] }),
    ...(isFree ? { tsType: 'PlainMap' } : {}),
  };
}

function partOf(node: unknown, ...keys: readonly string[]): JsonMap {
  return keys.reduce((part, key) => part[key] as JsonMap, node as JsonMap);
}

/** A copy of `node` with `other` in the place of `part`, by identity. */
function replaced(node: JsonMap, part: JsonMap, other: JsonMap): JsonMap {
  const copy = (value: unknown): unknown => {
    if (value === part) return other;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
  };
  return copy(node) as JsonMap;
}
