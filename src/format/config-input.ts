import type { Diagnostic } from '../model/diagnostic.ts';
import type { ProductName, Version } from '../model/ids.ts';
import type { ServerMode } from '../model/mode.ts';
import { err, ok, type Result } from '../model/result.ts';
import {
  emptySettings,
  isSettingMap,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { YamlValue } from './yaml-value.ts';

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

/** Names through which an object's prototype is reached. */
const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What `problemOf` says of the scalars and names among settings, lists and maps included; a reserved name is a problem too. */
export function problemsAmong(
  settings: SettingMap,
  problemOf: (value: string | number | boolean) => string | undefined,
): readonly RenderProblem[] {
  const within = (value: SettingValue, path: readonly string[]): readonly RenderProblem[] => {
    if (typeof value !== 'object') return problemAt(path, problemOf(value));
    if (!isSettingMap(value))
      return value.flatMap((item, index) => within(item, [...path, String(index)]));
    return Object.entries(value).flatMap(([name, inner]) => {
      const at = [...path, name];
      const why = RESERVED_KEYS.has(name) ? 'the name is reserved' : problemOf(name);
      return [...problemAt(at, why), ...within(inner, at)];
    });
  };
  return within(settings, []);
}

function problemAt(path: readonly string[], why: string | undefined): readonly RenderProblem[] {
  return why === undefined ? [] : [{ at: 'setting', path, why }];
}

/** The settings that a file holds, in maps without a prototype; fails with the line of what no setting can be. */
export function settingsOf(root: YamlValue): Result<SettingMap, string> {
  if (root.kind !== 'map') return err('line 1: is no map of settings');
  const settings = emptySettings();
  for (const { key, value } of root.entries) {
    const read = settingOf(value);
    if (!read.ok) return read;
    settings[key] = read.value;
  }
  return ok(settings);
}

function settingOf(value: YamlValue): Result<SettingValue, string> {
  if (value.kind === 'map') return settingsOf(value);
  if (value.kind === 'scalar')
    return value.value === null
      ? err(`line ${value.span.line}: a setting cannot be null`)
      : ok(value.value);
  const items: SettingValue[] = [];
  for (const item of value.items) {
    const read = settingOf(item);
    if (!read.ok) return read;
    items.push(read.value);
  }
  return ok(items);
}
