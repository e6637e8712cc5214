import type { Diagnostic } from '../model/diagnostic.ts';
import type { ProductName, Version } from '../model/ids.ts';
import type { ServerMode } from '../model/mode.ts';
import type { SettingMap } from '../model/settings.ts';

/** A template: its text, and the name under which messages show it. */
export interface Template {
  readonly file: string;
  readonly text: string;
}

/** What a config file is rendered from; these are also the variables of a template. */
export interface ConfigInput {
  readonly product: ProductName;
  /** Undefined where the version is not known: a template that uses it is then refused. */
  readonly version: Version | undefined;
  readonly mode: ServerMode;
  /** '' for `/`. */
  readonly root: string;
  readonly settings: SettingMap;
  /** Needed by the format `template` only. */
  readonly template: Template | undefined;
}

/** Why a config file cannot be rendered: a setting (by its path from the top) that the format cannot hold, or a place in the template. */
export type RenderProblem =
  | { readonly at: 'setting'; readonly path: readonly string[]; readonly why: string }
  | { readonly at: 'template'; readonly diagnostic: Diagnostic };
