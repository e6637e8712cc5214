import type { Action, ActionKind, Verification } from './action.ts';
import type { Change } from './change.ts';
import type { HostPath, ProductName } from './ids.ts';
import type { SettingChange } from './settings.ts';

/** Something that differs and is left alone on purpose. */
export interface Held {
  readonly product: ProductName | undefined;
  readonly why: 'suspended' | 'unreadable' | 'not-in-file';
  readonly detail: string;
}

/** What moved on the server while the desired state did not ask for it. `before` is what was last applied. */
export interface Drift {
  readonly product: ProductName;
  readonly setting: SettingChange;
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
  readonly changes: readonly Change[];
  readonly drift: readonly Drift[];
  readonly actions: readonly Action[];
  readonly verifications: readonly Verification[];
  readonly held: readonly Held[];
  /** Products looked at that need nothing. */
  readonly unchanged: number;
  /** Scripts the actions will run, for the check that they may be run. */
  readonly scripts: readonly HostPath[];
}

/** What a plan comes to, in numbers. */
export interface PlanSummary {
  readonly todo: number;
  readonly byKind: Readonly<Partial<Record<ActionKind, number>>>;
  readonly blocked: number;
  readonly unchanged: number;
}

/** The counts of a plan; blocked actions are not among those to do. */
export function summarise(plan: Plan): PlanSummary {
  const todo = plan.actions.filter((action) => action.blocked === undefined);
  const byKind: Partial<Record<ActionKind, number>> = {};
  for (const action of todo) byKind[action.kind] = (byKind[action.kind] ?? 0) + 1;
  return {
    todo: todo.length,
    byKind,
    blocked: plan.actions.length - todo.length,
    unchanged: plan.unchanged,
  };
}
