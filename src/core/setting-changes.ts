import difference from 'microdiff';
import type { ConfigFormat } from '../model/definition.ts';
import {
  asTexts,
  isSettingMap,
  type SettingChange,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';

/** The settings as a config file of this format tells them: ini and env files know texts only. */
export function asTold(settings: SettingMap, format: ConfigFormat | undefined): SettingMap {
  return format === 'ini' || format === 'env' ? asTexts(settings) : settings;
}

/** What differs, leaf by leaf, in the order of their paths as microdiff walks them. */
export function changedSettings(before: SettingMap, after: SettingMap): readonly SettingChange[] {
  return difference(asRecord(before), asRecord(after), { cyclesFix: false }).flatMap((found) => {
    const path = found.path.map(String);
    if (found.type === 'CREATE') return leaves(path, found.value as SettingValue, 'after');
    if (found.type === 'REMOVE') return leaves(path, found.oldValue as SettingValue, 'before');
    return [{ path, before: found.oldValue as SettingValue, after: found.value as SettingValue }];
  });
}

function asRecord(settings: SettingMap): Record<string, SettingValue> {
  return settings as Record<string, SettingValue>;
}

function leaves(
  path: readonly string[],
  value: SettingValue,
  side: 'before' | 'after',
): readonly SettingChange[] {
  if (isSettingMap(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, inner]) => leaves([...path, name], inner, side));
  return [
    side === 'after'
      ? { path, before: undefined, after: value }
      : { path, before: value, after: undefined },
  ];
}

/** The setting at a path through maps and lists, or undefined where there is none. */
export function settingAt(
  settings: SettingMap | undefined,
  path: readonly string[],
): SettingValue | undefined {
  let value: SettingValue | undefined = settings;
  for (const name of path) {
    if (typeof value !== 'object') return undefined;
    value = isSettingMap(value) ? value[name] : value[Number(name)];
  }
  return value;
}
