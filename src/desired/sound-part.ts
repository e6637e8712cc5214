import type { ErrorObject } from 'ajv';
import type { DesiredDocument, PlainValue } from '../model/document.ts';
import { mapAt } from './settings/data.ts';

/** What stands for a section that is needed and refused: no finding of sense can come of it. */
const NEEDED: DesiredDocument = { apiVersion: 'bootstrap/v1', server: { mode: 'idle' } };

/**
 * A document without what its schema has these errors against: a product with one is left by its name alone, for others may depend
 * on it, any other section is left out.
 */
export function soundPart(document: PlainValue, errors: readonly ErrorObject[]): unknown {
  const refused = errors.map(placeOf);
  const products = new Set(refused.map(([top, name]) => (top === 'products' ? name : undefined)));
  const sections = new Set(
    refused.flatMap(([top, name]) => (top === 'products' && name !== undefined ? [] : [top])),
  );
  const sound = Object.entries(mapAt(document, []) ?? {}).filter(([key]) => !sections.has(key));
  const { products: all = null, ...others } = Object.fromEntries(sound);
  const named = Object.entries(mapAt(all, []) ?? {});
  return {
    ...NEEDED,
    ...others,
    products: Object.fromEntries(
      named.map(([name, product]) => [name, products.has(name) ? {} : product]),
    ),
  };
}

// The way to the mistake; an unknown key is one itself, not what it stands in.
function placeOf({ instancePath, params }: ErrorObject): readonly string[] {
  const path = instancePath.split('/').slice(1);
  const key: unknown = params['additionalProperty'];
  return typeof key === 'string' ? [...path, key] : path;
}
