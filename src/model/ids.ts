declare const brand: unique symbol;

/** A type of its own at compile time, the plain value at run time; only a parser mints one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A product's name, as CONTRACT 1.3 spells it. */
export type ProductName = Brand<string, 'ProductName'>;
/** A product's version: text, equal or not by text. */
export type Version = Brand<string, 'Version'>;
/** One invocation of the tool. Sorts by start time. */
export type RunId = Brand<string, 'RunId'>;
/** An action or a verification of a plan, as `haproxy/upgrade`: same change, same id. */
export type ActionId = Brand<string, 'ActionId'>;
/** A path on this machine with `--root` already put before it. */
export type HostPath = Brand<string, 'HostPath'>;

/** The pattern of product names, for messages and schemas. */
export const PRODUCT_NAME_PATTERN = '^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$';
/** The pattern of versions; the old tool's `TRUNK/NAME-latest` is one. */
export const VERSION_PATTERN = '^[0-9A-Za-z][0-9A-Za-z.+~_:/-]{0,127}$';

const productName = new RegExp(PRODUCT_NAME_PATTERN);
const version = new RegExp(VERSION_PATTERN);

// `..` passes the pattern but climbs out of a folder; the others would reach a prototype where a plain object is keyed by name.
const UNSAFE_NAMES: ReadonlySet<string> = new Set(['constructor', 'prototype']);

/** A product name, or undefined where the text is none. */
export function parseProductName(text: string): ProductName | undefined {
  const safe = productName.test(text) && !text.includes('..') && !UNSAFE_NAMES.has(text);
  return safe ? (text as ProductName) : undefined;
}

/** A version, or undefined where the text is none. */
export function parseVersion(text: string): Version | undefined {
  return version.test(text) ? (text as Version) : undefined;
}

/** The id of what is done to a product: `haproxy/upgrade`. */
export function actionId(subject: string, deed: string): ActionId {
  return `${subject}/${deed}` as ActionId;
}

/** A run's id from its start time and six random bytes in hex: `20261122T142200Z-1f2e3d4c5b6a`. */
export function runIdOf(startedAt: Date, randomHex: string): RunId {
  const [date = '', time = ''] = startedAt.toISOString().split('T');
  const clock = time.slice(0, 'hh:mm:ss'.length);
  return `${date.replaceAll('-', '')}T${clock.replaceAll(':', '')}Z-${randomHex}` as RunId;
}

/** A path written in a file of the server, seen from this machine: `root` put before it. `root` is '' for `/`. */
export function hostPath(root: string, path: string): HostPath {
  return `${root}${path.startsWith('/') ? '' : '/'}${path}` as HostPath;
}
