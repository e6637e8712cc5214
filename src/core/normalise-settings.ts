import type { ProductDefinition } from '../model/definition.ts';
import type { DocumentPath, PlainMap, PlainValue } from '../model/document.ts';
import { isList, showPath } from '../model/document.ts';
import type { SettingMap, SettingValue } from '../model/settings.ts';
import { emptySettings } from '../model/settings.ts';
import { holdsTokenMark, SECRET_SOURCES, secretToken } from '../model/secret.ts';
import type { NoteFinding } from './finding.ts';
import { readReference } from './secret-reference.ts';

/** A setting that a config file's format cannot hold, by its path from the top of the settings. */
export interface UnwritableSetting {
  readonly path: readonly string[];
  readonly why: string;
}

/** How settings are looked at. */
export interface SettingsContext {
  /** Undefined where bootstrap.ini does not know the product. */
  readonly definition: ProductDefinition | undefined;
  readonly path: DocumentPath;
  readonly note: NoteFinding;
  /** Says what the format of the product's config file cannot hold. */
  readonly findUnwritable: (
    definition: ProductDefinition,
    settings: SettingMap,
  ) => readonly UnwritableSetting[];
}

/** The settings of a product as values that can be written and compared; what cannot is noted and left out. */
export function normaliseSettings(document: PlainMap, context: SettingsContext): SettingMap {
  const { definition, path, note, findUnwritable } = context;
  const settings = settingMap(document, path, note);
  if (definition === undefined) return settings;
  for (const problem of findUnwritable(definition, settings)) {
    const at = [...path, ...problem.path];
    note({
      code: 'unwritable-setting',
      path: at,
      part: 'key',
      summary: `${showPath(at)}: ${problem.why}`,
    });
  }
  if (
    definition.config === undefined &&
    !definition.scripts.has('set') &&
    Object.keys(document).length > 0
  ) {
    note({
      code: 'settings-unread',
      path,
      part: 'key',
      summary: `nothing would read the settings of ${definition.name}`,
      detail: `[product: ${definition.name}] of bootstrap.ini has neither a config-file nor a set-script`,
      fix: 'add one of them there, or remove the settings here',
    });
  }
  return settings;
}

function settingMap(document: PlainMap, path: DocumentPath, note: NoteFinding): SettingMap {
  const settings = emptySettings();
  for (const [name, plain] of Object.entries(document)) {
    const value = settingValue(plain, [...path, name], note);
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

function settingValue(
  plain: PlainValue,
  path: DocumentPath,
  note: NoteFinding,
): SettingValue | undefined {
  if (plain === null) {
    note({
      code: 'empty-setting',
      path,
      part: 'value',
      summary: `${showPath(path)} has no value`,
      fix: 'give it one ("" is empty text), or leave the key out',
    });
    return undefined;
  }
  if (typeof plain === 'number' && !isExact(plain)) {
    note({
      code: 'inexact-number',
      path,
      part: 'value',
      summary: `${showPath(path)} is a number that would not be kept as it is written`,
      fix: 'put it in quotes',
    });
    return undefined;
  }
  if (typeof plain === 'string' && holdsTokenMark(plain)) {
    note({
      code: 'reserved-character',
      path,
      part: 'value',
      summary: `${showPath(path)} holds U+E000 or U+E001, characters that bootstrap keeps for itself`,
      fix: 'leave them out',
    });
    return undefined;
  }
  if (typeof plain !== 'object') return plain;
  if (!isList<PlainValue>(plain))
    return isReference(plain) ? settingToken(plain, path, note) : settingMap(plain, path, note);
  return plain.flatMap((item, index) => settingValue(item, [...path, index], note) ?? []);
}

function settingToken(
  plain: PlainMap,
  path: DocumentPath,
  note: NoteFinding,
): SettingValue | undefined {
  const secret = readReference(plain, path, note);
  return secret && secretToken(secret);
}

function isReference(plain: PlainMap): boolean {
  return SECRET_SOURCES.some((source) => plain[source] !== undefined);
}

/** Not so for whole numbers beyond 2^53, whose last digits are lost, and for infinity, which JSON does not have. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
