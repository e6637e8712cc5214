import type { HeldLock, Host } from '../host/host.ts';
import type { Verification } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import type { Emit } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath, ProductName } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import type { OnFailure } from '../model/state.ts';
import type { Journal } from './journal.ts';
import type { Records } from './records.ts';

/** How an operator, or a deadline, ends a run early: each signal is a rung of CONTRACT 5, "Interrupt". */
export interface Brakes {
  /** Aborted: start nothing new. The reason is the Failure that the run ends with. */
  readonly stop: AbortSignal;
  /** Aborted: end the running scripts. */
  readonly terminate: AbortSignal;
  /** Aborted: kill the running scripts. */
  readonly kill: AbortSignal;
}

/** Judges a product's heartbeats; undefined when all have passed. */
export type Judge = (
  verification: Verification,
  signal: AbortSignal,
) => Promise<Failure | undefined>;

/** Secrets, at the moment in which a text that holds them is used. */
export interface SecretFiller {
  fill(text: string, escape?: (value: string) => string): Result<string, Failure>;
  /** The values known so far, which no output may show. */
  values(): readonly string[];
}

/** What running a plan needs; nothing in it says what is desired. */
export interface ApplyContext {
  readonly host: Pick<Host, 'clock' | 'files' | 'runner' | 'machine'>;
  readonly lock: HeldLock;
  readonly lockPath: HostPath;
  readonly records: Records;
  readonly journal: Journal;
  readonly secrets: SecretFiller;
  readonly environment: (product: ProductName) => Readonly<Record<string, string>>;
  readonly judge: Judge;
  /** Puts on record that a dead product is about to be restarted, and when it may be again. */
  readonly countRestart: (product: ProductName) => Result<void, Failure>;
  /** What still differs after all steps; anything at all is a failure of its own. */
  readonly remaining: () => Promise<readonly Change[]>;
  readonly emit: Emit;
  readonly brakes: Brakes;
  readonly parallelism: number;
  readonly onFailure: OnFailure;
  /** A rollback follows a failure: the server is not marked as invalid yet. */
  readonly spareServer: boolean;
}
