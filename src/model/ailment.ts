import type { HostPath } from './ids.ts';

/** Something wrong with a server, or with what bootstrap keeps of it. */
export interface Ailment {
  /** A file, or a thing such as `lock`. */
  readonly about: string;
  readonly what: string;
  /** What a person can do. */
  readonly remedy: string;
  /** What `doctor --fix` does; undefined where a person is needed. */
  readonly repair: Repair | undefined;
}

/** A repair that loses nothing: a damaged file stays, under another name. */
export interface Repair {
  readonly setAside: HostPath;
  /** What follows from it. */
  readonly after: string;
}

/** An ailment, and what came of its repair. */
export interface Treated {
  readonly ailment: Ailment;
  /** Where the damaged file is now; undefined where nothing was repaired. */
  readonly setAside: HostPath | undefined;
}
