/** A day of the week: 0 is Sunday, 6 is Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** A span of time that comes back every week, by the clock on the wall of its zone. */
export interface Window {
  /** As it is written. */
  readonly text: string;
  /** The days on which it opens, in order. */
  readonly days: readonly Weekday[];
  /** Minutes after midnight, 0 to 1439. */
  readonly startMinute: number;
  /** Minutes after midnight, 0 to 1440, itself no longer inside; not after the start: on the next day. */
  readonly endMinute: number;
  /** A name of the IANA time zone database. */
  readonly zone: string;
}
