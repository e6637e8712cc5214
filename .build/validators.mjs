// Compiles the schemas needed at run time into plain functions: compiling them at start costs 90 ms, loading these 5.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const SCHEMAS = ['desired-state']; // schemas/<name>.schema.json → validate<Name>()

const PROSE = new Set(['description', '$comment']);

const root = new URL('..', import.meta.url);
const target = new URL('src/desired/validators.generated.js', root);

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictRequired: false, // would refuse `required` beside `oneOf`, which is how the kinds are told apart
  verbose: true, // errors carry schema and data, for "did you mean"
  discriminator: true, // one error for the branch meant, not one for each branch
  code: { source: true, esm: true, lines: true },
});

const idByName = {};
for (const name of SCHEMAS) {
  const text = readFileSync(new URL(`schemas/${name}.schema.json`, root), 'utf8');
  ajv.addSchema(JSON.parse(text, withoutProse), name);
  idByName[`validate${pascalCase(name)}`] = name;
}

// ajv's ESM output still says require("ajv/dist/runtime/…") (ajv #2209): bundling puts those few functions in.
await build({
  stdin: { contents: standalone.default(ajv, idByName), resolveDir: fileURLToPath(root) },
  outfile: fileURLToPath(target),
  bundle: true,
  format: 'esm',
  target: 'node20',
  banner: { js: '// Generated from schemas/ by .build/validators.mjs.' },
  logLevel: 'warning',
});

writeFileSync(
  new URL('validators.generated.d.ts', target),
  `// Generated from schemas/ by .build/validators.mjs.
import type { ErrorObject } from 'ajv';

interface Validator {
  (data: unknown): boolean;
  errors?: ErrorObject[] | null;
}

${Object.keys(idByName)
  .map((name) => `export declare const ${name}: Validator;\n`)
  .join('')}`,
);

/** Descriptions are for people and editors; the validator would carry them into every start. Those of patterns are said to who breaks one. */
function withoutProse(key, value) {
  const isProse = PROSE.has(key) && typeof value === 'string' && this.pattern === undefined;
  return isProse ? undefined : value;
}

function pascalCase(name) {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());
}
