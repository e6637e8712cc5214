import type { ErrorObject } from 'ajv';
import { HEARTBEAT_KINDS } from '../model/document.ts';
import { nearest } from '../core/nearest.ts';

/**
 * One error for each mistake: a validator that looks for all errors says the same thing in several ways.
 * The errors that are left are the ones that say it best.
 */
export function foldErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const byPath = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (isEcho(error)) continue;
    const atPath = byPath.get(error.instancePath);
    if (atPath === undefined) byPath.set(error.instancePath, [error]);
    else atPath.push(error);
  }
  return [...byPath.values()].flatMap(foldAtPath);
}

/** Errors that only repeat that another one was found: branches, and the key pattern beside `propertyNames`. */
function isEcho({ keyword, schemaPath, propertyName }: ErrorObject): boolean {
  const isKeyPattern = propertyName !== undefined && keyword !== 'propertyNames';
  return keyword === 'if' || schemaPath.includes('/oneOf/') || isKeyPattern;
}

function foldAtPath(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const wrongWord = errors.find(({ keyword }) => keyword === 'enum' || keyword === 'const');
  const decisive = wrongWord ?? errors.find(({ keyword }) => keyword === 'type');
  if (decisive !== undefined) return [decisive];
  // A misspelt kind, or a `status` alone, explains why a heartbeat has no kind.
  const isExplained = errors.some(
    (error) => isMisspeltKind(error) || error.keyword === 'dependentRequired',
  );
  return isExplained ? errors.filter((error) => !saysNoKind(error)) : errors;
}

function isMisspeltKind({ keyword, params }: ErrorObject): boolean {
  const key: unknown = params['additionalProperty'];
  if (keyword !== 'additionalProperties' || typeof key !== 'string') return false;
  return nearest(key, HEARTBEAT_KINDS) !== undefined;
}

function saysNoKind({ keyword, params }: ErrorObject): boolean {
  return keyword === 'oneOf' && params['passingSchemas'] === null;
}
