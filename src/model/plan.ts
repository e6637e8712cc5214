import type { Action, ActionKind, Verification } from './action.ts';
import type { Change } from './change.ts';
import type { DriftWord } from './document.ts';
import type { HostPath, ProductName } from './ids.ts';
import type { SettingChange } from './settings.ts';

/** Why something that differs, or may, is left alone on purpose. */
export const HELD_REASONS = [
  'suspended',
  'unreadable',
  /** On record on this server, and no wish of this file. */
  'not-in-file',
  /** Left out by --only or --exclude. */
  'not-selected',
] as const;
/** Why something is left alone. */
export type HeldReason = (typeof HELD_REASONS)[number];

/** Something that differs, or may, and is left alone on purpose. */
export interface Held {
  readonly product: ProductName | undefined;
  readonly why: HeldReason;
  readonly detail: string;
}

/** What moved on the server while the desired state did not ask for it. `before` is what was last applied. */
export interface Drift {
  readonly product: ProductName;
  readonly setting: SettingChange;
  /** What is done about it. */
  readonly policy: Exclude<DriftWord, 'ignore'>;
}

/** Which products a plan is for; a plan that leaves any out is partial, and proves nothing of the whole. */
export interface Selection {
  /** []: all. */
  readonly only: readonly ProductName[];
  readonly exclude: readonly ProductName[];
  /** Done once more though nothing differs. */
  readonly redo: readonly ProductName[];
}

/** Everything. */
export const WHOLE: Selection = { only: [], exclude: [], redo: [] };

/** How far the server's own mode goes along with a plan. */
export type ModeChoice =
  /** To the mode of the desired state; where only some products are planned, it stays. */
  | 'wished'
  /** It stays, whatever it is, and a product that is in order is not told it once more. */
  | 'untouched'
  /** It alone changes: the products are told, and otherwise left as they are. */
  | 'alone'
  /** Through `provisioning`, as on a first apply, where there is anything to do. */
  | 'anew';

/** A config file that an action writes: as it stands, and as it will be, secrets by their references. */
export interface ConfigRewrite {
  readonly product: ProductName;
  readonly path: HostPath;
  /** Undefined where there is none; 'hidden' where it may hold secrets that are not told apart. */
  readonly before: { readonly text: string } | 'hidden' | undefined;
  readonly after: string;
}

/** Digests of everything a plan rests on: kind of input, then path or fact, then sha256 in hex. */
export type PlanInputs = Readonly<Record<PlanInputKind, Readonly<Record<string, string>>>>;
/** The kinds of input a plan rests on (CONTRACT 4.2). */
export const PLAN_INPUT_KINDS = [
  'desired',
  'ini',
  'scripts',
  'templates',
  'schemas',
  'facts',
] as const;
/** A kind of input. */
export type PlanInputKind = (typeof PLAN_INPUT_KINDS)[number];

/** All that would be done, as data: actions in a legal order, what is judged afterwards, what was held back. */
export interface Plan {
  readonly revision: string;
  readonly desiredFiles: readonly string[];
  readonly selection: Selection;
  /** Products that --only did not name, and that one it named depends on. */
  readonly included: readonly ProductName[];
  readonly changes: readonly Change[];
  readonly drift: readonly Drift[];
  readonly actions: readonly Action[];
  readonly verifications: readonly Verification[];
  readonly held: readonly Held[];
  readonly rewrites: readonly ConfigRewrite[];
  /** Products looked at that need nothing. */
  readonly unchanged: number;
  /** Scripts the actions will run, for the check that they may be run. */
  readonly scripts: readonly HostPath[];
}

/** True where a plan leaves products out by the operator's choice. */
export function isPartial({ only, exclude }: Selection): boolean {
  return only.length > 0 || exclude.length > 0;
}

/** What a plan comes to, in numbers. */
export interface PlanSummary {
  readonly todo: number;
  readonly byKind: Readonly<Partial<Record<ActionKind, number>>>;
  readonly blocked: number;
  /** Of those not done now, the ones that only wait for their time. */
  readonly deferred: number;
  readonly unchanged: number;
}

/** The counts of a plan; actions that are blocked or deferred are not among those to do. */
export function summarise(plan: Plan): PlanSummary {
  const todo = plan.actions.filter((action) => action.blocked === undefined);
  const deferred = plan.actions.filter((action) => action.blocked?.by === 'window').length;
  const byKind: Partial<Record<ActionKind, number>> = {};
  for (const action of todo) byKind[action.kind] = (byKind[action.kind] ?? 0) + 1;
  return {
    todo: todo.length,
    byKind,
    blocked: plan.actions.length - todo.length - deferred,
    deferred,
    unchanged: plan.unchanged,
  };
}
