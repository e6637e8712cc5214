import { err, ok, type Result } from '../model/result.ts';
import { nearest } from './nearest.ts';
import {
  fieldsOf,
  findField,
  follow,
  FREE_NAME,
  listOf,
  recordOf,
  shapesOf,
  type JsonSchema,
  type MissingField,
  type SchemaField,
} from './schema-walk.ts';

/** A field in short. */
export interface FieldSummary {
  readonly name: string;
  /** In words: `text`, `idle | production`, `map or list of map`. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
}

/** What a schema says of a field. */
export interface FieldExplanation extends FieldSummary {
  /** What a value must be like beyond its type, a sentence each. */
  readonly allowed: readonly string[];
  /** What holds when the field is left out; undefined where nothing does. */
  readonly default: unknown;
  /** One level down, in the order of the schema. */
  readonly fields: readonly FieldSummary[];
  /** What is to be added; undefined where there is nothing. */
  readonly note: string | undefined;
}

/** A path that leads nowhere, and the path that was probably meant. */
export interface UnknownField extends MissingField {
  readonly meant: string | undefined;
}

/** What a schema says of the field at `steps`; '' is the name of its top. */
export function explainField(
  root: JsonSchema,
  steps: readonly string[],
): Result<FieldExplanation, UnknownField> {
  const found = findField(root, steps);
  if (!found.ok) return err({ ...found.error, meant: pathMeant(root, found.error) });
  const { schema, rule } = found.value;
  return ok({
    ...summaryOf(steps.join('.'), found.value, root),
    allowed: [rule ?? [], limitsOf(found.value, root)].flat(),
    default: schema['default'],
    fields: [...fieldsOf(schema, root)].map(([name, field]) => summaryOf(name, field, root)),
    note: undefined,
  });
}

function summaryOf(name: string, { schema, holder }: SchemaField, root: JsonSchema): FieldSummary {
  const { description } = schema;
  return {
    name,
    type: typeOf(schema, root),
    required: holder !== undefined && listOf(holder.map['required']).includes(holder.name),
    description: typeof description === 'string' ? description : undefined,
  };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'map',
  null: 'nothing',
};

/** Lists of lists are named so deep. */
const LISTS_MAX = 3;

function typeOf(schema: JsonSchema, root: JsonSchema, depth = 0): string {
  const words = shapesOf(schema, root).map(({ schema: shape }) => {
    if (shape['const'] !== undefined) return wordOf(shape['const']);
    const choices = listOf(shape['enum']);
    if (choices.length > 0) return choices.map(wordOf).join(' | ');
    const types = [shape['type'] ?? []].flat().map(String);
    if (types.includes('array')) return listType(shape, root, depth);
    if (types.length === 0) return shape['properties'] === undefined ? 'anything' : 'map';
    return types.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
  });
  return [...new Set(words)].join(', or ');
}

/** A value as people write it: texts bare, everything else as JSON. */
function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listType({ items }: JsonSchema, root: JsonSchema, depth: number): string {
  if (items === undefined || depth > LISTS_MAX) return 'list';
  return `list of ${typeOf(follow(recordOf(items), root).schema, root, depth + 1)}`;
}

/** What a value must be like beyond its type, for each of its shapes. */
function limitsOf({ schema, holder }: SchemaField, root: JsonSchema): readonly string[] {
  const limits = shapesOf(schema, root).flatMap(({ schema: shape }) => [
    ...rangeOf(shape['minimum'], shape['maximum'], ''),
    ...rangeOf(shape['minLength'], shape['maxLength'], ' characters'),
    ...rangeOf(shape['minItems'], shape['maxItems'], ' items'),
    ...(typeof shape['pattern'] === 'string' ? [`matches ${shape['pattern']}`] : []),
    ...(typeof shape['format'] === 'string' ? [`format ${shape['format']}`] : []),
    ...(shape['uniqueItems'] === true ? ['no item twice'] : []),
    ...namesOf(recordOf(shape['propertyNames'])),
  ]);
  return [...new Set([...limits, ...companyOf(holder), ...secrecyOf(schema)])];
}

function rangeOf(least: unknown, most: unknown, unit: string): readonly string[] {
  if (least === undefined && most === undefined) return [];
  if (least === undefined) return [`at most ${wordOf(most)}${unit}`];
  if (most === undefined) return [`at least ${wordOf(least)}${unit}`];
  return [`${wordOf(least)} to ${wordOf(most)}${unit}`];
}

function namesOf({ description, pattern }: JsonSchema): readonly string[] {
  return [
    ...(typeof description === 'string' ? [`${FREE_NAME}: ${description}`] : []),
    ...(typeof pattern === 'string' ? [`${FREE_NAME} matches ${pattern}`] : []),
  ];
}

/** Keys that must stand beside this one. */
function companyOf(holder: SchemaField['holder']): readonly string[] {
  if (holder === undefined) return [];
  const company = listOf(recordOf(holder.map['dependentRequired'])[holder.name]).map(String);
  return company.length === 0 ? [] : [`only beside ${company.join(' and ')}`];
}

function secrecyOf({ writeOnly }: JsonSchema): readonly string[] {
  return writeOnly === true
    ? ['a secret: give it by reference, as in {fromFile: /run/secrets/NAME}']
    : [];
}

/** The path that was meant: with the nearest name in the same map, or to a field of that name anywhere. */
function pathMeant(root: JsonSchema, { within, step, known }: MissingField): string | undefined {
  const near = nearest(step, known);
  if (near !== undefined) return [...within, near].join('.');
  const [elsewhere] = pathsTo(step, root);
  return elsewhere;
}

/** More fields are not looked at: only a schema that contains itself has them. */
const FIELDS_SEEN_MAX = 500;

/** The paths to all fields of a name, the shortest first. */
function pathsTo(name: string, root: JsonSchema): readonly string[] {
  const paths: string[] = [];
  const open: { readonly path: readonly string[]; readonly schema: JsonSchema }[] = [
    { path: [], schema: follow(root, root).schema },
  ];
  for (const { path, schema } of open) {
    for (const [each, field] of fieldsOf(schema, root)) {
      if (each.toLowerCase() === name.toLowerCase()) paths.push([...path, each].join('.'));
      if (open.length < FIELDS_SEEN_MAX) open.push({ path: [...path, each], schema: field.schema });
    }
  }
  return paths;
}
