import { distrustOfAge, distrustOfMachine } from '../core/trust.ts';
import type { Files, Host } from '../host/host.ts';
import { durationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { parseCommitId, type CommitId } from '../model/git.ts';
import { hostPath } from '../model/ids.ts';
import type { JsonObject } from '../model/json-object.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { GitRevision } from '../model/source.ts';
import type { Metadata } from '../model/state.ts';
import { TRUST_FORMAT, type Trust } from '../model/trust.ts';
import { loadWritten, type Written } from './load.ts';
import type { Site } from './site.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** What was applied last from git; undefined where nothing ever was. Fails where that cannot be told: any old commit could be passed off as new then. */
export function readTrust(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Trust | undefined, Failure> {
  const file = stateFile(root);
  const document = readStateFile(files, file);
  if (!document.ok) return document;
  if (document.value === undefined) return ok(undefined);
  const trust = trustIn(document.value);
  const why = 'it is damaged (it names no commit)';
  return trust === undefined
    ? err({ code: 'file-unusable', path: file.path, why, what: 'read' })
    : ok(trust);
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).trust, format: TRUST_FORMAT };
}

function trustIn({ commit: id, url, ref, serial }: JsonObject): Trust | undefined {
  const commit = typeof id === 'string' ? parseCommitId(id) : undefined;
  if (commit === undefined) return undefined;
  if (serial !== undefined && !Number.isSafeInteger(serial)) return undefined;
  return {
    commit,
    url: typeof url === 'string' ? url : undefined,
    ref: typeof ref === 'string' ? ref : undefined,
    serial: typeof serial === 'number' ? serial : undefined,
  };
}

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

/** What people wrote, refused where it is for another machine. */
export async function loadForHere(host: Host, site: Site): Promise<Result<Written, Failure>> {
  const written = await loadWritten(host, site);
  if (!written.ok) return written;
  const { metadata } = written.value.desired;
  const failure = refuse(host, { root: site.root, metadata, git: undefined });
  return failure === undefined ? written : err(failure);
}

/** A commit that nothing speaks against. */
export interface Accepted {
  readonly root: string;
  readonly git: GitRevision;
  /** The commit that it was seen to follow. */
  readonly since: CommitId | undefined;
  readonly serial: number | undefined;
}

/**
 * Puts on record what is applied from git, once all checks are passed; its serial never goes down. For the holder of the lock only. Fails as
 * `untrusted` where another commit is on record than the one it was checked against.
 */
export function accept(
  { files }: Pick<Host, 'files'>,
  { root, git: { commit, url, ref }, since, serial }: Accepted,
): Result<void, Failure> {
  const floor = readTrust(files, root);
  if (!floor.ok) return floor;
  if (floor.value?.commit !== since)
    return err({ code: 'untrusted', because: { why: 'floor-moved' } });
  const serials = [floor.value?.serial ?? [], serial ?? []].flat();
  const highest = serials.length === 0 ? undefined : Math.max(...serials);
  return write(files, root, { commit, url, ref, serial: highest });
}

function write(files: Files, root: string, body: Trust): Result<void, Failure> {
  return writeStateFile(files, { ...stateFile(root), body, modeBits: STATE_FILE_BITS });
}

/** What is to be the floor from now on, and who says so. */
export interface TrustReset {
  readonly root: string;
  readonly runId: string;
  readonly to: CommitId;
}

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
      const floor: Trust = { commit: to, url: undefined, ref: undefined, serial: undefined };
      const written = write(files, root, floor);
      return written.ok ? before : written;
    },
  );
  return held.ok ? held.value : held;
}
