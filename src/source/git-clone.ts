import type { Files } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { parseCommitId, type CommitId } from '../model/git.ts';
import { hostPath } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { ask, askWhether, type Git, type Setback } from './git-command.ts';
import { fetchRef, keptName, type RemoteRef } from './git-remote.ts';

/** What is to be in the clone. */
export interface Wanted {
  readonly ref: RemoteRef;
  /** The commit that it has to follow; undefined where there is none, and the tip is enough. */
  readonly since: CommitId | undefined;
  readonly timeoutMs: DurationMs;
}

/** The commit that a ref of the remote leads to, in the clone; made, fetched and tidied where that is needed, or else nothing is done. */
export async function bringCommit(
  files: Files,
  git: Git,
  { ref, since, timeoutMs }: Wanted,
): Promise<Result<CommitId, Setback>> {
  const made = await makeClone(files, git, ref);
  if (!made.ok) return made;
  const kept = await askWhether(git, ['rev-parse', '--verify', '--quiet', keptName(ref)]);
  if (!kept.ok) return kept;
  if (kept.value?.trim() !== ref.id) {
    sweepPacks(files, git);
    const depth = since === undefined && kept.value === undefined ? 'tip' : 'news';
    const fetched = await fetchRef(git, ref, { depth, timeoutMs });
    if (!fetched.ok) return fetched;
    const tidied = await ask(git, ['gc', '--auto', '--quiet'], { timeoutMs });
    // Where that takes too long, the next fetch tries again.
    if (!tidied.ok && tidied.error.clone === 'suspect') return tidied;
  }
  return await commitOf(git, ref);
}

async function makeClone(
  files: Files,
  git: Git,
  { id }: RemoteRef,
): Promise<Result<void, Setback>> {
  if (files.inspect(hostPath('', `${git.clone}/HEAD`)).kind === 'known') return ok(undefined);
  const folder = files.makeFolder(folderOf(git.clone));
  if (!folder.ok) return err(sound(folder.error));
  const format = id.length === SHA256_DIGITS ? 'sha256' : 'sha1';
  const kind = ['--bare', '--shared=0600', '--template=', `--object-format=${format}`];
  const made = await ask(git, ['init', '--quiet', '--initial-branch=none', ...kind]);
  return made.ok ? ok(undefined) : made;
}

const SHA256_DIGITS = 64;

function sound(failure: Failure): Setback {
  return { failure, clone: 'sound' };
}

// Half a pack that a killed git left: git itself removes it only after two weeks, or never. One that stays is no reason not to go on.
function sweepPacks(files: Files, { clone }: Git): void {
  const packs = hostPath('', `${clone}/objects/pack`);
  for (const name of valueOf(files.list(packs)) ?? [])
    if (/^\.?tmp[-_]/.test(name)) files.remove(hostPath('', `${packs}/${name}`));
}

async function commitOf(git: Git, ref: RemoteRef): Promise<Result<CommitId, Setback>> {
  const name = keptName(ref);
  const printed = await askWhether(git, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  if (!printed.ok) return printed;
  const commit = parseCommitId(printed.value?.trim() ?? '');
  if (commit !== undefined) return ok(commit);
  // Something else is there, or what should be there is not.
  const there = await ask(git, ['cat-file', '-e', `${name}^{}`]);
  if (!there.ok) return there;
  const because = { why: 'no-commit', ref: ref.name } as const;
  return err(sound({ code: 'source-unreachable', url: git.url, because, tail: [] }));
}
