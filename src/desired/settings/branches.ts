import type { ErrorObject } from 'ajv';
import { isSchema, listOf, ownValue, type Resolve } from './layers.ts';

/** What errors are seen by. */
export interface FoldContext {
  readonly resolve: Resolve;
  /** True for what is said of a value that is not known yet: it may be right. */
  readonly isUnknown: (error: ErrorObject) => boolean;
}

/**
 * One error for each mistake: of a value that fits no branch of `anyOf` or `oneOf` what is wrong by the branch that it was
 * meant for, where one stands out, else that it fits none. Nothing of what is not known yet.
 */
export function foldSettingsErrors(
  errors: readonly ErrorObject[],
  context: FoldContext,
): readonly ErrorObject[] {
  const seen = new Set<string>();
  return foldBranches(errors, context).filter((error) => {
    if (isEcho(error)) return false;
    // Of a single value the first thing that is wrong says enough; of a map each key counts.
    const isWhole = typeof error.data === 'object' && error.data !== null;
    const place = `${error.instancePath}${isWhole ? ` ${JSON.stringify(error.params)}` : ''}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

/** Errors that only repeat that another one was found: of a condition, and of a key beside `propertyNames`. */
function isEcho({ keyword, propertyName }: ErrorObject): boolean {
  return keyword === 'if' || (propertyName !== undefined && keyword !== 'propertyNames');
}

function foldBranches(
  errors: readonly ErrorObject[],
  context: FoldContext,
): readonly ErrorObject[] {
  const kept: ErrorObject[] = [];
  const told = new Set<ErrorObject>();
  // The errors of branches stand before the one of the whole.
  for (const error of errors.toReversed()) {
    if (told.has(error)) continue;
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') {
      if (!context.isUnknown(error)) kept.push(error);
      continue;
    }
    const branches = listOf(error.schema).map((branch) =>
      errorsOfBranch(branch, { error, errors, resolve: context.resolve }),
    );
    for (const inner of branches.flat()) told.add(inner);
    kept.push(...bestOf(error, branches, context).toReversed());
  }
  return kept.toReversed();
}

interface Whole {
  readonly error: ErrorObject;
  readonly errors: readonly ErrorObject[];
  readonly resolve: Resolve;
}

/** An error knows the schema that it broke, but not by which way it came there: through `$ref` there are several. */
function errorsOfBranch(branch: unknown, whole: Whole): readonly ErrorObject[] {
  const schemas = schemasFrom(branch, whole.resolve);
  return whole.errors.filter(
    (inner) =>
      inner !== whole.error &&
      isWithin(inner.instancePath, whole.error.instancePath) &&
      schemas.has(inner.parentSchema),
  );
}

/** Everything that a schema holds or refers to. */
function schemasFrom(schema: unknown, resolve: Resolve): ReadonlySet<unknown> {
  const found = new Set<unknown>([schema]);
  for (const each of found) {
    if (typeof each !== 'object' || each === null) continue;
    for (const inner of Object.values(each)) found.add(inner);
    for (const key of ['$ref', '$dynamicRef']) {
      const reference = ownValue(each, key);
      if (typeof reference === 'string') found.add(resolve(reference));
    }
  }
  return found;
}

/** True at a place and below it; both are JSON pointers. */
export function isWithin(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(`${place}/`);
}

function bestOf(
  error: ErrorObject,
  branches: readonly (readonly ErrorObject[])[],
  context: FoldContext,
): readonly ErrorObject[] {
  if (context.isUnknown(error)) return [];
  const isUnsure = (branch: readonly ErrorObject[]): boolean =>
    branch.length > 0 && branch.every(context.isUnknown);
  if (branches.some(isUnsure)) return [];
  const [meant, ...others] = branches.filter(
    (branch) => branch.length > 0 && !branch.some((inner) => rulesOut(inner, error)),
  );
  if (meant !== undefined && others.length === 0) return foldBranches(meant, context);
  return [meant === undefined ? (unknownTag(branches) ?? error) : error];
}

/** Where each branch wants another value of one key, the value is what is wrong. */
function unknownTag(branches: readonly (readonly ErrorObject[])[]): ErrorObject | undefined {
  const tags = branches.map((branch) => branch.find(isTag));
  const [first] = tags;
  if (first === undefined || tags.some((tag) => tag?.instancePath !== first.instancePath))
    return undefined;
  const allowedValues = tags.flatMap(
    (tag) => tag?.params['allowedValues'] ?? tag?.params['allowedValue'],
  );
  return { ...first, keyword: 'enum', params: { allowedValues }, parentSchema: {} };
}

/** Nobody means a branch for values of another type, or for other values of the key that tells branches apart. */
function rulesOut(inner: ErrorObject, { instancePath }: ErrorObject): boolean {
  if (inner.keyword === 'type') return inner.instancePath === instancePath;
  return isTag(inner) && inner.instancePath !== instancePath;
}

function isTag({ keyword, params }: ErrorObject): boolean {
  return keyword === 'const' || listOf(params['allowedValues']).length === 1;
}

/** The schemas that errors are about stand in `parentSchema`; a schema that is `false` has none. */
export function schemaOf(error: ErrorObject): Readonly<Record<string, unknown>> {
  return isSchema(error.parentSchema) ? error.parentSchema : {};
}
