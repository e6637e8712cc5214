import type { Change } from './change.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { ActionId, HostPath, ProductName } from './ids.ts';
import type { Moved } from './saved-plan.ts';
import type { Suspension } from './suspension.ts';
import type { LockDoubt, LockHolder, LockKept } from './lock.ts';
import type { Distrust } from './distrust.ts';

/** How a script, or a program run for us, ended badly. */
export type ScriptEnd =
  | { readonly how: 'exit'; readonly exitCode: number }
  | { readonly how: 'signal'; readonly signal: string }
  | { readonly how: 'timeout'; readonly afterMs: number }
  | { readonly how: 'not-started'; readonly why: string };

/** Why a script may not be run (CONTRACT 5, "Permissions"), and the command that mends it. */
export interface ScriptRefusal {
  readonly path: string;
  readonly why: string;
  readonly fix: string;
}

/** Why a git remote could not be read. */
export type SourceTrouble =
  /** A command of git did not end well. */
  | { readonly why: 'git'; readonly command: string; readonly end: ScriptEnd }
  | { readonly why: 'no-ref'; readonly ref: string }
  /** The ref leads to something that is no commit. */
  | { readonly why: 'no-commit'; readonly ref: string };

/** Everything that can go wrong in operation. A new code does not compile without its exit code below. */
export type Failure =
  | { readonly code: 'usage'; readonly message: string; readonly hint: string | undefined }
  | { readonly code: 'desired-missing'; readonly tried: readonly string[] }
  | { readonly code: 'desired-unreadable'; readonly path: string; readonly why: string }
  | { readonly code: 'desired-invalid'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly code: 'source-unreachable';
      readonly url: string;
      readonly because: SourceTrouble;
      readonly tail: readonly string[];
    }
  | { readonly code: 'untrusted'; readonly because: Distrust }
  | { readonly code: 'definition-missing'; readonly path: string }
  | { readonly code: 'definition-invalid'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly code: 'script-refused'; readonly refusals: readonly ScriptRefusal[] }
  | {
      readonly code: 'unknown-product';
      readonly name: string;
      readonly nearest: string | undefined;
    }
  | {
      readonly code: 'file-unusable';
      readonly path: string;
      readonly why: string;
      readonly what: 'read' | 'write';
    }
  | {
      readonly code: 'secret-unavailable';
      readonly source: string;
      readonly name: string;
      readonly why: string;
    }
  /** Files that are there, and are not written over. */
  | {
      readonly code: 'file-exists';
      readonly paths: readonly string[];
      readonly by: 'export' | 'init';
    }
  | { readonly code: 'permission'; readonly path: string; readonly why: string }
  | {
      readonly code: 'locked';
      readonly lockPath: string;
      readonly holder: LockHolder | undefined;
      /** Undefined where the holder lives, or many want the lock at once. */
      readonly doubt: LockDoubt | undefined;
      readonly waitedMs: number;
    }
  /** `lock break` left it as it is. */
  | {
      readonly code: 'lock-kept';
      readonly lockPath: string;
      readonly holder: LockHolder | undefined;
      readonly because: LockKept;
    }
  | { readonly code: 'lock-lost'; readonly lockPath: string; readonly why: string }
  | {
      readonly code: 'facts-unreadable';
      readonly facts: readonly { readonly fact: string; readonly why: string }[];
    }
  | { readonly code: 'unconfirmed'; readonly how: 'no-terminal' | 'declined' }
  | {
      readonly code: 'blocked';
      readonly actions: readonly ActionId[];
      /** All of them wait for a maintenance window only, and are done in it. */
      readonly deferred: boolean;
    }
  | {
      readonly code: 'script-failed';
      readonly action: ActionId;
      readonly product: ProductName;
      readonly path: HostPath;
      readonly end: ScriptEnd;
      readonly tail: readonly string[];
      /** The product did not work before the run either. */
      readonly wasFailing: boolean;
    }
  | {
      readonly code: 'config-refused';
      readonly action: ActionId;
      readonly product: ProductName;
      readonly argv: readonly string[];
      readonly end: ScriptEnd;
      readonly tail: readonly string[];
    }
  | {
      readonly code: 'verify-failed';
      readonly product: ProductName;
      readonly heartbeat: string;
      readonly waitedMs: number;
      readonly lastSeen: string;
      /** It failed already before the run changed anything. */
      readonly wasFailing: boolean;
    }
  | {
      readonly code: 'unhealthy';
      readonly products: readonly { readonly product: ProductName; readonly reason: string }[];
    }
  | { readonly code: 'not-converged'; readonly remaining: readonly Change[] }
  | {
      readonly code: 'disk-full';
      readonly path: string;
      readonly freeBytes: number;
      readonly neededBytes: number;
    }
  | { readonly code: 'listen-failed'; readonly address: string; readonly why: string }
  /** A script of an earlier run that could not be ended. */
  | {
      readonly code: 'orphan-running';
      readonly product: ProductName;
      readonly path: string;
      readonly pid: number;
    }
  | { readonly code: 'generation-unusable'; readonly number: number; readonly cause: Failure }
  /** There is nothing good to go back to, or not the one that was asked for. */
  | { readonly code: 'no-generation'; readonly number: number | undefined }
  /** A run failed, and all that it changed was taken back and verified. */
  | {
      readonly code: 'rolled-back';
      readonly generation: number;
      /** Quarantined as they are wished. */
      readonly products: readonly ProductName[];
      /** New ones that nothing could remove again. */
      readonly left: readonly ProductName[];
    }
  /** Something is on trial: until that is decided nothing else is begun. */
  | { readonly code: 'trial-open'; readonly deadline: string; readonly runId: string }
  /** Somebody wants nothing done on this server for now. */
  | ({ readonly code: 'suspended' } & Suspension)
  | { readonly code: 'no-trial'; readonly why: 'none' | 'not-verified' | 'too-late' }
  | { readonly code: 'plan-unreadable'; readonly path: string; readonly why: string }
  | { readonly code: 'plan-stale'; readonly moved: readonly Moved[] }
  | { readonly code: 'plan-used'; readonly planId: string }
  | { readonly code: 'left-invalid'; readonly causes: readonly Failure[] }
  /** There is a newer desired state: this one is waited for no longer. */
  | { readonly code: 'superseded' }
  | { readonly code: 'interrupted'; readonly signal: string }
  | { readonly code: 'deadline-passed'; readonly afterMs: number }
  /** What was waited for did not come about; `why` says how things are instead. */
  | {
      readonly code: 'not-in-time';
      readonly wanted: string;
      readonly afterMs: number;
      readonly why: string;
    };

/** The exit code of each failure (CONTRACT 3). */
export const EXIT_CODE: { readonly [C in Failure['code']]: number } = {
  usage: 64,
  'desired-missing': 65,
  'desired-unreadable': 65,
  'desired-invalid': 65,
  // EX_TEMPFAIL of sysexits.h: a connection that could not be made, to be tried again.
  'source-unreachable': 75,
  untrusted: 77,
  'definition-missing': 78,
  'definition-invalid': 78,
  'script-refused': 78,
  'unknown-product': 64,
  'file-unusable': 1,
  'file-exists': 1,
  'secret-unavailable': 77,
  permission: 77,
  locked: 75,
  'lock-kept': 75,
  'lock-lost': 75,
  'facts-unreadable': 1,
  unconfirmed: 6,
  blocked: 6,
  'script-failed': 1,
  'config-refused': 1,
  'verify-failed': 1,
  unhealthy: 1,
  'not-converged': 1,
  'disk-full': 1,
  'listen-failed': 1,
  'orphan-running': 75,
  'generation-unusable': 1,
  'no-generation': 1,
  'rolled-back': 3,
  'trial-open': 6,
  suspended: 6,
  'no-trial': 6,
  'plan-unreadable': 65,
  'plan-stale': 5,
  'plan-used': 5,
  'left-invalid': 4,
  superseded: 7,
  interrupted: 7,
  'deadline-passed': 8,
  'not-in-time': 8,
};

/** The exit code of a bug: an exception nobody expected. */
export const BUG_EXIT_CODE = 70;
/** With `--detailed-exitcode`: changes are pending (plan) or were made (apply). */
export const CHANGES_EXIT_CODE = 2;

/** What each exit code means (CONTRACT 3); README and `bootstrap exit-codes` are written from this. */
export const EXIT_CODE_MEANINGS: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: 0, meaning: 'converged, or the plan was made' },
  {
    code: 1,
    meaning: 'failed, nothing was left changed; or nothing to change, but a heartbeat fails',
  },
  {
    code: 2,
    meaning: 'with --detailed-exitcode: changes are pending (plan), or were made (apply)',
  },
  { code: 3, meaning: 'failed, and a rollback was completed and verified' },
  { code: 4, meaning: 'the server is left in mode invalid: a person is needed' },
  { code: 5, meaning: 'refused: the saved plan is stale or was used already' },
  {
    code: 6,
    meaning:
      'refused: protection, policy, window, suspension, quarantine, an open trial, or not confirmed',
  },
  { code: 7, meaning: 'interrupted, stopped cleanly' },
  { code: 8, meaning: 'deadline passed' },
  { code: 64, meaning: 'wrong usage of the command line' },
  { code: 65, meaning: 'the desired state is invalid or missing' },
  { code: 70, meaning: 'a bug in bootstrap' },
  {
    code: 75,
    meaning: 'the lock is held by another run, or a git remote cannot be read: try again',
  },
  { code: 77, meaning: 'permission or signature' },
  { code: 78, meaning: 'bootstrap.ini or a product script is invalid' },
];
