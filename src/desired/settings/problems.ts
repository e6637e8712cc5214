import { nearest } from '../../core/nearest.ts';
import type { DocumentPath } from '../../model/document.ts';
import { PROBLEM_OF, type Problem, type Site } from '../problems.ts';
import { schemaOf } from './branches.ts';
import { isSchema, layersOf, listOf, ownValue, type Resolve, type Schema } from './layers.ts';
import { isSecretSchema } from './secrets.ts';
import { allowedWords, descriptionAt, descriptionOf } from './schema-words.ts';
import { listWords, quote, showFound } from '../words.ts';

type Words = (site: Site) => Problem;

/** A schema of settings, and where these settings stand. */
export interface SchemaSite {
  readonly root: Schema;
  readonly resolve: Resolve;
  /** The way to the settings from the top of the file. */
  readonly base: DocumentPath;
}

/** How the errors of a settings-schema are told, by keyword: as those of the desired state, with what the schema allows. */
export function settingsWords(schema: SchemaSite): Readonly<Record<string, Words>> {
  const outOf =
    (code: string): Words =>
    (site) =>
      notAllowed(site, code, schema);
  const outOfRange = outOf('out-of-range');
  return {
    ...PROBLEM_OF,
    additionalProperties: (site) => unknownSetting(site, 'additionalProperty'),
    unevaluatedProperties: (site) => unknownSetting(site, 'unevaluatedProperty'),
    'false schema': (site) => ({ ...unknownSetting(site, ''), path: site.path }),
    required: (site) => missingSetting(site, schema),
    type: outOf('wrong-type'),
    pattern: outOf('malformed'),
    enum: (site) => unknownValue(site, listOf(site.error.params['allowedValues']), schema),
    const: (site) => unknownValue(site, [site.error.params['allowedValue']], schema),
    anyOf: outOf('no-form-fits'),
    oneOf: severalForms(outOf('no-form-fits')),
    not: ruledOut,
    minimum: outOfRange,
    maximum: outOfRange,
    exclusiveMinimum: outOfRange,
    exclusiveMaximum: outOfRange,
    multipleOf: outOfRange,
    minLength: outOfRange,
    maxLength: outOfRange,
    minItems: outOfRange,
    maxItems: outOfRange,
    minProperties: outOfRange,
    maxProperties: outOfRange,
    propertyNames: badName,
  };
}

function unknownSetting({ path, name, error }: Site, param: string): Problem {
  const key = String(error.params[param] ?? path.at(-1));
  const properties = ownValue(schemaOf(error), 'properties');
  const allowed = isSchema(properties) ? Object.keys(properties) : [];
  const meant = nearest(key, allowed);
  return {
    code: 'unknown-key',
    summary: param === '' ? `${name} is not allowed` : `unknown key ${quote(key)} in ${name}`,
    detail: allowed.length === 0 ? undefined : `allowed here: ${listWords(allowed)}`,
    fix: meant === undefined ? undefined : `did you mean ${quote(meant)}?`,
    path: [...path, key],
    part: 'key',
  };
}

function missingSetting(site: Site, { resolve }: SchemaSite): Problem {
  const key = String(site.error.params['missingProperty']);
  const schema = ownValue(ownValue(schemaOf(site.error), 'properties'), key);
  const isSecret = layersOf([schema], resolve, 'perhaps').some(isSecretSchema);
  const words = isSecret ? undefined : allowedWords(schema, resolve);
  const detail = sentences([words && `it must be ${words}`, descriptionOf(schema)]);
  const parent = site.path.at(-1);
  return {
    code: 'missing-key',
    summary: `${site.name}.${key} is missing`,
    detail,
    fix: `add "${key}: ${isSecret ? '{fromFile: /PATH}' : '…'}"${typeof parent === 'string' ? ` under "${parent}"` : ''}`,
    part: 'key',
  };
}

function notAllowed(site: Site, code: string, schemaSite: SchemaSite): Problem {
  const { name, error } = site;
  const schema =
    error.keyword === 'anyOf' || error.keyword === 'oneOf'
      ? { [error.keyword]: error.schema }
      : error.parentSchema;
  const allowed = allowedWords(schema, schemaSite.resolve);
  return {
    code,
    summary: `${name} must be ${allowed ?? 'something else'}`,
    detail: foundWords(site, schemaSite),
    fix: mended(site),
  };
}

/** The value as it was meant, where only its form is another: `8080` for a text, `"8080"` for a number, `yes` for true. */
function mended({ path, found, error }: Site): string | undefined {
  if (found?.kind !== 'scalar') return undefined;
  if (found.value === null) return 'give it a value, or leave the key out';
  const wanted = [error.keyword === 'type' ? error.params['type'] : []].flat();
  const written = wanted.flatMap((type) => writtenAs(String(type), found.source, schemaOf(error)));
  const key = typeof path.at(-1) === 'string' ? `${path.at(-1)}: ` : '';
  return written[0] === undefined ? undefined : `write ${key}${written[0]}`;
}

function writtenAs(
  type: string,
  source: string,
  { pattern }: Readonly<Record<string, unknown>>,
): readonly string[] {
  switch (type) {
    case 'string':
      return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(source)
        ? [JSON.stringify(source)]
        : [];
    case 'integer':
      return /^-?[0-9]+$/.test(source) ? [source] : [];
    case 'number':
      return /^-?[0-9]+(?:\.[0-9]+)?$/.test(source) ? [source] : [];
    case 'array':
      return [`[${source}]`];
    case 'boolean':
      return /^(?:yes|on)$/i.test(source)
        ? ['true']
        : /^(?:no|off)$/i.test(source)
          ? ['false']
          : [];
    default:
      return [];
  }
}

function unknownValue(site: Site, values: readonly unknown[], schemaSite: SchemaSite): Problem {
  const { name, found } = site;
  const words = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const meant = found?.kind === 'scalar' ? nearest(found.source, words) : undefined;
  const isText = values.some((value) => value === meant && typeof value === 'string');
  return {
    code: 'unknown-word',
    summary: `${name} must be ${listWords(words, 'or')}`,
    detail: foundWords(site, schemaSite),
    fix: meant === undefined ? undefined : `did you mean ${isText ? quote(meant) : meant}?`,
  };
}

/** `oneOf` is also broken by what fits two of its forms. */
function severalForms(noForm: Words): Words {
  return (site) => {
    const fitting = listOf(site.error.params['passingSchemas']);
    if (fitting.length === 0) return noForm(site);
    return {
      code: 'no-form-fits',
      summary: `${site.name} fits two forms of its schema, and must fit one`,
      detail: sentences([`found ${showFound(site.found)}`, descriptionOf(site.error.parentSchema)]),
    };
  };
}

function ruledOut({ name, found, error }: Site): Problem {
  return {
    code: 'no-form-fits',
    summary: `${name} has a form that its schema rules out`,
    detail: sentences([`found ${showFound(found)}`, descriptionOf(error.parentSchema)]),
  };
}

function badName({ path, name, error }: Site): Problem {
  const key = String(error.params['propertyName']);
  const pattern = ownValue(error.schema, 'pattern');
  return {
    code: 'bad-name',
    summary: `${quote(key)} cannot be a key of ${name}`,
    detail: sentences([
      typeof pattern === 'string' ? `a key matches ${pattern}` : undefined,
      descriptionOf(error.schema),
    ]),
    path: [...path, key],
    part: 'key',
  };
}

/** What was found, and what the schema says of it in prose. */
function foundWords({ path, found, error }: Site, { root, resolve, base }: SchemaSite): string {
  const description =
    descriptionOf(error.parentSchema) ?? descriptionAt(root, path.slice(base.length), resolve);
  return sentences([`found ${showFound(found)}`, description]) ?? '';
}

function sentences(parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part !== undefined && part !== '').join('. ') || undefined;
}
