import { createHash, createHmac, randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Crypto, Machine } from './host.ts';
import { errorWords } from './system-error.ts';

/** This machine, as the system tells of it. */
export function createMachine(): Machine {
  return { hostname, homeFolder, environment: (name) => process.env[name] };
}

/** Digests and randomness of Node. */
export function createCrypto(): Crypto {
  return {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}

/** Not $HOME, which sudo may leave to be the caller's. A user without an entry in passwd(5) lives in `/`, as in systemd.exec(5). */
function homeFolder(): string {
  try {
    return userInfo().homedir;
  } catch (thrown) {
    errorWords(thrown);
    return '/';
  }
}
