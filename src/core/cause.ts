import type { Cause } from '../model/change.ts';
import { valueOf } from '../model/fact.ts';
import type { SettingChange, SettingMap, SettingValue } from '../model/settings.ts';
import type { ActualProduct } from '../model/state.ts';
import { settingAt } from './setting-changes.ts';

/** Three values of one thing: as last applied, as wished, as found. */
export interface ThreeWay {
  readonly applied: unknown;
  readonly desired: unknown;
  readonly actual: unknown;
}

/** Who moved away from what was last applied. */
export function causeOf({ applied, desired, actual }: ThreeWay): Cause {
  if (applied === actual) return 'spec';
  return applied === desired ? 'drift' : 'both';
}

/** Who moved a setting; never applied by us, it is the wish. */
export function settingCause(setting: SettingChange, applied: SettingMap | undefined): Cause {
  if (applied === undefined) return 'spec';
  // That a setting was not there is known too: one that nobody declared was put there by somebody.
  return causeOf({
    applied: textOf(settingAt(applied, setting.path)),
    desired: textOf(setting.after),
    actual: textOf(setting.before),
  });
}

function textOf(value: SettingValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** Who moved a config file away from what is on record of it; `digest` is that of the text it is to have. */
export function configCause({ applied, written }: ActualProduct, digest: string): Cause {
  const record = valueOf(written);
  // Written before digests were on record, or never by us: then that it differs is the wish.
  if (record === undefined) return applied.kind === 'absent' ? 'spec' : 'drift';
  if (record.digest === digest) return 'drift';
  return record.edited === true ? 'both' : 'spec';
}
