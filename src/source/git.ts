import type { Host } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import type { Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { CommitId, GitRef, GitUrl, TreePath } from '../model/git.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { sourceLayoutOf, type SourceLayout } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Snapshot } from '../model/source.ts';
import { bringCommit } from './git-clone.ts';
import { setUpGit, type Git, type Setback } from './git-command.ts';
import { readCredentials, type RefuseFile } from './git-credentials.ts';
import { checkDescent } from './git-descent.ts';
import { readCommitted } from './git-file.ts';
import { findRef, type RemoteRef } from './git-remote.ts';
import { checkSignature } from './git-signature.ts';

/** What is to be read from git. */
export interface GitRequest {
  /** What `--root` says, absolute; '' for `/`. */
  readonly root: string;
  readonly runId: string;
  readonly url: GitUrl;
  readonly ref: GitRef;
  /** The files of the desired state, later ones to be merged over earlier ones. */
  readonly paths: readonly TreePath[];
  /** Take only a commit that somebody named has signed. */
  readonly verify: boolean;
  /** The commit that was applied last: only it and what follows it is taken. Undefined: any commit. */
  readonly since: CommitId | undefined;
  /** How long the remote may take to answer, and how long a fetch may take. */
  readonly timeoutMs: DurationMs;
}

/** What ends a look, and whom it may believe. */
export interface GitLook {
  readonly signal: AbortSignal;
  /** Says why a file of keys may not be relied on; [] where it may. */
  readonly refuseFile: RefuseFile;
}

/**
 * The files of a desired state as the newest commit of a git ref has them, nothing on the server changed but a private clone under
 * /var/bootstrap/source. A file that is not there, or is no text, is a fact of the snapshot. Fails as `source-unreachable`, `untrusted`,
 * `secret-unavailable`, `script-refused`, `locked` where another process keeps the clone, or `interrupted`.
 */
export async function readGit(
  host: Host,
  request: GitRequest,
  { signal, refuseFile }: GitLook,
): Promise<Result<Snapshot, Failure>> {
  const { root, url, runId, timeoutMs } = request;
  const layout = sourceLayoutOf(root, host.crypto.sha256(url).slice(0, DIGEST_CHARS));
  const credentials = readCredentials(host, { url, layout }, refuseFile);
  if (!credentials.ok) return credentials;
  const git = setUpGit(host, { url, layout, credentials: credentials.value, signal });
  const { lock: path } = layout;
  const held = await host.lock.hold(
    { path, command: 'git', runId, timeoutMs, signal, onWait: () => {} },
    async () => await readHeld({ host, request, layout, git, refuseFile }),
  );
  return held.ok ? held.value : held;
}

// Enough that no two addresses on a server meet, and a person can still read the path.
const DIGEST_CHARS = 16;

interface Reading {
  readonly host: Host;
  readonly request: GitRequest;
  readonly layout: SourceLayout;
  readonly git: Git;
  readonly refuseFile: RefuseFile;
}

// A clone that git cannot work with (cut short, damaged, with the lock files of a git that was killed) is not mended: it is only a copy.
async function readHeld(reading: Reading): Promise<Result<Snapshot, Failure>> {
  const { host, request, git } = reading;
  const { files } = host;
  const ref = await findRef(git, request.ref, request.timeoutMs);
  if (!ref.ok) return err(ref.error.failure);
  const hadClone = files.inspect(git.clone).kind !== 'absent';
  const first = await readRef(reading, ref.value);
  if (first.ok) return first;
  if (first.error.clone === 'sound') return err(first.error.failure);
  const removed = files.removeTree(git.clone);
  if (!removed.ok) return removed;
  if (!hadClone) return err(first.error.failure);
  const second = await readRef(reading, ref.value);
  return second.ok ? second : err(second.error.failure);
}

async function readRef(reading: Reading, ref: RemoteRef): Promise<Result<Snapshot, Setback>> {
  const { host, request, layout, git, refuseFile } = reading;
  const { since, timeoutMs, verify } = request;
  const { files } = host;
  const brought = await bringCommit(files, git, { ref, since, timeoutMs });
  if (!brought.ok) return brought;
  const commit = brought.value;
  const signed = verify
    ? await checkSignature(files, git, { commit, layout, refuseFile })
    : ok(undefined);
  if (!signed.ok) return signed;
  if (since !== undefined) {
    const descends = await checkDescent(files, git, { ref, commit, since, timeoutMs });
    if (!descends.ok) return descends;
  }
  return await takeSnapshot(reading, { commit, signedBy: signed.value });
}

interface Taken {
  readonly commit: CommitId;
  readonly signedBy: string | undefined;
}

const SHORT_COMMIT_CHARS = 7;

async function takeSnapshot(
  { host, request, layout, git }: Reading,
  { commit, signedBy }: Taken,
): Promise<Result<Snapshot, Setback>> {
  const { url, ref, paths, since } = request;
  const texts = new Map<HostPath, Fact<string>>();
  const desired: { readonly shown: string; readonly path: HostPath }[] = [];
  for (const path of paths) {
    const text = await readCommitted(git, commit, path);
    if (!text.ok) return text;
    const place = hostPath(layout.files, path);
    texts.set(place, text.value);
    desired.push({ shown: `${url}@${commit.slice(0, SHORT_COMMIT_CHARS)}:${path}`, path: place });
  }
  const digest = host.crypto.sha256(JSON.stringify([...texts]));
  return ok({ digest, desired, texts, git: { url, ref, commit, signedBy, follows: since } });
}
