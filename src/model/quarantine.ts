/** A block of a desired state that failed, and is not tried again while it stays as it is. */
export interface Quarantined {
  /** The digest of the block, defaults filled in. */
  readonly digest: string;
  readonly runId: string;
  /** RFC 3339. */
  readonly since: string;
  readonly reason: string;
}

/** What is quarantined, by product. */
export type Quarantine = Readonly<Record<string, Quarantined>>;

/** The format word of the file that keeps it. */
export const QUARANTINE_FORMAT = 'bootstrap.quarantine/1';
