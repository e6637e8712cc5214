import type { AddressAllowance } from './address.ts';
import type { Place } from './diagnostic.ts';
import type { DurationMs } from './duration.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { ProductName } from './ids.ts';

/** The scripts a product may have in bootstrap.ini, by what they are for. */
export const SCRIPT_KINDS = [
  'upgrade',
  'mode',
  'provision',
  'set',
  'probe',
  'remove',
  'test',
  'reload',
] as const;
/** What a script is for. */
export type ScriptKind = (typeof SCRIPT_KINDS)[number];

/** A script of a product: its path on the server, and the line of bootstrap.ini that names it. */
export interface ScriptDefinition {
  readonly kind: ScriptKind;
  readonly path: string;
  readonly place: Place;
}

/** The formats a config file can be rendered to. */
export const CONFIG_FORMATS = ['template', 'ini', 'json', 'yaml', 'env'] as const;
/** How a config file is written. */
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

/** Whose a config file is, as names or numbers, and its permission bits as `0640`. Undefined: as the file has it. */
export interface ConfigAccess {
  readonly owner: string | undefined;
  readonly group: string | undefined;
  readonly mode: string | undefined;
}

/** The config file of a product: all of it belongs to bootstrap. Paths are the server's, without `--root`. */
export interface ConfigDefinition {
  readonly path: string;
  readonly format: ConfigFormat;
  readonly template: string | undefined;
  /** An argv with `{file}` in it, or undefined where nothing is to be checked. */
  readonly check: readonly string[] | undefined;
  readonly access: ConfigAccess;
  readonly place: Place;
}

/** The JSON Schema of a product's settings: its path on the server, and the line of bootstrap.ini that names it. */
export interface SettingsSchemaDefinition {
  readonly path: string;
  readonly place: Place;
}

/** What bootstrap.ini says of one product. */
export interface ProductDefinition {
  readonly name: ProductName;
  readonly place: Place;
  readonly scripts: ReadonlyMap<ScriptKind, ScriptDefinition>;
  readonly config: ConfigDefinition | undefined;
  readonly settingsSchema: SettingsSchemaDefinition | undefined;
  readonly heartbeats: readonly Heartbeat[];
  readonly dependsOn: readonly ProductName[];
  readonly timeoutMs: DurationMs;
  readonly rollback: boolean;
  readonly idempotent: boolean;
}

/** What this server can run, and how: bootstrap.ini, with every default filled in. */
export interface ServerDefinition {
  readonly file: string;
  /** What `--root` says, absolute; '' for `/`. */
  readonly root: string;
  readonly serverType: string | undefined;
  readonly scriptPath: string;
  /** Where callbacks may go. */
  readonly callbackAllow: AddressAllowance;
  readonly products: ReadonlyMap<ProductName, ProductDefinition>;
}
