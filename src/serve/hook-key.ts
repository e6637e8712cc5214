import type { Files } from '../host/host.ts';
import { known, unreadable, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';

/** What hooks are signed with. */
export interface HookKey {
  /** As the file has it, which is what forges are given. */
  readonly text: string;
  /** For Standard Webhooks, whose `whsec_…` is bytes in base64 (standard-webhooks.md, "Signature scheme"). */
  readonly bytes: Uint8Array;
}

const ACCESS_OF_OTHERS = 0o077;
/** What nobody guesses, if it was made by chance. */
const KEY_BYTES_MIN = 16;
const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** The key in this file, without one newline at its end; unreadable where others may read it, or it is too short. */
export function readHookKey(files: Pick<Files, 'inspect' | 'read'>, path: HostPath): Fact<HookKey> {
  const info = files.inspect(path);
  if (info.kind !== 'known') return info;
  if ((info.value.mode & ACCESS_OF_OTHERS) !== 0)
    return unreadable(`others than its owner may use ${path}: chmod 600 ${path}`);
  const content = files.read(path);
  if (content.kind !== 'known') return content;
  const text = content.value.replace(/\r?\n$/, '');
  const [, base64] = encoded.exec(text) ?? [];
  const bytes = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
  return bytes.length < KEY_BYTES_MIN
    ? unreadable(
        `${path} holds a key of ${bytes.length} bytes, and less than ${KEY_BYTES_MIN} is too few: openssl rand -hex 32 makes one`,
      )
    : known({ text, bytes });
}
