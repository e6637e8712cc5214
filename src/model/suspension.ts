/** Why nothing is done on this server for now: somebody said so. */
export interface Suspension {
  readonly reason: string;
  /** Who said so, as far as the system knows. */
  readonly by: string;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339: it ends by itself then; null: when somebody resumes. */
  readonly until: string | null;
}

/** The format word of the file that keeps it. */
export const SUSPENSION_FORMAT = 'bootstrap.suspension/1';
