import type { ScriptKind } from './definition.ts';
import type { DurationMs } from './duration.ts';
import type { Outcome, Verdict } from './event.ts';
import type { ScriptEnd } from './failure.ts';
import type { ActionId, HostPath, ProductName, RunId } from './ids.ts';
import type { ServerMode } from './mode.ts';

/** A script that a run is about to start, or has started. */
export interface ScriptStep {
  readonly action: ActionId;
  readonly product: ProductName;
  readonly script: ScriptKind;
  readonly path: HostPath;
  readonly args: readonly string[];
  /** What tells this run of the script from another that leads elsewhere. */
  readonly key: string;
  readonly timeoutMs: DurationMs;
}

/** A script whose end is not known: its engine died, or ended it by force. */
export interface OpenScript extends ScriptStep {
  readonly runId: RunId;
  /** Undefined where the engine died before it could say, or never came to start it. */
  readonly process: { readonly pid: number; readonly startTicks: number } | undefined;
}

/** How far the work on a product came that is not finished yet. */
export interface ProductProgress {
  /** The scripts that ended well and still count, each with its key. */
  readonly done: Readonly<Partial<Record<ScriptKind, string>>>;
  readonly open: OpenScript | undefined;
  /** The key of the last version that a script was started to bring, that of none where it failed: what is on record may not be what is there. */
  readonly brought: string | undefined;
}

/** How far unfinished work came, by product; nothing of products that are finished. */
export type Progress = ReadonlyMap<ProductName, ProductProgress>;

/** The last run that changed anything, as its journal tells. */
export interface LastRun {
  readonly runId: RunId;
  /** Of the desired state that it was to bring about. */
  readonly revision: string;
  /** False where the engine died before it could say how the run ended. */
  readonly ended: boolean;
  /** What it was taking back, or about to, when it ended; undefined where it was not. */
  readonly rollback: Rollback | undefined;
  readonly progress: Progress;
}

/** A failure in words, with the last lines of what its script printed. */
export interface FailureNote {
  readonly code: string;
  /** Those it is about; journals of before do not say. */
  readonly products?: readonly string[];
  readonly summary: string;
  readonly detail: readonly string[];
}

/** What is taken back, as far as a run that goes on with it must know. */
export interface Rollback {
  /** The one that is gone back to; undefined where the run died before it began to: the newest good one. */
  readonly generation: number | undefined;
  /** What is taken back; null: everything; undefined: as the policy says. */
  readonly products: readonly ProductName[] | null | undefined;
  /** What failed, each with the reason. */
  readonly faults: readonly (readonly [ProductName, string])[];
}

/** What one line of a journal says. */
export type JournalBody =
  | {
      readonly type: 'begin';
      readonly schema: typeof JOURNAL_FORMAT;
      readonly runId: RunId;
      readonly command: string;
      readonly revision: string;
      readonly actions: readonly ActionId[];
      /** What earlier runs left unfinished. */
      readonly carried: readonly (readonly [ProductName, ProductProgress])[];
      /** What an earlier run had to take back, and this one goes on with; null: nothing. */
      readonly rollback: Rollback | null;
    }
  /** On disk before the script is started. */
  | ({ readonly type: 'intent' } & ScriptStep)
  | ({
      readonly type: 'spawned';
      readonly pid: number;
      readonly startTicks: number;
    } & Pick<ScriptStep, 'action' | 'product'>)
  | ({
      readonly type: 'exited';
      readonly end: { readonly how: 'exit'; readonly exitCode: number } | ScriptEnd;
    } & Pick<ScriptStep, 'action' | 'product'>)
  /** The product is on record as valid: nothing of it is open any more. */
  | { readonly type: 'valid' | 'failed' | 'forgotten'; readonly product: ProductName }
  /** A product failed, and is to be taken back: on disk before its failure is told. */
  | { readonly type: 'faulty'; readonly product: ProductName; readonly reason: string }
  | { readonly type: 'mode'; readonly mode: ServerMode }
  | { readonly type: 'verified'; readonly id: ActionId; readonly passed: boolean }
  | {
      readonly type: 'action';
      readonly id: ActionId;
      readonly verdict: Verdict;
      readonly durationMs: number;
      /** [] where it went well. */
      readonly failures: readonly FailureNote[];
    }
  /** Begun before its first step; a run that finds it not ended goes on with it. */
  | ({ readonly type: 'rollback'; readonly state: 'begun'; readonly generation: number } & Rollback)
  | { readonly type: 'rollback'; readonly state: 'ended'; readonly generation: number }
  | {
      readonly type: 'end';
      readonly outcome: Outcome;
      readonly exitCode: number;
      /** [] where it went well; journals of before do not say. */
      readonly failures?: readonly FailureNote[];
    };

/** A line of a journal. `seq` counts from 1. */
export type JournalRecord = JournalBody & { readonly seq: number; readonly time: string };

/** The format word of a journal, in its first line. */
export const JOURNAL_FORMAT = 'bootstrap.journal/1';
