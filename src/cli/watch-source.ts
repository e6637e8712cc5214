import { gitSource } from '../app/git-source.ts';
import type { WatchRequest } from '../app/watch.ts';
import { durationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { parseGitRef, parseGitUrl, parseTreePath, type TreePath } from '../model/git.ts';
import { err, ok, type Result } from '../model/result.ts';
import { openFileSource } from '../source/file-source.ts';
import { usage } from './failing.ts';
import type { WatchOptions } from './options.ts';
import { newRunId, type Session } from './session.ts';

/** Where a watch reads the desired state, and how that is named to people. */
export interface NamedSource {
  readonly shown: string;
  readonly open: WatchRequest['openSource'];
}

// A large repository over a slow line takes minutes the first time.
const FETCH_TIMEOUT_MS = durationMs(10 * 60_000);
const PATH_DEFAULT = 'desired-state.yaml';

/** The source that the flags name: files of this machine, or a git repository. */
export function sourceOf(session: Session, options: WatchOptions): Result<NamedSource, Failure> {
  if (options.git !== undefined) return gitSourceOf(session, { ...options, git: options.git });
  const stray = strayFlag(options);
  return stray === undefined
    ? ok(fileSourceOf(session))
    : err(usage(`${stray} says something of a git repository: name it with --git URL`));
}

function strayFlag({ ref, path, verify }: WatchOptions): string | undefined {
  if (verify) return '--verify';
  if (path.length > 0) return '--path';
  return ref === undefined ? undefined : '--ref';
}

function fileSourceOf({ host, site }: Session): NamedSource {
  return {
    shown: site.desired.map(({ shown }) => shown).join(' + '),
    open: (request) => {
      const files = openFileSource(host, site.desired, request);
      return { read: async () => ok(await files.read()) };
    },
  };
}

function gitSourceOf(
  { host, site }: Session,
  options: WatchOptions & { readonly git: string },
): Result<NamedSource, Failure> {
  if (options.file.length > 0)
    return err(usage('--git and --file: a desired state is read from one place'));
  const url = parseGitUrl(options.git);
  if (!url.ok) return err(usage(`--git: "${options.git}": ${url.error}`));
  const ref = parseGitRef(options.ref ?? 'HEAD');
  if (!ref.ok) return err(usage(`--ref: "${options.ref}": ${ref.error}`));
  const paths: TreePath[] = [];
  for (const text of options.path.length === 0 ? [PATH_DEFAULT] : options.path) {
    const path = parseTreePath(text);
    if (!path.ok) return err(usage(`--path: "${text}": ${path.error}`));
    paths.push(path.value);
  }
  const source = gitSource(host, {
    root: site.root,
    url: url.value,
    ref: ref.value,
    paths,
    verify: options.verify,
    timeoutMs: FETCH_TIMEOUT_MS,
    newRunId: () => newRunId(host),
  });
  return ok({ shown: `${url.value} (${ref.value}: ${paths.join(' + ')})`, open: () => source });
}
