import type { Failure } from '../model/failure.ts';
import { showProbe, type Heartbeat, type Sample } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import type { LockHolder } from '../model/lock.ts';
import type { Plan } from '../model/plan.ts';
import type { Quarantine } from '../model/quarantine.ts';
import type { RestartRecord, Restarts } from '../model/restart.ts';
import type { Retry } from '../model/retry.ts';
import type { ActualState, DesiredState } from '../model/state.ts';
import type { StatusDocument } from '../model/status.ts';
import type { Suspension } from '../model/suspension.ts';
import type { Trial } from '../model/trial.ts';
import { restartText } from './render/restart-text.ts';

/** One look at a heartbeat of a product. */
export interface Beat {
  readonly product: ProductName;
  readonly heartbeat: Heartbeat;
  readonly sample: Sample;
}

/** Why a heartbeat does not pass, and when its product is restarted next, by what is on record of it; undefined where it passes. */
export function sickText(
  { heartbeat, sample }: Beat,
  record: RestartRecord | undefined,
  now: Date,
): string | undefined {
  if (sample.verdict === 'pass') return undefined;
  const why = `${showProbe(heartbeat.probe)}: ${sample.reason}`;
  return heartbeat.restart && record !== undefined ? `${why}; ${restartText(record, now)}` : why;
}

/** What a status is made from. */
export interface Observation {
  readonly now: Date;
  readonly actual: ActualState;
  /** Undefined where there is none. Where `invalid` says why the present one cannot be used, it is what was applied last. */
  readonly desired: DesiredState | undefined;
  readonly invalid: Failure | undefined;
  /** True where the desired state is the copy that a watch keeps of a git commit: what it found of newer ones, only it knows. */
  readonly isCopy: boolean;
  readonly plan: Plan | undefined;
  readonly beats: readonly Beat[];
  /** The run that is under way, if any. */
  readonly running: LockHolder | undefined;
  /** What failed and was taken back. */
  readonly quarantine: Quarantine;
  /** What a watch that lives tries again; undefined where nothing failed, or none does. */
  readonly retry: Retry | undefined;
  /** Somebody wants nothing done for now. */
  readonly suspension: Suspension | undefined;
  /** What is on trial: it stays where it is confirmed, else the generation before it returns. */
  readonly trial: Trial | undefined;
  /** What was dead and was restarted. */
  readonly restarts: Restarts;
  /** The status before, for generations, revisions and times of transition. */
  readonly previous: StatusDocument | undefined;
}
