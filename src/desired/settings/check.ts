import type { ErrorObject } from 'ajv';
import type { YamlValue } from '../../format/yaml-value.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { DocumentPath, PlainMap, PlainValue } from '../../model/document.ts';
import { isList, showPath } from '../../model/document.ts';
import type { Places } from '../places.ts';
import { schemaProblem } from '../problems.ts';
import { foldSettingsErrors, isWithin } from './branches.ts';
import type { Validate } from './compiler.ts';
import { dataFor, isReference } from './data.ts';
import { DEFAULTS_MAX, fillDefaults, type AddedDefault } from './defaults.ts';
import type { Schema } from './layers.ts';
import { settingsWords } from './problems.ts';
import type { SchemaFile } from './schema-faults.ts';
import { secretLiterals, type SecretLiteral } from './secrets.ts';

/** A schema of settings, ready for use. */
export interface ReadySchema extends SchemaFile {
  readonly root: Schema;
  readonly validate: Validate;
}

/** The settings of one product, where they stand. */
export interface SettingsSite {
  readonly settings: PlainMap;
  readonly tree: YamlValue;
  readonly places: Places;
  /** The way to the settings from the top of the file. */
  readonly base: DocumentPath;
}

/** Settings with their defaults, and what is wrong with them. */
export interface CheckedSettings {
  readonly settings: PlainMap;
  readonly problems: readonly Diagnostic[];
}

/** Holds settings against their schema. A secret by reference stands for a value that fits. */
export function checkSettings(schema: ReadySchema, site: SettingsSite): CheckedSettings {
  const { settings, added } = fillDefaults(site.settings, schema.root, schema.resolve);
  const secrets = secretLiterals(site.tree, schema.root, schema.resolve);
  const told = secrets.map((secret) => secretProblem(secret, site));
  if (added.length >= DEFAULTS_MAX)
    return { settings, problems: [...told, endlessDefaults(schema, added, site)] };
  const found = schema.validate(dataFor(settings));
  if (!found.ok) return { settings, problems: [...told, unusable(schema, site, found.error)] };
  const errors = foldSettingsErrors(found.value, {
    resolve: schema.resolve,
    isUnknown: unknownAmong(settings, secrets),
  });
  const words = settingsWords({ ...schema, base: site.base });
  const problems = errors.map((error) => {
    const giver = added.find(({ path }) => isWithin(error.instancePath, pointerOf(path)));
    if (giver !== undefined) return badDefault(schema, giver, site, error);
    return schemaProblem(error, { places: site.places, base: site.base, words });
  });
  return { settings, problems: [...told, ...problems] };
}

function secretProblem({ path }: SecretLiteral, { base, places }: SettingsSite): Diagnostic {
  const whole = [...base, ...path];
  const key = typeof path.at(-1) === 'string' ? `${path.at(-1)}: ` : '';
  return {
    code: 'secret-literal',
    severity: 'error',
    summary: `${showPath(whole)} is a secret, and must not be written out`,
    detail: 'whoever reads this file would know it; only the place where it is found belongs here',
    fix: `write ${key}{fromFile: /PATH}, {fromEnv: NAME} or {fromCredential: NAME}, and change the secret`,
    ...places.locate(whole, 'value'),
  };
}

/** What is said of references, whose values are not known, and of secrets written out, which is said already. */
function unknownAmong(
  settings: PlainMap,
  secrets: readonly SecretLiteral[],
): (error: ErrorObject) => boolean {
  const pointers = [...secrets.map(({ path }) => path), ...referencesIn(settings, [])].map(
    pointerOf,
  );
  // Which of the forms it has, and what else is allowed then, depends on the whole value.
  const depends = (error: ErrorObject): boolean =>
    ['not', 'contains'].includes(error.keyword) ||
    error.keyword.startsWith('unevaluated') ||
    (error.keyword === 'oneOf' && error.params['passingSchemas'] !== null);
  return (error) =>
    pointers.some(
      (pointer) =>
        isWithin(error.instancePath, pointer) ||
        (depends(error) && isWithin(pointer, error.instancePath)),
    );
}

function referencesIn(value: PlainValue, path: DocumentPath): readonly DocumentPath[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isReference(value)) return [path];
  const inner = isList<PlainValue>(value) ? [...value.entries()] : Object.entries(value);
  return inner.flatMap(([step, each]) => referencesIn(each, [...path, step]));
}

function pointerOf(path: DocumentPath): string {
  return path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function badDefault(
  schema: ReadySchema,
  { path, schema: giver }: AddedDefault,
  site: SettingsSite,
  { message = 'it is not allowed' }: ErrorObject,
): Diagnostic {
  const summary = `the default of ${showPath([...site.base, ...path])} does not fit its own schema: ${message}`;
  return schemaAtFault(schema, { site, giver, summary });
}

function endlessDefaults(
  schema: ReadySchema,
  added: readonly AddedDefault[],
  site: SettingsSite,
): Diagnostic {
  const summary = `the defaults of ${showPath(site.base)} have no end: more than ${DEFAULTS_MAX} would be filled in`;
  return schemaAtFault(schema, { site, giver: added[0]?.schema, summary });
}

interface AtFault {
  readonly site: SettingsSite;
  /** The schema whose default is at fault. */
  readonly giver: Schema | undefined;
  readonly summary: string;
}

/** What only shows with these settings, and has to be mended in their schema. */
function schemaAtFault(
  { schemas, places }: ReadySchema,
  { site, giver, summary }: AtFault,
): Diagnostic {
  const path = schemas.find(({ schema }) => schema === giver)?.path;
  const { file, line, column } = places.locate(
    path === undefined ? [] : [...path, 'default'],
    'key',
  ).span;
  return {
    code: 'settings-schema-at-fault',
    severity: 'error',
    summary,
    detail: undefined,
    fix: `mend the schema, at ${file}:${line}:${column}`,
    ...site.places.locate(site.base, 'key'),
  };
}

function unusable(schema: ReadySchema, site: SettingsSite, why: string): Diagnostic {
  const summary = `${showPath(site.base)} cannot be held against its schema: ${why}`;
  return schemaAtFault(schema, { site, giver: undefined, summary });
}
