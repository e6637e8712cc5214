import type { Brakes } from '../apply/context.ts';
import type { HeldLock, Host } from '../host/host.ts';
import type { DurationMs } from '../model/duration.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { RunId } from '../model/ids.ts';
import { isPartial, type Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/source.ts';
import type { SavedPlan } from '../model/saved-plan.ts';
import type { OnFailure } from '../model/state.ts';
import type { Callbacks } from './callbacks.ts';
import type { Written } from './load.ts';
import type { AskedChoices } from './planning.ts';
import type { Site } from './site.ts';
import type { TrialRequest } from './trial.ts';

/** What an apply is asked to do, beyond what the files say. */
export interface ReconcileRequest {
  readonly site: Site;
  readonly runId: RunId;
  readonly command: string;
  readonly asked: AskedChoices | 'everything';
  /** The generation to go back to; undefined where the files of the desired state are carried out. */
  readonly back: { readonly generation: number | undefined } | undefined;
  /**
   * Where the desired state cannot be used, what was applied last stays, and differences from it are mended; undefined: the run fails then.
   * `because`: why it cannot even be had now; undefined where it could.
   */
  readonly keepLast: { readonly because: Failure | undefined } | undefined;
  /** What the files of the site were read as, where a watch holds them; undefined where they are read as they are. */
  readonly snapshot: Snapshot | undefined;
  /** Undefined where what is planned now is done. */
  readonly saved: SavedToApply | undefined;
  /** Undefined where what is applied is good as soon as it is verified. */
  readonly trial: TrialRequest | undefined;
  /** Set for the guard of a trial: nothing is done where it was confirmed meanwhile. */
  readonly guard: boolean;
  readonly onFailure: OnFailure | undefined;
  readonly parallelism: number;
  readonly lockTimeoutMs: DurationMs;
  readonly brakes: Brakes;
  /** Called when there is something new in the outbox. */
  readonly onPosted: () => void;
  /** Asked when there is something to do, once the plan was shown. */
  readonly confirm: (plan: Plan) => Promise<'yes' | 'declined' | 'no-terminal'>;
}

/** A saved plan that is to be carried out. */
export interface SavedToApply {
  readonly plan: SavedPlan;
  /** It was begun before: what is left of it is done. */
  readonly resume: boolean;
}

/** True where products are left out by choice. */
export function isPartialRun({ asked }: Pick<ReconcileRequest, 'asked'>): boolean {
  return asked !== 'everything' && (isPartial(asked.selection) || asked.mode === 'alone');
}

/** A run that holds the lock, and what it knows. */
export interface HeldRun {
  readonly host: Host;
  readonly emit: Emit;
  readonly request: ReconcileRequest;
  readonly lock: HeldLock;
  readonly written: Written;
  readonly callbacks: Callbacks;
}
