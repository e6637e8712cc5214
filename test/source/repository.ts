import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import { readGit, type GitRequest } from '../../src/source/git.ts';
import type { Host } from '../../src/host/host.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { Failure, ScriptRefusal } from '../../src/model/failure.ts';
import {
  parseCommitId,
  parseGitRef,
  parseGitUrl,
  parseTreePath,
  type CommitId,
} from '../../src/model/git.ts';
import type { Result } from '../../src/model/result.ts';
import type { Snapshot } from '../../src/model/source.ts';
import { valueOf } from '../../src/model/fact.ts';

/** A file of a commit: its text or bytes, a link to somewhere, or null for none. */
export type Content = string | Buffer | { readonly linkTo: string } | null;
/** Files of a commit, by path. */
export type Contents = Readonly<Record<string, Content>>;

/** How a commit is made. */
export interface CommitChoices {
  /** Settings of git that sign it; undefined: it is not signed. */
  readonly sign?: readonly string[] | undefined;
  /** When it was made, by the committer's clock. */
  readonly date?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A remote, somebody's clone of it with the branch main, and a server that reads it; all in one folder. */
export interface Repository {
  readonly folder: string;
  /** The remote: a bare repository. */
  readonly url: string;
  /** The server's root. */
  readonly root: string;
  /** Runs git in the clone, and gives what it printed. */
  readonly git: (...args: readonly string[]) => string;
  /** What is checked out. */
  readonly head: () => CommitId;
  /** Commits on top of what is checked out, and pushes it to `main`, by force where it must. */
  readonly push: (contents: Contents, choices?: CommitChoices) => CommitId;
}

// Whoever runs the tests has settings of git too.
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

/** A new one, empty; removed when the test has finished. */
export function createRepository(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  format?: 'sha256',
): Repository {
  const repository = keepRepository(format);
  onTestFinished(() => rmSync(repository.folder, { recursive: true, force: true }));
  return repository;
}

/** A new one, empty, for many tests; whoever makes it removes its folder. */
export function keepRepository(format: 'sha1' | 'sha256' = 'sha1'): Repository {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bootstrap-git-')));
  const [url, work] = [join(folder, 'remote.git'), join(folder, 'work')];
  const runGit = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
    execFileSync('git', args, {
      encoding: 'utf8',
      env: { ...ENVIRONMENT, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const inWork = (args: readonly string[], env?: Readonly<Record<string, string>>): string =>
    runGit(['-C', work, ...args], env).trim();
  const kind = ['--quiet', '--initial-branch=main', `--object-format=${format}`];
  runGit(['init', ...kind, '--bare', url]);
  runGit(['init', ...kind, work]);
  inWork(['remote', 'add', 'origin', url]);
  return {
    folder,
    url,
    root: join(folder, 'root'),
    git: (...args) => inWork(args),
    head: () => commitIn(inWork(['rev-parse', 'HEAD'])),
    push(contents, { sign = [], date, env = {} } = {}) {
      for (const [path, content] of Object.entries(contents)) put(join(work, path), content);
      inWork(['add', '--all']);
      const dates = date === undefined ? {} : { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
      const signing = sign.length === 0 ? [] : ['-S'];
      inWork([...sign, 'commit', '--quiet', '--allow-empty', '--message=x', ...signing], {
        ...dates,
        ...env,
      });
      inWork(['push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/main']);
      return commitIn(inWork(['rev-parse', 'HEAD']));
    },
  };
}

function put(path: string, content: Content): void {
  rmSync(path, { recursive: true, force: true });
  if (content === null) return;
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content);
  else symlinkSync(content.linkTo, path);
}

/** The commit id that a text is; throws where it is none. */
export function commitIn(text: string): CommitId {
  const commit = parseCommitId(text);
  if (commit === undefined) throw new Error(`${text} is no commit id`);
  return commit;
}

/** How a server looks at a remote; what is left out is `main`, `site.yaml`, unsigned, and no floor. */
export interface Look {
  readonly url?: string;
  readonly ref?: string;
  readonly paths?: readonly string[];
  readonly verify?: boolean;
  readonly since?: CommitId | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly refuseFile?: (path: string) => readonly ScriptRefusal[];
  readonly host?: Host;
}

/** What the server of a repository reads there. */
export async function lookAt(
  { url: address, root }: Pick<Repository, 'url' | 'root'>,
  look: Look = {},
): Promise<Result<Snapshot, Failure>> {
  const { url = address, ref = 'main', paths = ['site.yaml'], timeoutMs = 20_000 } = look;
  const request: GitRequest = {
    root,
    runId: 'run-1',
    url: parsed(parseGitUrl(url)),
    ref: parsed(parseGitRef(ref)),
    paths: paths.map((path) => parsed(parseTreePath(path))),
    verify: look.verify ?? false,
    since: look.since,
    timeoutMs: durationMs(timeoutMs),
  };
  return await readGit(look.host ?? createNodeHost(), request, {
    signal: look.signal ?? new AbortController().signal,
    refuseFile: look.refuseFile ?? (() => []),
  });
}

function parsed<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

/** The commit and the texts of its files, by the names that people see; or the failure. */
export function seen(result: Result<Snapshot, Failure>): unknown {
  if (!result.ok) return result.error;
  const { git, desired, texts } = result.value;
  const rows = desired.map(({ shown, path }) => {
    const text = texts.get(path);
    return [shown, (text && valueOf(text)) ?? text];
  });
  return { commit: git?.commit, ...Object.fromEntries(rows) };
}

/** The clones that the server of a repository has. */
export function clonesOf({ root }: Pick<Repository, 'root'>): readonly string[] {
  const folder = join(root, 'var/bootstrap/source');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => join(folder, name));
}
