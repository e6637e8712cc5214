import type { PlanDocument } from './plan-document.ts';
import type { PlanInputKind } from './plan.ts';

/** The format word of a saved plan. */
export const SAVED_PLAN_FORMAT = 'bootstrap.saved-plan/1';

/** What `plan --out` was asked, so that `apply` plans the same again. */
export interface SavedRequest {
  /** What `--root` says, absolute; '' for `/`. */
  readonly root: string;
  readonly definition: SavedFile;
  readonly desired: readonly SavedFile[];
  readonly downgrades: readonly string[];
  readonly removals: readonly string[];
  /** Null: as the policy says. */
  readonly changesMax: number | null;
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  readonly redo: readonly string[];
}

/** A file, as it was named, and where it is. */
export interface SavedFile {
  readonly shown: string;
  readonly path: string;
}

/** A plan in a file: what was asked, and what came of it. It holds no secret. */
export interface SavedPlan {
  readonly request: SavedRequest;
  readonly plan: PlanDocument;
}

/** Something that a saved plan rests on, and that is not as it was. */
export interface Moved {
  /** `action`: what is to be done is more than the plan said; `bootstrap`: the tool itself plans otherwise. */
  readonly input: PlanInputKind | 'host' | 'action' | 'bootstrap';
  readonly name: string;
  readonly how: 'changed' | 'gone' | 'new';
}
