// Compiles the schemas needed at run time into plain functions: compiling them at start costs 90 ms, loading these 5.
// `node .build/validators.mjs [FOLDER]`: writes to src/desired/, or to FOLDER for who wants to compare.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const SCHEMAS = ['desired-state']; // schemas/<name>.schema.json → validate<Name>()

const PROSE = new Set(['description', '$comment']);

const root = new URL('..', import.meta.url);
const [, , given] = process.argv;
const folder = given === undefined ? new URL('src/desired/', root) : folderUrl(given);

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictRequired: false, // would refuse `required` beside `oneOf`, which is how the kinds are told apart
  verbose: true, // errors carry schema and data, for "did you mean"
  discriminator: true, // one error for the branch meant, not one for each branch
  code: { source: true, esm: true, lines: true },
});

const idByName = {};
const textByName = {};
for (const name of SCHEMAS) {
  const text = readFileSync(new URL(`schemas/${name}.schema.json`, root), 'utf8');
  ajv.addSchema(JSON.parse(text, withoutProse), name);
  idByName[`validate${pascalCase(name)}`] = name;
  textByName[`schemaOf${pascalCase(name)}`] = JSON.stringify(JSON.parse(text));
}

await writeValidators('validators', idByName);
// For the schemas that bootstrap.ini names: a module of its own, so that nobody else pays for it.
await writeValidators('meta-schema', {
  validateSchema: 'https://json-schema.org/draft/2020-12/schema',
});

// The schemas as they are, prose included, for `explain`: a module of its own, so that nobody else pays for it.
writeModule('schemas', (name, text) => `export const ${name} = ${text};\n`);
writeModule('schemas', (name) => `export declare const ${name}: unknown;\n`, 'd.ts');

async function writeValidators(name, idByExport) {
  const code = standalone.default(ajv, idByExport);
  // ajv's ESM output still says require("ajv/dist/runtime/…") (ajv #2209): bundling puts those few functions in.
  await build({
    stdin: { contents: inLinearTime(code), resolveDir: fileURLToPath(root) },
    outfile: fileURLToPath(new URL(`${name}.generated.js`, folder)),
    bundle: true,
    format: 'esm',
    target: 'node20',
    banner: { js: '// Generated from schemas/ by .build/validators.mjs.' },
    logLevel: 'warning',
  });
  writeFileSync(
    new URL(`${name}.generated.d.ts`, folder),
    `// Generated from schemas/ by .build/validators.mjs.
import type { ErrorObject } from 'ajv';

interface Validator {
  (data: unknown): boolean;
  errors?: ErrorObject[] | null;
}

${Object.keys(idByExport)
  .map((each) => `export declare const ${each}: Validator;\n`)
  .join('')}`,
  );
}

function writeModule(name, line, extension = 'js') {
  const lines = Object.entries(textByName).map((entry) => line(...entry));
  writeFileSync(
    new URL(`${name}.generated.${extension}`, folder),
    `// Generated from schemas/ by .build/validators.mjs.\n${lines.join('')}`,
  );
}

function folderUrl(path) {
  return pathToFileURL(`${resolve(path)}/`);
}

/** ajv copies all errors so far for each product that has one: 20,000 errors would take seconds. */
function inLinearTime(code) {
  const joined = /vErrors === null \? (\w+)\.errors : vErrors\.concat\(\1\.errors\)/g;
  const quick = code.replace(joined, 'joinErrors(vErrors, $1.errors)');
  if (quick === code || quick.includes('vErrors.concat'))
    throw new Error('ajv joins errors otherwise');
  return `${quick}
function joinErrors(all, more) {
  if (all === null) return more;
  for (const error of more) all.push(error);
  return all;
}`;
}

/** Descriptions are for people and editors; the validator would carry them into every start. Those of patterns are said to who breaks one. */
function withoutProse(key, value) {
  const isProse = PROSE.has(key) && typeof value === 'string' && this.pattern === undefined;
  return isProse ? undefined : value;
}

function pascalCase(name) {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());
}
