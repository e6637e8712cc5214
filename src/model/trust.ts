import type { CommitId } from './git.ts';
import type { Snapshot } from './source.ts';

/** The format word of trust.json. */
export const TRUST_FORMAT = 'bootstrap.trust/1';

/** What a server was last brought to from git: nothing is taken that does not follow it. */
export interface Trust {
  readonly commit: CommitId;
  /** Where it was read; undefined where it was named by hand. */
  readonly url: string | undefined;
  readonly ref: string | undefined;
  /** The files of the desired state, as that commit had them; [] where it was named by hand. */
  readonly desired: Snapshot['desired'];
  /** The highest serial since; undefined where no file had one. */
  readonly serial: number | undefined;
}
