/** What is on record of a product that was found dead and restarted, until its heartbeats pass again. */
export interface RestartRecord {
  /** How often it was restarted in a row, from 1. */
  readonly attempts: number;
  /** Not before then once more: RFC 3339. */
  readonly nextAt: string;
  /** The run that restarted it last. */
  readonly runId: string;
}

/** What is on record of restarts, by product. */
export type Restarts = Readonly<Record<string, RestartRecord>>;

/** The format word of the file that keeps it. */
export const RESTARTS_FORMAT = 'bootstrap.restarts/1';
