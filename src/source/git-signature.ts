import type { Files } from '../host/host.ts';
import type { SignatureFault } from '../model/distrust.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { CommitId } from '../model/git.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import type { SourceLayout } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { ask, exitCodeOf, PROGRAM_PATH, saidIn, type Git, type Setback } from './git-command.ts';
import type { RefuseFile } from './git-credentials.ts';

/** A commit that somebody must have signed. */
export interface SignedCommit {
  readonly commit: CommitId;
  readonly layout: SourceLayout;
  readonly refuseFile: RefuseFile;
}

/**
 * Who signed a commit: an ssh key of /etc/bootstrap/allowed_signers that is not in revoked_signers, or a key of the GnuPG home
 * /etc/bootstrap/gnupg. Fails as `untrusted`, or as `script-refused` where others could change one of these. An ssh key is judged by the
 * commit's own date, a GnuPG key by today's (git-config(1), gpg.ssh.allowedSignersFile).
 */
export async function checkSignature(
  files: Files,
  git: Git,
  { commit, layout, refuseFile }: SignedCommit,
): Promise<Result<string, Setback>> {
  const signers = findSigners(files, layout, refuseFile);
  if (!signers.ok) return err({ failure: signers.error, clone: 'sound' });
  const judged = await judge(git, commit, signers.value);
  if (!judged.ok) return judged;
  const { isGood, signer, tail } = judged.value;
  if (isGood) return ok(signer);
  const fault = await faultOf(files, git, { commit, signers: signers.value, ...judged.value });
  if (!fault.ok) return fault;
  const because = { why: 'signature', commit, fault: fault.value, tail } as const;
  return err({ failure: { code: 'untrusted', because }, clone: 'sound' });
}

/** Where the ssh keys that count are named, and those that count no more; undefined where there is no such file. */
interface Signers {
  readonly allowed: HostPath | undefined;
  readonly revoked: HostPath | undefined;
}

function findSigners(
  files: Files,
  { allowedSigners, revokedSigners, gnupg }: SourceLayout,
  refuseFile: RefuseFile,
): Result<Signers, Failure> {
  const isThere = (path: HostPath): boolean => files.inspect(path).kind !== 'absent';
  const there = [allowedSigners, revokedSigners, gnupg].filter(isThere);
  const keyrings = (valueOf(files.list(gnupg)) ?? []).map((name) => hostPath(gnupg, name));
  const refusals = [...there, ...keyrings].flatMap((path) => refuseFile(path));
  if (refusals.length > 0) return err({ code: 'script-refused', refusals });
  if (!there.includes(allowedSigners) && !there.includes(gnupg))
    return err({
      code: 'untrusted',
      because: { why: 'no-signers', places: [allowedSigners, gnupg] },
    });
  return ok({
    allowed: there.includes(allowedSigners) ? allowedSigners : undefined,
    revoked: there.includes(revokedSigners) ? revokedSigners : undefined,
  });
}

interface Judgement {
  readonly isGood: boolean;
  /** What git calls it, in a letter (git-log(1), "%G?"); '' where it says nothing. */
  readonly letter: string;
  /** The name and the fingerprint of the key. */
  readonly signer: string;
  readonly tail: readonly string[];
}

// A GnuPG home is a list of keys that count, whatever trust it has in them: U is as good as G. Of an ssh key nobody named git says U
// too, but by its exit code no.
const GOOD_LETTERS: readonly string[] = ['G', 'U'];

// By exit code and letter, never by a sentence: git writes "Good signature" of a key that it does not know.
async function judge(
  git: Git,
  commit: CommitId,
  signers: Signers,
): Promise<Result<Judgement, Setback>> {
  const settings = settingsOf(signers);
  const verified = await git.run(['verify-commit', commit], { settings });
  const format = '--format=%G?%n%GS%n%GF';
  const shown = await ask(git, ['show', '--no-patch', format, commit], { settings });
  if (!shown.ok) return shown;
  const [letter = '', name = '', fingerprint = ''] = shown.value.split('\n');
  return ok({
    isGood: exitCodeOf(verified) === 0 && GOOD_LETTERS.includes(letter),
    letter,
    signer: `${name} (${fingerprint})`,
    tail: saidIn(verified.tail),
  });
}

// Without a file of allowed signers git would call a commit with an ssh signature unsigned.
function settingsOf({ allowed, revoked }: Signers): readonly string[] {
  const settings = [`gpg.ssh.allowedSignersFile=${allowed ?? '/dev/null'}`];
  return revoked === undefined ? settings : [...settings, `gpg.ssh.revocationFile=${revoked}`];
}

interface BadCommit {
  readonly commit: CommitId;
  readonly signers: Signers;
  readonly letter: string;
}

const FAULT_BY_LETTER: Readonly<Record<string, SignatureFault>> = {
  E: 'unknown-signer',
  U: 'unknown-signer',
  X: 'expired',
  Y: 'expired',
  R: 'revoked',
  B: 'bad',
};

// What is wrong with it, for a person; that something is, is decided. Of ssh keys git has one letter for several faults: which it is
// shows by asking again as if the key had not been revoked, or had no dates.
async function faultOf(
  files: Files,
  git: Git,
  { commit, signers, letter }: BadCommit,
): Promise<Result<SignatureFault, Setback>> {
  const text = await ask(git, ['cat-file', 'commit', commit]);
  if (!text.ok) return text;
  const [header = ''] = text.value.split('\n\n');
  if (!/^gpgsig(?:-sha256)? /m.test(header)) return ok('unsigned');
  // Git tells no signature that does not hold from one that it had no program for.
  if (header.includes('BEGIN SSH SIGNATURE') && !hasProgram(files, 'ssh-keygen'))
    return ok('unchecked');
  const fault = FAULT_BY_LETTER[letter] ?? 'unchecked';
  const isGoodWith = async (others: Signers): Promise<boolean> => {
    const settings = settingsOf(others);
    return exitCodeOf(await git.run(['verify-commit', commit], { settings })) === 0;
  };
  if (fault === 'bad' && (await isGoodWith({ ...signers, revoked: undefined })))
    return ok('revoked');
  if (fault === 'unknown-signer' && (await withoutDates(files, signers, isGoodWith)))
    return ok('expired');
  return ok(fault);
}

function hasProgram(files: Files, name: string): boolean {
  return PROGRAM_PATH.split(':').some(
    (folder) => files.inspect(hostPath(folder, name)).kind !== 'absent',
  );
}

// ssh-keygen(1), "ALLOWED SIGNERS": a valid-after and a valid-before that every commit keeps.
async function withoutDates(
  files: Files,
  signers: Signers,
  isGoodWith: (others: Signers) => Promise<boolean>,
): Promise<boolean> {
  const text = signers.allowed && valueOf(files.read(signers.allowed));
  if (text === undefined) return false;
  const undated = text
    .replaceAll(/valid-after="[^"]*"/gi, 'valid-after="19700102"')
    .replaceAll(/valid-before="[^"]*"/gi, 'valid-before="29991231"');
  const written = files.writePrivate('allowed_signers', undated);
  if (!written.ok) return false;
  try {
    return await isGoodWith({ ...signers, allowed: written.value });
  } finally {
    files.removePrivate(written.value);
  }
}
