import { distrustOfAge, distrustOfMachine } from '../core/trust.ts';
import type { Files, Host } from '../host/host.ts';
import { durationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import type { CommitId } from '../model/git.ts';
import { hostPath } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { GitRevision, Snapshot } from '../model/source.ts';
import type { Metadata } from '../model/state.ts';
import type { Trust } from '../model/trust.ts';
import { loadWritten, type Written } from './load.ts';
import type { Site } from './site.ts';
import { readTrust, writeTrust } from './trust-record.ts';

// A desired state may hold settings that not everybody on the server need know.
const DESIRED_FILE_BITS = 0o600;

/** A desired state that was read, and from which commit; undefined where it was not read from git. */
export interface Offer {
  readonly root: string;
  readonly metadata: Metadata;
  readonly git: GitRevision | undefined;
}

/** Why a desired state is not to be applied here, or undefined where nothing speaks against it: its machine, and from git its end and its serial. */
export function refuse(
  { files, clock }: Pick<Host, 'files' | 'clock'>,
  { root, metadata, git }: Offer,
): Failure | undefined {
  const place = hostPath(root, '/etc/machine-id');
  const stranger = distrustOfMachine(metadata, { found: files.read(place), place });
  if (stranger !== undefined) return { code: 'untrusted', because: stranger };
  if (git === undefined) return undefined;
  const floor = readTrust(files, root);
  if (!floor.ok) return floor.error;
  const stale = distrustOfAge(metadata, { floor: floor.value, now: clock.now() });
  return stale && { code: 'untrusted', because: stale };
}

/** What people wrote, refused where it is for another machine, or from git and too old. */
export async function loadForHere(
  host: Host,
  site: Site,
  git: GitRevision | undefined,
): Promise<Result<Written, Failure>> {
  const written = await loadWritten(host, site);
  if (!written.ok) return written;
  const { metadata } = written.value.desired;
  const failure = refuse(host, { root: site.root, metadata, git });
  return failure === undefined ? written : err(failure);
}

/** A commit that nothing speaks against, as it was read. */
export interface Accepted {
  readonly root: string;
  readonly git: GitRevision;
  readonly snapshot: Pick<Snapshot, 'desired' | 'texts'>;
  readonly serial: number | undefined;
}

/**
 * Puts on record what is applied from git, once all checks are passed, and keeps its files where other commands find them; its serial never
 * goes down. For the holder of the lock only. Fails as `untrusted` where another commit is on record than the one it was checked against.
 */
export function accept(
  { files }: Pick<Host, 'files'>,
  { root, git: { commit, url, ref, follows }, snapshot, serial }: Accepted,
): Result<void, Failure> {
  const floor = readTrust(files, root);
  if (!floor.ok) return floor;
  const before = floor.value?.commit;
  if (before !== follows && before !== commit)
    return err({ code: 'untrusted', because: { why: 'floor-moved' } });
  const kept = keepFiles(files, snapshot);
  if (!kept.ok) return kept;
  const serials = [floor.value?.serial ?? [], serial ?? []].flat();
  const highest = serials.length === 0 ? undefined : Math.max(...serials);
  return writeTrust(files, root, { commit, url, ref, desired: snapshot.desired, serial: highest });
}

function keepFiles(files: Files, { texts }: Accepted['snapshot']): Result<void, Failure> {
  for (const [path, text] of texts) {
    if (text.kind !== 'known') continue;
    const folder = files.makeFolder(folderOf(path));
    const kept = folder.ok
      ? files.replace(path, text.value, { modeBits: DESIRED_FILE_BITS })
      : folder;
    if (!kept.ok) return kept;
  }
  return ok(undefined);
}

/** What is to be the floor from now on, and who says so. */
export interface TrustReset {
  readonly root: string;
  readonly runId: string;
  readonly to: CommitId;
}

const BY_HAND = { url: undefined, ref: undefined, desired: [], serial: undefined };

/**
 * Makes a commit the one that everything from git has to follow, and forgets the serial; returns what was on record before. Takes the lock,
 * and does not wait for it: a run that is about to put its own commit on record would undo this.
 */
export async function resetTrust(
  { files, lock }: Pick<Host, 'files' | 'lock'>,
  { root, runId, to }: TrustReset,
): Promise<Result<Trust | undefined, Failure>> {
  const held = await lock.hold(
    {
      path: layoutOf(root).lock,
      command: 'trust reset',
      runId,
      timeoutMs: durationMs(0),
      signal: new AbortController().signal,
      onWait: () => {},
    },
    async () => {
      const before = readTrust(files, root);
      if (!before.ok) return before;
      const written = writeTrust(files, root, { ...BY_HAND, commit: to });
      return written.ok ? before : written;
    },
  );
  return held.ok ? held.value : held;
}
