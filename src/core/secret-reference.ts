import type { DocumentPath, PlainMap } from '../model/document.ts';
import { showPath } from '../model/document.ts';
import { SECRET_SOURCES, type Secret, type SecretSource } from '../model/secret.ts';
import type { NoteFinding } from './finding.ts';

const NAME_RULE: {
  readonly [S in SecretSource]: { readonly pattern: RegExp; readonly words: string };
} = {
  fromFile: { pattern: /^\/[^\0\uE000\uE001]*$/, words: 'an absolute path on the server' },
  fromEnv: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, words: 'the name of an environment variable' },
  fromCredential: {
    pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]*$/,
    words: 'the name of a systemd credential',
  },
};

/** The secret that a map of one key refers to; undefined, and noted, where it says anything else: what stands beside it would be lost. */
export function readReference(
  plain: PlainMap,
  path: DocumentPath,
  note: NoteFinding,
): Secret | undefined {
  const [only, ...others] = Object.keys(plain);
  const source = SECRET_SOURCES.find((each) => each === only);
  const name = source === undefined ? undefined : plain[source];
  if (
    source !== undefined &&
    others.length === 0 &&
    typeof name === 'string' &&
    NAME_RULE[source].pattern.test(name)
  )
    return { source, name };
  note({
    code: 'bad-secret-reference',
    path,
    part: 'value',
    summary: `${showPath(path)} is no reference to a secret`,
    detail:
      source === undefined || others.length > 0
        ? `a reference has exactly one key: ${SECRET_SOURCES.join(', ')}`
        : `${source} is ${NAME_RULE[source].words}`,
    fix: 'write for example {fromFile: /run/secrets/key}',
  });
  return undefined;
}
