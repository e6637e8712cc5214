import type { Files } from '../host/host.ts';
import { known, unreadable, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { APPLIED_SETTINGS_FORMAT } from '../model/layout.ts';
import { emptySettings, type SettingMap, type SettingValue } from '../model/settings.ts';

const MEND = 'remove it, and the next apply records the settings again';

/** The settings last applied, as recorded; a file that is damaged or of a newer format is unreadable, never empty. */
export function readAppliedSettings(files: Pick<Files, 'read'>, path: HostPath): Fact<SettingMap> {
  const text = files.read(path);
  if (text.kind === 'absent') return text;
  if (text.kind === 'unreadable') return unreadable(`${text.why}; make it readable, or ${MEND}`);
  const document = parseJsonObject(text.value);
  if (document === undefined) return unreadable(`${path} is damaged (not JSON); ${MEND}`);
  if (document['schema'] !== APPLIED_SETTINGS_FORMAT)
    return unreadable(
      `${path} has the format ${String(document['schema'])}, this bootstrap knows ${APPLIED_SETTINGS_FORMAT}; use the newer one, or ${MEND}`,
    );
  return known(settingsFrom(document['settings']));
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
