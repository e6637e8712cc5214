import { APPLIED_SETTINGS_FORMAT } from './layout.ts';
import type { SettingMap } from './settings.ts';

/** A text that a file probably holds, and what such a file is known to hold: to see that it does takes no more than to compare bytes. */
export interface LikelyText {
  readonly kind: 'known';
  /** Made of the bytes when it is asked for. */
  readonly value: string;
  /** It is what stands there from `start` up to `end`, in UTF-8. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The text of these bytes. */
export function likelyText(bytes: Buffer, start = 0, end = bytes.length): LikelyText {
  return {
    kind: 'known',
    get value() {
      return bytes.toString('utf8', start, end);
    },
    bytes,
    start,
    end,
  };
}

/** The bytes of a text, and no others. */
export function bytesOf({ bytes, start, end }: LikelyText): Uint8Array {
  return bytes.subarray(start, end);
}

/** What the files of a product hold where nothing differs: then none of them need be parsed. */
export interface Expected {
  /** The config file, whose format tells all settings. */
  readonly config: LikelyText;
  /** The digest of that. */
  readonly configDigest: string;
  /** settings.json. */
  readonly record: LikelyText;
  /** The settings that both tell then; no secret is among them. */
  readonly settings: () => SettingMap;
}

/** What settings.json holds of these settings, secrets as keyed hashes. */
export function settingsRecord(settings: SettingMap): string {
  const record = { schema: APPLIED_SETTINGS_FORMAT, settings };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
