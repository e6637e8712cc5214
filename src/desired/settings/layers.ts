/** A JSON Schema, or a part of one, that is a map. */
export type Schema = Readonly<Record<string, unknown>>;

/** True for a map as JSON has it. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Finds what a `$ref` of a schema file names: a JSON pointer or an anchor of the same file. Undefined where nothing is. */
export type Resolve = (reference: string) => unknown;

/** A schema within a schema file, with the way to it. */
export interface PlacedSchema {
  readonly schema: Schema;
  readonly path: readonly (string | number)[];
}

const WITH_SCHEMA = [
  'additionalProperties',
  'items',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];
const WITH_SCHEMAS = [
  'allOf',
  'anyOf',
  'oneOf',
  'prefixItems',
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
];

/** Every schema that a schema file holds, the outer ones first. */
export function schemasIn(root: Schema): readonly PlacedSchema[] {
  const found: PlacedSchema[] = [{ schema: root, path: [] }];
  for (const { schema, path } of found) {
    for (const key of WITH_SCHEMA) {
      const inner = ownValue(schema, key);
      if (isSchema(inner)) found.push({ schema: inner, path: [...path, key] });
    }
    for (const key of WITH_SCHEMAS) {
      const inner = ownValue(schema, key);
      for (const [step, each] of stepsOf(inner))
        if (isSchema(each)) found.push({ schema: each, path: [...path, key, step] });
    }
  }
  return found;
}

function stepsOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  return isSchema(value) ? Object.entries(value) : [];
}

/** Follows the references of one schema file, whose schemas these are. */
export function resolverOf(root: Schema, schemas: readonly PlacedSchema[]): Resolve {
  const anchors = new Map<string, Schema>();
  for (const { schema } of schemas)
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const name = ownValue(schema, key);
      if (typeof name === 'string') anchors.set(`#${name}`, schema);
    }
  return (reference) => anchors.get(reference) ?? pointedAt(root, reference);
}

function pointedAt(root: Schema, reference: string): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let value: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    const key = unescaped(step);
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isSchema(value)) value = ownValue(value, key);
    else return undefined;
  }
  return value;
}

function unescaped(step: string): string {
  const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(key);
  } catch {
    return key; // a `%` that is only itself
  }
}

/** Which schemas count: those that apply whatever the value is, or also those that apply to some values only. */
export type Reach = 'always' | 'perhaps';

/** The schemas that apply to one value, beginning with the given ones: what they refer to and are made of, each once. */
export function layersOf(
  schemas: readonly unknown[],
  resolve: Resolve,
  reach: Reach,
): readonly Schema[] {
  const layers = new Set<Schema>();
  const add = (schema: unknown): void => {
    if (!isSchema(schema) || layers.has(schema)) return;
    layers.add(schema);
    for (const key of ['$ref', '$dynamicRef']) {
      const reference = ownValue(schema, key);
      if (typeof reference === 'string') add(resolve(reference));
    }
    listOf(ownValue(schema, 'allOf')).forEach(add);
    if (reach === 'always') return;
    for (const key of ['anyOf', 'oneOf', 'dependentSchemas'])
      stepsOf(ownValue(schema, key)).forEach(([, inner]) => {
        add(inner);
      });
    for (const key of ['if', 'then', 'else']) add(ownValue(schema, key));
  };
  schemas.forEach(add);
  return [...layers];
}

/** The schemas that apply to what stands under a key of a map, or at an index of a list. */
export function schemasUnder(layers: readonly Schema[], step: string | number): readonly unknown[] {
  return layers.flatMap((layer) =>
    typeof step === 'number' ? schemasOfItem(layer, step) : schemasOfKey(layer, step),
  );
}

function schemasOfKey(layer: Schema, key: string): readonly unknown[] {
  const patterns = ownValue(layer, 'patternProperties');
  const own = ownValue(ownValue(layer, 'properties'), key);
  const found = stepsOf(patterns)
    .filter(([pattern]) => new RegExp(String(pattern), 'u').test(key))
    .map(([, schema]) => schema);
  if (own !== undefined) found.unshift(own);
  return found.length > 0
    ? found
    : [ownValue(layer, 'additionalProperties'), ownValue(layer, 'unevaluatedProperties')];
}

function schemasOfItem(layer: Schema, index: number): readonly unknown[] {
  const first = listOf(ownValue(layer, 'prefixItems'));
  return index < first.length
    ? [first[index]]
    : [ownValue(layer, 'items'), ownValue(layer, 'unevaluatedItems')];
}

/** What a map itself holds under a key: `toString` is no key of an empty one. */
export function ownValue(map: unknown, key: string): unknown {
  return isSchema(map) && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A list, or none where the value is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
