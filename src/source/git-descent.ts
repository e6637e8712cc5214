import type { Files } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import type { CommitId } from '../model/git.ts';
import { hostPath } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { ask, askWhether, type Git, type Setback } from './git-command.ts';
import { fetchRef, type RemoteRef } from './git-remote.ts';

/** Two commits, the later of which a ref of the remote leads to. */
export interface Descent {
  readonly ref: RemoteRef;
  readonly commit: CommitId;
  readonly since: CommitId;
  readonly timeoutMs: DurationMs;
}

/** Fails as `rewritten` unless a commit is the other, or follows it. Only a clone with all of the history can say no: one that was begun at a tip gets the rest first. */
export async function checkDescent(
  files: Pick<Files, 'inspect'>,
  git: Git,
  { ref, commit, since, timeoutMs }: Descent,
): Promise<Result<void, Setback>> {
  if (commit === since) return ok(undefined);
  const follows = await isAncestor(git, since, commit);
  if (!follows.ok) return follows;
  if (follows.value) return ok(undefined);
  const isShallow = files.inspect(hostPath('', `${git.clone}/shallow`)).kind !== 'absent';
  if (isShallow) {
    const fetched = await fetchRef(git, ref, { depth: 'everything', timeoutMs });
    if (!fetched.ok) return fetched;
    const again = await isAncestor(git, since, commit);
    if (!again.ok) return again;
    if (again.value) return ok(undefined);
  }
  // Where a part of the history was lost, the walk fails.
  const walked = await ask(git, ['rev-list', '--count', commit]);
  if (!walked.ok) return walked;
  const because = { why: 'rewritten', commit, since } as const;
  return err({ failure: { code: 'untrusted', because }, clone: 'sound' });
}

async function isAncestor(
  git: Git,
  since: CommitId,
  commit: CommitId,
): Promise<Result<boolean, Setback>> {
  const isThere = await askWhether(git, ['rev-parse', '--verify', '--quiet', `${since}^{commit}`]);
  if (!isThere.ok) return isThere;
  if (isThere.value === undefined) return ok(false);
  const answer = await askWhether(git, ['merge-base', '--is-ancestor', since, commit]);
  return answer.ok ? ok(answer.value !== undefined) : answer;
}
