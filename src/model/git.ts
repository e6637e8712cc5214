import type { Brand } from './ids.ts';
import { err, ok, type Result } from './result.ts';

/** The address of a repository: without credentials, and of a kind by which nobody makes git run a program. */
export type GitUrl = Brand<string, 'GitUrl'>;
/** A branch or a tag, a ref by its whole name (`refs/…`, `HEAD`), or a commit id. */
export type GitRef = Brand<string, 'GitRef'>;
/** The whole id of a commit: SHA-1, or SHA-256 in repositories of that format. */
export type CommitId = Brand<string, 'CommitId'>;
/** A path from the top of a commit. */
export type TreePath = Brand<string, 'TreePath'>;

/** How a repository is reached, by the word that GIT_ALLOW_PROTOCOL has for it (git(1)). */
export type GitTransport = 'https' | 'ssh' | 'file';

const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A commit id, or undefined where the text is none: half an id could mean another commit tomorrow. */
export function parseCommitId(text: string): CommitId | undefined {
  return commitId.test(text) ? (text as CommitId) : undefined;
}

// A word that begins with a dash would be an option, to git or to ssh.
const USER = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const HOST = String.raw`(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])`;
const https = new RegExp(`^https://${HOST}(?::[0-9]{1,5})?/[^\\s]+$`);
const ssh = new RegExp(`^ssh://(?:${USER}@)?${HOST}(?::[0-9]{1,5})?/[^\\s]+$`);
const sshShort = new RegExp(
  `^(?:${USER}@)?${HOST}:[^-:/\\s][^\\s]*$|^(?:${USER}@)?${HOST}:/(?!/)[^\\s]*$`,
);
const file = /^(?:file:\/\/)?\/[^/]/;

/** An address of https, of ssh in either spelling, of file, or an absolute path; else why the text is none. */
export function parseGitUrl(text: string): Result<GitUrl, string> {
  if (/\p{Cc}/u.test(text)) return err('it holds control characters');
  if ([https, ssh, sshShort, file].some((form) => form.test(text))) return ok(text as GitUrl);
  if (/^(?:https|ssh):\/\/[^/]*@/.test(text))
    return err(
      'it holds a user name or a password that it may not: of https both belong into /etc/bootstrap/git/token, ssh takes keys only',
    );
  return err(
    'it must be https://HOST/PATH, ssh://[USER@]HOST/PATH, [USER@]HOST:PATH, file:///PATH or an absolute path',
  );
}

/** How an address is reached. */
export function transportOf(url: GitUrl): GitTransport {
  if (file.test(url)) return 'file';
  return https.test(url) ? 'https' : 'ssh';
}

// git-check-ref-format(1): what is never part of a ref's name.
const neverInRef = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|\/\.|[/.]$|\.lock(?:\/|$)|^@$/u;

/** The name of a ref, or why the text is none. */
export function parseGitRef(text: string): Result<GitRef, string> {
  const isName = text !== '' && !neverInRef.test(text);
  return isName ? ok(text as GitRef) : err('it is not the name of a branch, a tag or a ref');
}

/** A path from the top of a commit that stays in it, or why the text is none. */
export function parseTreePath(text: string): Result<TreePath, string> {
  if (/^-|\p{Cc}/u.test(text)) return err('it begins with a dash or holds control characters');
  const climbs = text.split('/').some((name) => name === '' || name === '.' || name === '..');
  return climbs
    ? err('it must lead down from the top of the repository, without "." and ".."')
    : ok(text as TreePath);
}
