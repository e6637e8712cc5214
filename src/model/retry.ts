/** What `bootstrap watch` keeps of a desired state that did not come about: how often it was tried, and when it is tried again. */
export interface Retry {
  /** Of the desired state: another one is tried at once. */
  readonly digest: string;
  /** Failed tries in a row, by what failed: an action, or a kind of failure. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Of the last try, in words. */
  readonly reason: string;
  /** RFC 3339; null: not before the desired state changes, or a person asks. */
  readonly nextAt: string | null;
}

/** The format word of the file that keeps it. */
export const RETRY_FORMAT = 'bootstrap.watch/1';
