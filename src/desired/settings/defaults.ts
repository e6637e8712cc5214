import type { DocumentPath, PlainMap, PlainValue } from '../../model/document.ts';
import { isList } from '../../model/document.ts';
import { isReference, plainOf } from './data.ts';
import { isSchema, layersOf, ownValue, schemasUnder, type Resolve, type Schema } from './layers.ts';

/** Settings with the defaults of their schema. */
export interface FilledSettings {
  readonly settings: PlainMap;
  readonly added: readonly AddedDefault[];
}

/** A setting that nobody declared, with the schema whose default it is. */
export interface AddedDefault {
  readonly path: DocumentPath;
  readonly schema: Schema;
}

// A schema may refer to itself: more than this is no default any more, but defaults without end.
/** So many defaults are filled in, and no more. */
export const DEFAULTS_MAX = 1000;

/**
 * Settings with what their schema says of those that are missing, after the declared ones, in the schema's order. Inside a map
 * too, where the map is there or is a default itself. What a schema says under a condition (`anyOf`, `if`) is no default.
 */
export function fillDefaults(settings: PlainMap, schema: Schema, resolve: Resolve): FilledSettings {
  const added: AddedDefault[] = [];

  const fill = (value: PlainValue, schemas: readonly unknown[], path: DocumentPath): PlainValue => {
    if (typeof value !== 'object' || value === null || isReference(value)) return value;
    const layers = layersOf(schemas, resolve, 'always');
    if (isList<PlainValue>(value))
      return value.map((item, index) => fill(item, schemasUnder(layers, index), [...path, index]));
    return fillMap(value, layers, path);
  };

  const fillMap = (map: PlainMap, layers: readonly Schema[], path: DocumentPath): PlainMap => {
    const filled: Record<string, PlainValue> = Object.create(null);
    for (const [key, inner] of Object.entries(map))
      filled[key] = fill(inner, schemasUnder(layers, key), [...path, key]);
    for (const key of layers.flatMap(namedIn)) {
      if (Object.hasOwn(filled, key) || added.length >= DEFAULTS_MAX) continue;
      const schemas = schemasUnder(layers, key);
      const giver = layersOf(schemas, resolve, 'always').find((layer) =>
        Object.hasOwn(layer, 'default'),
      );
      if (giver === undefined) continue;
      added.push({ path: [...path, key], schema: giver });
      filled[key] = fill(plainOf(giver['default']), schemas, [...path, key]);
    }
    return filled;
  };

  return { settings: fillMap(settings, layersOf([schema], resolve, 'always'), []), added };
}

function namedIn(layer: Schema): readonly string[] {
  const properties = ownValue(layer, 'properties');
  return isSchema(properties) ? Object.keys(properties) : [];
}
