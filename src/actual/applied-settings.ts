import type { Files } from '../host/host.ts';
import { known, unreadable, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { APPLIED_SETTINGS_FORMAT } from '../model/layout.ts';
import { settingsFrom, type SettingMap } from '../model/settings.ts';

const MEND = 'remove it, and the next apply records the settings again';

/** The settings last applied, as recorded; a file that is damaged or of a newer format is unreadable, never empty. */
export function readAppliedSettings(files: Pick<Files, 'read'>, path: HostPath): Fact<SettingMap> {
  return appliedSettings(files.read(path), path);
}

/** The same from what the file at `path` was read as. */
export function appliedSettings(text: Fact<string>, path: HostPath): Fact<SettingMap> {
  if (text.kind === 'absent') return text;
  if (text.kind === 'unreadable') return unreadable(`${text.why}; make it readable, or ${MEND}`);
  const document = parseJsonObject(text.value);
  if (document === undefined) return unreadable(`${path} is damaged (not JSON); ${MEND}`);
  const { schema } = document;
  if (typeof schema !== 'string')
    return unreadable(`${path} is damaged (it says no format); ${MEND}`);
  if (schema !== APPLIED_SETTINGS_FORMAT)
    return unreadable(
      `${path} has the format ${schema}, this bootstrap knows ${APPLIED_SETTINGS_FORMAT}; use the newer one, or ${MEND}`,
    );
  return known(settingsFrom(document['settings']));
}
