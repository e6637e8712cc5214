import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { err, ok, type Result } from '../../model/result.ts';
import { validateSchema } from '../meta-schema.generated.js';
import type { Schema } from './layers.ts';

/** What a value breaks of a schema, [] for nothing; or why the schema cannot be used after all. */
export type Validate = (value: unknown) => Result<readonly ErrorObject[], string>;

/** Makes validators of the schemas that bootstrap.ini names. Nothing here throws, whatever a schema holds. */
export interface SchemaCompiler {
  /** The keywords of JSON Schema 2020-12. */
  readonly keywords: readonly string[];
  /** What is wrong with a schema as JSON Schema 2020-12. */
  readonly faultsOf: Validate;
  /** The validator of a schema without such faults; else why there is none. */
  compile(schema: Schema): Result<Validate, string>;
}

/** The one draft that schemas of settings are written in. */
export const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

// ajv knows these too: of older drafts, of OpenAPI, and one that would make a validator answer with a promise.
const KEYWORDS_OF_OTHERS = [
  'id',
  'nullable',
  'dependencies',
  '$async',
  '$recursiveRef',
  '$recursiveAnchor',
];

/** A compiler for the schemas of one reading of bootstrap.ini. */
export function createCompiler(): SchemaCompiler {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false, // would refuse `required` in a branch of `anyOf`
    strictTuples: false, // would refuse `prefixItems` with optional items
    allowUnionTypes: true,
    ownProperties: true, // or a setting named `toString` would always be there
    verbose: true, // errors carry schema and data
    meta: false,
    validateSchema: false, // `faultsOf` does, with what was compiled beforehand
    logger: false,
  });
  const keywords = Object.keys(ajv.RULES.keywords);
  return {
    keywords: keywords.filter((word) => !KEYWORDS_OF_OTHERS.includes(word)),
    faultsOf: (schema) =>
      guarded(() => (validateSchema(schema) ? [] : (validateSchema.errors ?? []))),
    compile: (schema) => {
      const compiled = guarded(() => ajv.compile(schema));
      guarded(() => ajv.removeSchema(schema)); // another file may have the same $id
      if (!compiled.ok) return compiled;
      const validate = compiled.value;
      return ok((value) => guarded(() => (validate(value) ? [] : (validate.errors ?? []))));
    },
  };
}

/** What ajv throws is about the schema it was given, a stack overflow included. */
function guarded<T>(ask: () => T): Result<T, string> {
  try {
    return ok(ask());
  } catch (thrown) {
    return err(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
