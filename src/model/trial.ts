/** A desired state on trial: unless it is confirmed in time, the generation before it returns. */
export interface Trial {
  /** Of the run that began it. */
  readonly runId: string;
  readonly revision: string;
  /** The generation that returns. */
  readonly generation: number;
  /** RFC 3339. Until the run has verified it, its own time limit is in it. */
  readonly deadline: string;
  /**
   * `applying`: not verified yet, so that it cannot be confirmed. `confirmed` and `returning`: that is settled, be it not yet on
   * record everywhere.
   */
  readonly state: 'applying' | 'open' | 'confirmed' | 'returning';
  /** Confirmed by itself where all heartbeats pass for the whole window. */
  readonly auto: boolean;
}

/** The format word of the file that keeps it. */
export const TRIAL_FORMAT = 'bootstrap.trial/1';
