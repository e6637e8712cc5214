import type { ErrorObject } from 'ajv';
import type { YamlValue } from '../format/yaml-value.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { DocumentPath } from '../model/document.ts';
import { HEARTBEAT_KINDS, showPath } from '../model/document.ts';
import { DESIRED_MODES, parseServerMode } from '../model/mode.ts';
import { foldErrors } from './fold-errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Places } from './places.ts';
import { listWords, quote, showFound } from './words.ts';

/** What a validator compiled from schemas/ found, one diagnostic for each mistake, each with its place in the file. */
export function schemaProblems(
  errors: readonly ErrorObject[],
  places: Places,
): readonly Diagnostic[] {
  return foldErrors(errors).map((error) =>
    schemaProblem(error, { places, base: [], words: PROBLEM_OF }),
  );
}

/** How one error of a validator is told. */
export interface ProblemContext {
  readonly places: Places;
  /** The way from the top of the file to what was validated. */
  readonly base: DocumentPath;
  /** By keyword; one that is not there is told in ajv's words. */
  readonly words: Readonly<Record<string, (site: Site) => Problem>>;
}

/** One error of a validator, with its place in the file. */
export function schemaProblem(
  error: ErrorObject,
  { places, base, words }: ProblemContext,
): Diagnostic {
  const path = pathOf(error.instancePath, places, base);
  const site: Site = { path, name: showPath(path) || 'the file', found: places.at(path), error };
  const problem = (words[error.keyword] ?? anyProblem)(site);
  const { span, sourceLine } = places.locate(problem.path ?? path, problem.part ?? 'value');
  const { code, summary, detail, fix } = problem;
  return { code, severity: 'error', summary, detail, span, sourceLine, fix };
}

/** An error of a validator, and what it is about. */
export interface Site {
  readonly path: DocumentPath;
  readonly name: string;
  readonly found: YamlValue | undefined;
  readonly error: ErrorObject;
}

/** What is wrong, in words. */
export interface Problem {
  readonly code: string;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
  /** Where to point, when it is not the value at the error's path. */
  readonly path?: DocumentPath;
  readonly part?: 'key' | 'value';
}

/** A JSON pointer as a path from the top; steps into lists become numbers. */
function pathOf(pointer: string, places: Places, base: DocumentPath): DocumentPath {
  const path = [...base];
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(places.at(path)?.kind === 'list' ? Number(key) : key);
  }
  return path;
}

/** How the errors of a schema are told, by keyword. */
export const PROBLEM_OF: Readonly<Record<string, (site: Site) => Problem>> = {
  additionalProperties: unknownKey,
  required: missingKey,
  type: wrongType,
  enum: (site) => unknownWord(site, textsOf(site.error.params['allowedValues'])),
  const: (site) => unknownWord(site, [String(site.error.params['allowedValue'])]),
  pattern: malformed,
  propertyNames: badName,
  oneOf: heartbeatKind,
  dependentRequired: misplacedKey,
  uniqueItems: repeatedItem,
  minProperties: keyCount,
  maxProperties: keyCount,
};

function unknownKey({ path, error, name }: Site): Problem {
  const key = String(error.params['additionalProperty']);
  const allowed = Object.keys(recordOf(recordOf(error.parentSchema)['properties']));
  const meant = nearest(key, allowed);
  const isProductKey = path.length === 2 && path[0] === 'products';
  const hint = isProductKey ? `a setting of the product belongs under "settings:"` : undefined;
  return {
    code: 'unknown-key',
    summary: `unknown key ${quote(key)}${path.length > 0 ? ` in ${name}` : ''}`,
    detail: `allowed here: ${listWords(allowed)}`,
    fix: meant === undefined ? hint : `did you mean ${quote(meant)}?`,
    path: [...path, key],
    part: 'key',
  };
}

function missingKey({ path, error }: Site): Problem {
  const key = String(error.params['missingProperty']);
  const schema = recordOf(recordOf(recordOf(error.parentSchema)['properties'])[key]);
  const [word = '…'] = textsOf(schema['enum'] ?? [schema['const'] ?? '…']);
  const example = key === 'server' ? '{mode: production}' : word;
  const parent = path.at(-1);
  return {
    code: 'missing-key',
    summary: `${showPath([...path, key])} is missing`,
    detail: typeof schema['description'] === 'string' ? schema['description'] : undefined,
    fix: `add "${key}: ${example}"${typeof parent === 'string' ? ` under "${parent}"` : ''}`,
    part: 'key',
  };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
};

function wrongType({ path, name, found, error }: Site): Problem {
  const wanted = String(error.params['type']);
  const source = found?.kind === 'scalar' ? found.source : '';
  const isUnquoted = wanted === 'string' && source !== '' && fitsPattern(source, error);
  const mended = isUnquoted ? JSON.stringify(source) : mendedFor(wanted, source);
  const key = typeof path.at(-1) === 'string' ? `${path.at(-1)}: ` : '';
  const rule = wanted === 'string' && !isUnquoted ? descriptionOf(error) : undefined;
  return {
    code: 'wrong-type',
    summary: `${name} must be ${TYPE_WORDS[wanted] ?? wanted}${isUnquoted ? ' in quotes' : ''}`,
    detail: `found ${showFound(found)}${rule === undefined ? '' : `. ${rule}`}`,
    fix: mended === undefined ? valueHint(found) : `write ${key}${mended}`,
  };
}

/** Whether a text would do if it were one: `1.10` would as a version, `5` would not as a duration. */
function fitsPattern(source: string, error: ErrorObject): boolean {
  const { pattern } = recordOf(error.parentSchema);
  return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(source);
}

function mendedFor(wanted: string, source: string): string | undefined {
  if (wanted === 'array' && source !== '') return `[${source}]`;
  if (wanted !== 'boolean') return undefined;
  if (/^(?:yes|on|true)$/i.test(source)) return 'true';
  return /^(?:no|off|false)$/i.test(source) ? 'false' : undefined;
}

function unknownWord({ name, found, error }: Site, allowed: readonly string[]): Problem {
  const word = found?.kind === 'scalar' ? found.source : '';
  const meant = nearest(word, allowed);
  const isState = allowed.join() === DESIRED_MODES.join() && parseServerMode(word) !== undefined;
  const why = isState
    ? `; ${word} is a state that a server can be found in, not one to ask for`
    : '';
  return {
    code: 'unknown-word',
    summary: `${name} must be ${listWords(allowed, 'or')}`,
    detail: `found ${showFound(found)}${why}`,
    fix:
      error.keyword === 'const'
        ? `write ${allowed[0] ?? ''}`
        : meant && `did you mean ${quote(meant)}?`,
  };
}

function malformed({ name, found, error }: Site): Problem {
  return {
    code: 'malformed',
    summary: `${name} cannot be ${showFound(found)}`,
    detail: descriptionOf(error),
  };
}

function badName({ path, name: map, error }: Site): Problem {
  const name = String(error.params['propertyName']);
  const rule = recordOf(error.schema);
  const isProduct = path.join() === 'products';
  return {
    code: isProduct ? 'bad-name' : 'malformed',
    summary: `${quote(name)} cannot be ${isProduct ? 'the name of a product' : `a key of ${map}`}`,
    detail: `${String(rule['description'])} In short: ${String(rule['pattern'])}`,
    path: [...path, name],
    part: 'key',
  };
}

function heartbeatKind({ path, found, error }: Site): Problem {
  const kinds = listWords(HEARTBEAT_KINDS, 'or');
  if (error.params['passingSchemas'] === null) {
    const summary = 'the heartbeat does not say what to ask';
    return {
      code: 'heartbeat-kind',
      summary,
      detail: `exactly one of its keys must be ${kinds}`,
      part: 'key',
    };
  }
  const keys = found?.kind === 'map' ? found.entries.map(({ key }) => key) : [];
  const given = keys.filter((key) => HEARTBEAT_KINDS.some((kind) => kind === key));
  return {
    code: 'heartbeat-kind',
    summary: `one heartbeat asks one thing, not ${listWords(given, 'and')}`,
    detail: `exactly one of its keys must be ${kinds}`,
    fix: 'make it a list with a heartbeat for each',
    path: [...path, given[1] ?? ''],
    part: 'key',
  };
}

function misplacedKey({ path, error }: Site): Problem {
  const key = String(error.params['property']);
  const needed = String(error.params['missingProperty']);
  return {
    code: 'misplaced-key',
    summary: `${quote(key)} means something only beside ${quote(needed)}`,
    fix: `remove "${key}", or add "${needed}"`,
    path: [...path, key],
    part: 'key',
  };
}

function repeatedItem({ path, name, error }: Site): Problem {
  const index = Math.max(Number(error.params['i']), Number(error.params['j']));
  return {
    code: 'repeated-item',
    summary: `${name} names the same thing twice`,
    path: [...path, index],
  };
}

/** The one map with a count of its own is a reference to a secret. */
function keyCount({ name, error }: Site): Problem {
  const keys = Object.keys(recordOf(recordOf(error.parentSchema)['properties']));
  return {
    code: 'wrong-count',
    summary: `${name} must hold exactly one of ${listWords(keys, 'and')}`,
    part: 'key',
  };
}

/** For keywords whose message says it well enough, such as `must be >= 1`. */
function anyProblem({ name, found, error }: Site): Problem {
  const message = error.message ?? 'is not allowed';
  return {
    code: 'out-of-range',
    summary: `${name} ${message.replace('NOT', 'not').replace('>=', 'at least').replace('<=', 'at most')}`,
    detail: `found ${showFound(found)}`,
    fix: valueHint(found),
  };
}

function valueHint(found: YamlValue | undefined): string | undefined {
  const isNothing = found?.kind === 'scalar' && found.value === null;
  return isNothing ? 'give it a value, or leave the key out' : undefined;
}

function descriptionOf(error: ErrorObject): string | undefined {
  const { description } = recordOf(error.parentSchema);
  return typeof description === 'string' ? description : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
