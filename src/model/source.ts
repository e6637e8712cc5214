import type { Fact } from './fact.ts';
import type { CommitId } from './git.ts';
import type { HostPath } from './ids.ts';

/** Which commit a desired state was read from. */
export interface GitRevision {
  /** Without credentials. */
  readonly url: string;
  readonly ref: string;
  readonly commit: CommitId;
  /** Who signed the commit, as the check names them; undefined where signatures are not asked for. */
  readonly signedBy: string | undefined;
  /** The commit that it was seen to follow; undefined where any commit was taken. */
  readonly follows: CommitId | undefined;
}

/** The files of a desired state as they stood at one moment, however they change meanwhile. */
export interface Snapshot {
  /** Tells one content from another; a file that was only touched has the digest that it had. */
  readonly digest: string;
  /** The files: as they are named to people, and where they are, or would be if they were files. */
  readonly desired: readonly { readonly shown: string; readonly path: HostPath }[];
  /** What they hold, by path. */
  readonly texts: ReadonlyMap<HostPath, Fact<string>>;
  /** Undefined where they are files of this machine. */
  readonly git: GitRevision | undefined;
}
