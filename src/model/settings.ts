/** One value of a product's settings, as YAML and JSON have them. */
export type SettingValue = string | number | boolean | readonly SettingValue[] | SettingMap;

/** Settings by name. Objects made by our parsers have no prototype, so that no name can reach one. */
export interface SettingMap {
  readonly [name: string]: SettingValue;
}

/** One setting that differs, by its path from the top of the settings. */
export interface SettingChange {
  readonly path: readonly string[];
  readonly before: SettingValue | undefined;
  readonly after: SettingValue | undefined;
}

/** True for a nested map of settings. */
export function isSettingMap(value: SettingValue): value is SettingMap {
  return typeof value === 'object' && !Array.isArray(value);
}

/** How a scalar is written in a format that knows only text, as ini and env files do. */
export function settingText(value: string | number | boolean): string {
  return String(value);
}

/** The settings with every scalar as its text: what ini and env files can be compared by (`100` equals `"100"`). */
export function asTexts(settings: SettingMap): SettingMap {
  const texts: Record<string, SettingValue> = emptySettings();
  for (const [name, value] of Object.entries(settings)) texts[name] = textsIn(value);
  return texts;
}

function textsIn(value: SettingValue): SettingValue {
  if (typeof value !== 'object') return settingText(value);
  if (isSettingMap(value)) return asTexts(value);
  return value.map(textsIn);
}

/** A map to fill, without a prototype that a name could reach. */
export function emptySettings(): Record<string, SettingValue> {
  return Object.create(null) as Record<string, SettingValue>;
}

/** Settings from parsed JSON, in maps without a prototype; what no setting can be (null) is left out. */
export function settingsFrom(value: unknown): SettingMap {
  const settings = emptySettings();
  if (typeof value !== 'object' || value === null) return settings;
  for (const [name, inner] of Object.entries(value)) {
    const setting = settingFrom(inner);
    if (setting !== undefined) settings[name] = setting;
  }
  return settings;
}

function settingFrom(value: unknown): SettingValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(settingFrom).filter((each) => each !== undefined);
  return value === null || typeof value !== 'object' ? undefined : settingsFrom(value);
}
