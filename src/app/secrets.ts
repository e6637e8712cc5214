import type { KnownSecrets } from '../core/seal.ts';
import type { Host } from '../host/host.ts';
import { absent, mapFact, unreadable, valueOf, type Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import {
  hashToken,
  mapTexts,
  replaceTokens,
  secretsIn,
  secretToken,
  type Secret,
} from '../model/secret.ts';
import type { SettingMap } from '../model/settings.ts';

const READABLE_BY_OTHERS = 0o004;
const KEY_BYTES = 32;
const KEY_FILE_BITS = 0o600;

/** The secrets of one run: looked up when they are needed, kept in memory only. */
export interface Secrets extends KnownSecrets {
  /** A text with its secrets filled in, each put through `escape`; for the moment of writing. */
  fill(text: string, escape?: (value: string) => string): Result<string, Failure>;
  /** Settings as they are recorded: keyed hashes in place of secrets. */
  forRecord(settings: SettingMap): Result<SettingMap, Failure>;
  /** The values known so far, to be masked in whatever scripts print. */
  values(): readonly string[];
}

/** Opens the secrets of the server at `root`. Nothing is read yet. */
export function openSecrets(host: Host, root: string): Secrets {
  const seen = new Map<string, Fact<string>>();
  const keyPath = layoutOf(root).secretKey;
  const lookUp = (token: string): Fact<string> => {
    const [secret] = secretsIn(token);
    const value =
      seen.get(token) ?? (secret === undefined ? absent : readSecret(host, root, secret));
    seen.set(token, value);
    return value;
  };
  const hash = (key: string, value: string): string => host.crypto.hmacSha256(key, value);
  return {
    valueOf: lookUp,
    hashOf: (value) => {
      const key = valueOf(host.files.read(keyPath));
      return key === undefined ? undefined : hash(key.trim(), value);
    },
    fill: (text, escape = (value) => value) => {
      const missing = [...secretsIn(text)].find(
        (secret) => lookUp(secretToken(secret)).kind !== 'known',
      );
      if (missing !== undefined) return err(unavailable(missing, lookUp(secretToken(missing))));
      return ok(replaceTokens(text, (token) => escape(valueOf(lookUp(token)) ?? '')));
    },
    forRecord: (settings) => {
      if (secretsIn(JSON.stringify(settings)).length === 0) return ok(settings);
      const key = keyFor(host, keyPath);
      if (!key.ok) return key;
      const sealed = (text: string): string =>
        replaceTokens(text, (token) => hashToken(hash(key.value, valueOf(lookUp(token)) ?? '')));
      return ok(mapTexts(settings, sealed));
    },
    values: () => [...seen.values()].flatMap((fact) => (fact.kind === 'known' ? [fact.value] : [])),
  };
}

function unavailable({ source, name }: Secret, value: Fact<string>): Failure {
  const why = value.kind === 'unreadable' ? value.why : 'there is no such secret';
  return { code: 'secret-unavailable', source, name, why };
}

function readSecret(host: Host, root: string, { source, name }: Secret): Fact<string> {
  switch (source) {
    case 'fromFile':
      return readSecretFile(host, hostPath(root, name));
    case 'fromEnv': {
      const value = host.machine.environment(name);
      return value === undefined ? absent : { kind: 'known', value };
    }
    case 'fromCredential': {
      const folder = host.machine.environment('CREDENTIALS_DIRECTORY');
      // systemd.exec(5), "Credentials": each is a file of its name in that folder.
      return folder === undefined
        ? unreadable(
            'CREDENTIALS_DIRECTORY is not set: systemd gives credentials to its services only',
          )
        : readSecretFile(host, `${folder}/${name}` as HostPath);
    }
  }
}

function readSecretFile({ files }: Host, path: HostPath): Fact<string> {
  const info = files.inspect(path);
  if (info.kind !== 'known') return info;
  if ((info.value.mode & READABLE_BY_OTHERS) !== 0)
    return unreadable(`everybody can read ${path}: chmod o-r ${path}`);
  return mapFact(files.read(path), (text) => text.replace(/\r?\n$/, ''));
}

// Made once, when the first secret is recorded: hashes of two servers cannot be compared.
function keyFor({ files, crypto }: Host, path: HostPath): Result<string, Failure> {
  const found = files.read(path);
  if (found.kind === 'known') return ok(found.value.trim());
  if (found.kind === 'unreadable')
    return err({ code: 'file-unusable', path, why: found.why, what: 'read' });
  const key = crypto.randomHex(KEY_BYTES);
  const written = files.replace(path, `${key}\n`, { modeBits: KEY_FILE_BITS });
  return written.ok ? ok(key) : written;
}
