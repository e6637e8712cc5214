import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitChoices } from './repository.ts';

/** Somebody who signs with an ssh key. */
export interface SshSigner {
  /** What `push` is given to sign. */
  readonly by: CommitChoices;
  /** The key as it stands in a file of allowed signers, behind the name and the options. */
  readonly key: string;
  /** As ssh-keygen(1) writes it: SHA256:… */
  readonly fingerprint: string;
}

/** A new ssh key in a folder. */
export function sshSigner(folder: string, name: string): SshSigner {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], {
    encoding: 'utf8',
  }).split(' ');
  return {
    by: { sign: ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${path}`] },
    key: readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' '),
    fingerprint,
  };
}

/** People who sign with GnuPG, and what becomes of their keys. */
export interface GpgSigners {
  /** How someone signs, by name; at another time than now where `at` says one, as `20200101T000000`. */
  readonly by: (name: string, at?: string) => CommitChoices;
  /** The public keys of some, as a file to import. */
  readonly exported: (...names: readonly string[]) => string;
  /** What revokes a key, as a file to import. */
  readonly revocation: (name: string) => string;
  readonly fingerprint: (name: string) => string;
  /** Ends the agent that GnuPG started, and removes the keys. */
  readonly end: () => void;
}

/** New GnuPG keys by name, each made `at` some time, or now, with a time to live as gpg(1) writes it (`0`: for ever). */
export function gpgSigners(
  keys: Readonly<Record<string, { readonly at?: string; readonly lives: string }>>,
): GpgSigners {
  // Not below a long path: the name of a socket is short.
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'gpg-')));
  const gpg = (...args: readonly string[]): string => runGpg(home, args);
  const address = (name: string): string => `${name}@example.org`;
  const fingerprint = (name: string): string =>
    /^fpr:+([0-9A-F]+):/m.exec(gpg('--with-colons', '--list-keys', address(name)))?.[1] ?? '';
  for (const [name, { at, lives }] of Object.entries(keys)) {
    const user = `${name} <${address(name)}>`;
    gpg(...clock(at), '--passphrase', '', '--quick-generate-key', user, 'ed25519', 'sign', lives);
  }
  return {
    by(name, at) {
      const program = join(home, `gpg-${at}`);
      writeFileSync(program, `#!/bin/sh\nexec gpg ${clock(at).join(' ')} "$@"\n`, { mode: 0o755 });
      const settings = [
        'gpg.format=openpgp',
        `gpg.program=${program}`,
        `user.signingKey=${fingerprint(name)}`,
      ];
      return { sign: settings.flatMap((each) => ['-c', each]), env: { GNUPGHOME: home } };
    },
    exported: (...names) => gpg('--armor', '--export', ...names.map(address)),
    revocation: (name) =>
      readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint(name)}.rev`), 'utf8').replace(
        // Made so that nobody uses it by mistake.
        ':-----BEGIN',
        '-----BEGIN',
      ),
    fingerprint,
    end: () => endHome(home),
  };
}

function clock(at: string | undefined): readonly string[] {
  return at === undefined ? [] : ['--faked-system-time', at];
}

/** A GnuPG home with these keys, made where bootstrap looks for it. */
export function importKeys(root: string, ...keys: readonly string[]): void {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'gpg-')));
  try {
    for (const [index, key] of keys.entries()) {
      const file = join(home, `import-${index}`);
      writeFileSync(file, key);
      runGpg(home, ['--import', file]);
    }
    const keyring = readFileSync(join(home, 'pubring.kbx'));
    mkdirSync(join(root, 'etc/bootstrap/gnupg'), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, 'etc/bootstrap/gnupg/pubring.kbx'), keyring);
  } finally {
    endHome(home);
  }
}

function runGpg(home: string, args: readonly string[]): string {
  return execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--no-tty', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function endHome(home: string): void {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
}
