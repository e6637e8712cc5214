import type { ActionKind, Blocked, Certainty, Reason } from './action.ts';
import type { Cause } from './change.ts';
import type { HeldReason, PlanInputs, PlanSummary } from './plan.ts';
import type { SettingValue } from './settings.ts';

/** A value as a plan shows it: secrets by their place, null where there is none. */
export type DocumentValue = SettingValue | null;

/** One action, for programs. */
export interface ActionDocument {
  readonly id: string;
  readonly kind: ActionKind;
  /** Null where the action is the server's. */
  readonly product: string | null;
  readonly before: Readonly<Record<string, DocumentValue>>;
  readonly after: Readonly<Record<string, DocumentValue>>;
  /** Names in `before` and `after` whose values are secrets. */
  readonly sensitive: readonly string[];
  readonly reason: Reason;
  readonly cause: Cause;
  readonly certainty: Certainty;
  readonly dependsOn: readonly string[];
  readonly undo: string | null;
  readonly blockedBy: Blocked | null;
  readonly disruptive: boolean;
}

/** What moved on the server by itself. */
export interface DriftDocument {
  readonly product: string;
  readonly path: string;
  readonly applied: DocumentValue;
  readonly actual: DocumentValue;
  readonly policy: 'correct' | 'report';
}

/** The heartbeats of a product that must pass. */
export interface VerificationDocument {
  readonly id: string;
  readonly product: string;
  readonly newProcess: boolean;
  readonly dependsOn: readonly string[];
  readonly heartbeats: readonly { readonly probe: string; readonly deadlineMs: number }[];
}

/** Something left alone on purpose; `product` is null where it is the server's. */
export interface HeldDocument {
  readonly product: string | null;
  readonly why: HeldReason;
  readonly detail: string;
}

/** A config file that would be written. */
export interface FileDocument {
  readonly product: string;
  readonly path: string;
  /** A unified diff, secrets by their place; null where the file as it stands may hold secrets that cannot be told apart. */
  readonly diff: string | null;
}

/** Something that would fail, found before anything moved. */
export interface FindingDocument {
  readonly code: string;
  readonly summary: string;
  readonly detail: readonly string[];
  readonly fix: string | null;
}

/** Which file and line set a value. */
export interface OriginDocument {
  readonly file: string;
  readonly line: number;
}

/** Which products a plan is for, where it is not for all. */
export interface PartialDocument {
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  /** Not named, and in it because a named one depends on them. */
  readonly included: readonly string[];
}

/** A plan as data without references to anything else: what every rendering is made from, and what is saved. */
export interface PlanBody {
  /** The desired state's files, as they were named. */
  readonly desiredFiles: readonly string[];
  /** Null where the plan is for everything. */
  readonly partial: PartialDocument | null;
  readonly drift: readonly DriftDocument[];
  readonly actions: readonly ActionDocument[];
  readonly verify: readonly VerificationDocument[];
  readonly held: readonly HeldDocument[];
  readonly files: readonly FileDocument[];
  readonly findings: readonly FindingDocument[];
  /** By action, then by name of a value. */
  readonly origins: Readonly<Record<string, Readonly<Record<string, OriginDocument>>>>;
  readonly summary: PlanSummary;
}

/** The document `bootstrap.plan/1` (CONTRACT 4.2). */
export interface PlanDocument extends PlanBody {
  readonly schema: 'bootstrap.plan/1';
  readonly planId: string;
  readonly createdAt: string;
  readonly host: string;
  readonly inputs: PlanInputs;
}
