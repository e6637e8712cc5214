import type { HostPath } from '../model/ids.ts';

/** A file given to us: how to name it to a person, and where it is. */
export interface NamedFile {
  readonly shown: string;
  readonly path: HostPath;
}

/** Which server, and which files say what it is to be. */
export interface Site {
  /** What `--root` says, absolute; '' for `/`. */
  readonly root: string;
  readonly definition: NamedFile;
  /** The desired state's files; more than one are merged, later ones over earlier ones. */
  readonly desired: readonly NamedFile[];
}
