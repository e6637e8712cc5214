import type { Place } from './diagnostic.ts';
import type { SecretSource } from './secret.ts';

/** Plain data as a YAML document holds it. Maps have no prototype. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** A map of plain data. */
export type PlainMap = { readonly [key: string]: PlainValue };

/** A desired state as it is written: what schemas/desired-state.schema.json accepts, defaults not filled in. */
export interface DesiredDocument {
  readonly apiVersion: 'bootstrap/v1';
  readonly metadata?: MetadataDocument;
  readonly server: { readonly mode: 'idle' | 'production' };
  readonly products?: Readonly<Record<string, ProductDocument>>;
  readonly policy?: PolicyDocument;
  readonly callbacks?: readonly CallbackDocument[];
}

/** What a desired state says of itself, as written. */
export interface MetadataDocument {
  readonly name?: string;
  readonly serial?: number;
  readonly expires?: string;
  readonly machineId?: string;
}

/** How much of a plan may be done, and when, as written. */
export interface PolicyDocument {
  readonly onFailure?: 'rollback' | 'stop' | 'continue';
  readonly prune?: boolean;
  readonly maxChanges?: number;
  readonly windows?: readonly string[];
}

/** What to do about drift. */
export type DriftWord = 'correct' | 'report' | 'ignore';

/** One product, as written. */
export interface ProductDocument {
  readonly version?: string;
  readonly repository?: string;
  readonly settings?: PlainMap;
  readonly dependsOn?: readonly string[];
  readonly heartbeat?: HeartbeatDocument | readonly HeartbeatDocument[];
  readonly driftPolicy?: DriftWord | Readonly<Record<string, DriftWord>>;
  readonly protect?: boolean;
  readonly suspend?: boolean;
}

/** The keys of a heartbeat that say what is asked; exactly one of them is there. */
export const HEARTBEAT_KINDS = [
  'http',
  'tcp',
  'unix',
  'process',
  'exec',
  'systemd',
  'monit',
  'haproxy',
  'file',
] as const;

/** One heartbeat, as written; durations are texts such as `5s`. */
export interface HeartbeatDocument {
  readonly http?: string;
  readonly status?: number;
  readonly body?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly json?: PlainMap;
  readonly socket?: string;
  readonly tcp?: string;
  readonly unix?: string;
  readonly process?: string;
  readonly exec?: readonly string[];
  readonly systemd?: string;
  readonly monit?: string;
  readonly haproxy?: string;
  readonly file?: string;
  readonly maxAge?: string;
  readonly grace?: string;
  readonly interval?: string;
  readonly timeout?: string;
  readonly successes?: number;
  readonly deadline?: string;
  readonly stable?: string;
  readonly restart?: boolean;
}

/** One receiver of messages, as written. */
export interface CallbackDocument {
  readonly url: string;
  readonly format?: 'cloudevents' | 'query';
  /** Several while one takes the place of another: each signs. */
  readonly secret?: SecretReference | readonly SecretReference[];
}

/** Where a secret is to be found; exactly one of the keys is there. */
export type SecretReference = { readonly [K in SecretSource]?: string };

/** True for a list among plain data; `Array.isArray` does not know readonly lists. */
export function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** The way from the top of a document to something in it: keys of maps, indexes of lists from 0. */
export type DocumentPath = readonly (string | number)[];

/** Says where the value at a path was set; undefined where no file set one. */
export type OriginOf = (path: DocumentPath) => Place | undefined;

/** A path as people write it: `products.web.heartbeat[0].http`. */
export function showPath(path: DocumentPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
