import type { Failure } from '../model/failure.ts';

/** What a reconcile came to. */
export interface Reconciled {
  /** [] when the server is at its desired state. */
  readonly failures: readonly Failure[];
  readonly changed: boolean;
}
