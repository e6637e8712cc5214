import type { JournalRecord } from './journal.ts';

/** A run of before, as its journal tells. */
export interface PastRun {
  readonly runId: string;
  readonly records: readonly JournalRecord[];
  /** Why its journal cannot be read; undefined where it can. */
  readonly damage: string | undefined;
}
