import type { DocumentPath, PlainMap, PlainValue } from '../../model/document.ts';
import { isList } from '../../model/document.ts';
import { SECRET_SOURCES } from '../../model/secret.ts';

/** True for a map that says where a secret is to be found, well or badly. */
export function isReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return SECRET_SOURCES.some((source) => Object.hasOwn(value, source));
}

/**
 * Settings as ajv wants them: with maps that have the usual prototype, or two that are equal would not be. A reference to a
 * secret is a text, as its value will be, and equal to the same reference only.
 */
export function dataFor(value: PlainValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isList<PlainValue>(value)) return value.map(dataFor);
  if (isReference(value)) return JSON.stringify(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, dataFor(inner)]));
}

/** JSON as plain data: maps without a prototype, so that no key can reach one. */
export function plainOf(value: unknown): PlainValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return null;
  const plain: Record<string, PlainValue> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) plain[key] = plainOf(inner);
  return plain;
}

/** The map at a path of keys; undefined where something else is, or nothing. */
export function mapAt(value: PlainValue, path: DocumentPath): PlainMap | undefined {
  if (typeof value !== 'object' || value === null || isList<PlainValue>(value)) return undefined;
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = value[String(step)];
  return inner === undefined ? undefined : mapAt(inner, rest);
}

/** The same map with another one at a path where there is one. */
export function withMapAt(value: PlainValue, path: DocumentPath, map: PlainMap): PlainValue {
  const [step, ...rest] = path;
  const inner = mapAt(value, []);
  if (step === undefined || inner === undefined) return map;
  const changed: Record<string, PlainValue> = Object.create(null);
  return Object.assign(changed, inner, {
    [step]: withMapAt(inner[String(step)] ?? null, rest, map),
  });
}
