import { err, ok, type Result } from '../model/result.ts';

/** A JSON Schema or a part of one, as read: nothing is promised about what it holds. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A part of a schema with its `$ref` followed; what stands beside a `$ref` holds over what it names. */
export interface SchemaPart {
  readonly schema: JsonSchema;
  /** What the schema that a `$ref` names says in general, where the part has words of its own. */
  readonly rule: string | undefined;
}

/** A field, with the map that names it and its name there: undefined for the top, for items of a list, and where names are free. */
export interface SchemaField extends SchemaPart {
  readonly holder: { readonly map: JsonSchema; readonly name: string } | undefined;
}

/** How far a path led, and what there is at that place. */
export interface MissingField {
  readonly within: readonly string[];
  readonly step: string;
  readonly known: readonly string[];
  /** How many fields deep the path led. */
  readonly depth: number;
}

/** Stands for any name in a path. */
export const FREE_NAME = 'NAME';
/** A schema that contains itself has no end; people's go less deep than this. */
const DEPTH_MAX = 32;
/** Lists of lists of lists are passed through; deeper ones are for nobody to write. */
const LISTS_MAX = 3;

/** The field that a path leads to. A list is passed through with an index or without; a free name may hold dots. */
export function findField(
  root: JsonSchema,
  steps: readonly string[],
): Result<SchemaField, MissingField> {
  return descend(
    { ...follow(root, root), holder: undefined },
    { root, steps, taken: [], lists: 0 },
    0,
  );
}

interface Walk {
  readonly root: JsonSchema;
  /** Still to go. */
  readonly steps: readonly string[];
  /** Gone already. */
  readonly taken: readonly string[];
  /** Lists passed through without a step. */
  readonly lists: number;
}

function descend(field: SchemaField, walk: Walk, depth: number): Result<SchemaField, MissingField> {
  const { root, steps, taken, lists } = walk;
  const [step] = steps;
  if (step === undefined) return ok(field);
  let missing: MissingField = {
    within: taken,
    step,
    known: [...fieldsOf(field.schema, root).keys()],
    depth,
  };
  if (depth > DEPTH_MAX) return err(missing);
  for (const { next, count } of waysOn(field.schema, walk)) {
    const rest = {
      root,
      steps: steps.slice(count),
      taken: [...taken, ...steps.slice(0, count)],
      lists: count === 0 ? lists + 1 : 0,
    };
    const found = descend(next, rest, depth + 1);
    if (found.ok) return found;
    // The way that led furthest is the one that was meant; of equals the first.
    if (found.error.depth > missing.depth) missing = found.error;
  }
  return err(missing);
}

/** A way to go on, and how many steps of the path it takes. */
interface Way {
  readonly next: SchemaField;
  readonly count: number;
}

function waysOn(schema: JsonSchema, { root, steps, lists }: Walk): readonly Way[] {
  const [step = ''] = steps;
  return shapesOf(schema, root).flatMap(({ schema: shape }): readonly Way[] => {
    if (isSchema(shape['items'])) {
      const next = { ...follow(shape['items'], root), holder: undefined };
      const count = /^[0-9*]+$/.test(step) ? 1 : 0;
      return count === 0 && lists === LISTS_MAX ? [] : [{ next, count }];
    }
    const named = recordOf(shape['properties']);
    if (Object.hasOwn(named, step)) {
      const next = { ...follow(recordOf(named[step]), root), holder: { map: shape, name: step } };
      return [{ next, count: 1 }];
    }
    const free = freeFields(shape);
    if (free === undefined) return [];
    const next = { ...follow(free, root), holder: undefined };
    const isLeaf = fieldsOf(next.schema, root).size === 0;
    // `my.app` may be one name or a name and a key: one name only where something can follow it, or nothing ever does.
    return steps
      .map((_, index) => ({ next, count: index + 1 }))
      .filter(({ count }) => count === 1 || isLeaf || count < steps.length);
  });
}

/** What a map holds under names that nobody fixed; undefined where there are none. A map of which nothing is said holds anything. */
function freeFields(shape: JsonSchema): JsonSchema | undefined {
  const { additionalProperties: free, properties, type } = shape;
  if (isSchema(free)) return free;
  const isOpen = type === 'object' && properties === undefined && free !== false;
  return isOpen ? {} : undefined;
}

/** The fields of a map, or of the maps in a list, by name; FREE_NAME where names are free. */
export function fieldsOf(
  schema: JsonSchema,
  root: JsonSchema,
  depth = 0,
): ReadonlyMap<string, SchemaField> {
  const fields = new Map<string, SchemaField>();
  if (depth > LISTS_MAX) return fields;
  for (const { schema: shape } of shapesOf(schema, root)) {
    if (isSchema(shape['items']))
      for (const [name, field] of fieldsOf(follow(shape['items'], root).schema, root, depth + 1))
        fields.set(name, field);
    for (const [name, each] of Object.entries(recordOf(shape['properties'])))
      fields.set(name, { ...follow(recordOf(each), root), holder: { map: shape, name } });
    if (isSchema(shape['additionalProperties']))
      fields.set(FREE_NAME, { ...follow(shape['additionalProperties'], root), holder: undefined });
  }
  return fields;
}

/** The shapes that a value may have: its own, and one for each branch of `if`, `allOf`, `anyOf` and `oneOf` that says something of a shape. */
export function shapesOf(schema: JsonSchema, root: JsonSchema): readonly SchemaPart[] {
  return shapesIn(schema, root, new Set());
}

/** Each `$ref` is followed once, or a schema that names itself twice would never end. */
function shapesIn(schema: JsonSchema, root: JsonSchema, seen: Set<unknown>): readonly SchemaPart[] {
  const { if: condition, then: first, else: other } = schema;
  const branches = [
    ...(condition === undefined ? [] : [{ ...recordOf(condition), ...recordOf(first) }, other]),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => listOf(schema[keyword])),
  ].filter(isShape);
  const own = { schema, rule: undefined };
  if (branches.length === 0) return [own];
  const inner = branches.flatMap((branch) => {
    if (seen.has(branch['$ref'])) return [];
    if (branch['$ref'] !== undefined) seen.add(branch['$ref']);
    return shapesIn(follow(branch, root).schema, root, seen);
  });
  return hasAny(schema, OWN_KEYWORDS) ? [own, ...inner] : inner;
}

/** A part with its `$ref`, and those it leads to, followed; one that leads out of the schema leads to nothing. */
export function follow(schema: JsonSchema, root: JsonSchema): SchemaPart {
  let node = schema;
  let rule: string | undefined;
  for (let hops = 0; hops < DEPTH_MAX && typeof node['$ref'] === 'string'; hops += 1) {
    const { $ref: pointer, ...beside } = node;
    const named = partAt(root, String(pointer));
    const { description } = named;
    if (beside['description'] !== undefined && typeof description === 'string')
      rule ??= description;
    node = { ...named, ...beside };
  }
  return { schema: node, rule };
}

function partAt(root: JsonSchema, pointer: string): JsonSchema {
  if (!pointer.startsWith('#/')) return pointer === '#' ? root : {};
  return pointer
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((part, step) => recordOf(part[step]), root);
}

/** Branches that only ask for keys, or forbid them, are conditions: they say nothing of a shape. */
function isShape(branch: unknown): branch is JsonSchema {
  return isSchema(branch) && hasAny(branch, [...OWN_KEYWORDS, ...BRANCH_KEYWORDS]);
}

function hasAny(schema: JsonSchema, keywords: readonly string[]): boolean {
  return keywords.some((keyword) => schema[keyword] !== undefined);
}

const OWN_KEYWORDS = ['type', 'enum', 'const', 'properties', 'items'];
const BRANCH_KEYWORDS = ['$ref', 'if', 'allOf', 'anyOf', 'oneOf'];

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The map that a value is, or an empty one. */
export function recordOf(value: unknown): JsonSchema {
  return isSchema(value) ? value : {};
}

/** The list that a value is, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
