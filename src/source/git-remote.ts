import type { DurationMs } from '../model/duration.ts';
import { parseCommitId, type GitRef } from '../model/git.ts';
import { err, ok, type Result } from '../model/result.ts';
import { ask, type Git, type Setback } from './git-command.ts';

/** A ref as the remote has it: by its whole name, or a commit by its id, which is then both. */
export interface RemoteRef {
  readonly name: string;
  /** What it leads to: a commit, or the object of an annotated tag. */
  readonly id: string;
}

/** Looks a ref up at the remote: a branch before a tag of the same name, so that nobody shadows a branch by pushing a tag. A commit id needs no look. The clone is not touched. */
export async function findRef(
  git: Git,
  ref: GitRef,
  timeoutMs: DurationMs,
): Promise<Result<RemoteRef, Setback>> {
  const commit = parseCommitId(ref);
  if (commit !== undefined) return ok({ name: commit, id: commit });
  const names =
    ref === 'HEAD' || ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const list = ['--git-dir=/dev/null', 'ls-remote', '--quiet', '--', git.url, ...names];
  const printed = await ask(git, list, { timeoutMs });
  if (!printed.ok) return printed;
  // Git takes a name for the end of longer ones too.
  const refs = printed.value.split('\n').map((line) => line.split('\t'));
  for (const name of names) {
    const [id] = refs.find(([, found]) => found === name) ?? [];
    if (id !== undefined) return ok({ name, id });
  }
  const { url } = git;
  return err({
    failure: { code: 'source-unreachable', url, because: { why: 'no-ref', ref }, tail: [] },
    clone: 'sound',
  });
}

/** How much of the history is fetched: the tip alone, what is missing above what is there, or all of it. */
export type Depth = 'tip' | 'news' | 'everything';

const DEPTH_WORDS: { readonly [D in Depth]: readonly string[] } = {
  tip: ['--depth=1'],
  news: [],
  everything: ['--unshallow'],
};

// Far above what a repository of desired states holds; who may push, but not sign, shall not fill the disk ("endless data", TUF 5.1).
const PACK_BYTES_MAX = 1024 ** 3;

/** Where the clone keeps what it has of a ref. */
export function keptName({ name }: RemoteRef): string {
  return `refs/bootstrap/${name.replace(/^refs\//, '')}`;
}

/** Fetches a ref, and nothing beside it, into the clone. */
export async function fetchRef(
  git: Git,
  ref: RemoteRef,
  { depth, timeoutMs }: { readonly depth: Depth; readonly timeoutMs: DurationMs },
): Promise<Result<string, Setback>> {
  const only = ['--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  // A remote may itself hold only a part of the history: what is missing can make a commit look unrelated, never related.
  const words = ['--quiet', ...only, '--update-shallow', ...DEPTH_WORDS[depth]];
  const spec = `+${ref.name}:${keptName(ref)}`;
  return await ask(git, ['fetch', ...words, '--', git.url, spec], {
    timeoutMs,
    through: ['prlimit', `--fsize=${PACK_BYTES_MAX}`, '--core=0', '--'],
  });
}
