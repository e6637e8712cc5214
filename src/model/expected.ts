import { APPLIED_SETTINGS_FORMAT } from './layout.ts';
import type { SettingMap } from './settings.ts';

/** What the files of a product hold where nothing differs, by their digests: then none of them need be parsed. */
export interface Expected {
  /** Of the config file, whose format tells all settings. */
  readonly configDigest: string;
  /** Of settings.json. */
  readonly recordDigest: string;
  /** The settings that both tell then; no secret is among them. */
  readonly settings: () => SettingMap;
}

/** What settings.json holds of these settings, secrets as keyed hashes. */
export function settingsRecord(settings: SettingMap): string {
  const record = { schema: APPLIED_SETTINGS_FORMAT, settings };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
