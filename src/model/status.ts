import type { DesiredMode, ServerMode } from './mode.ts';

/** The conditions of a server, after the Kubernetes conventions (CONTRACT 4.4). */
export const CONDITION_TYPES = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Verified',
  'DriftDetected',
  'RolledBack',
  'Suspended',
  'SpecValid',
] as const;
/** A kind of condition. */
export type ConditionType = (typeof CONDITION_TYPES)[number];

/** One thing that is so, is not so, or is not known. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** In CamelCase, for programs. */
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed, as RFC 3339. */
  readonly lastTransitionTime: string;
}

/** One product at a glance: does it match, and does it work. Versions are null where there is none. */
export interface ProductStatusReport {
  readonly sync: 'Synced' | 'OutOfSync' | 'Unknown';
  readonly health: 'Healthy' | 'Degraded' | 'Unknown' | 'NotApplicable';
  /** Why the health is not Healthy; null where it is. */
  readonly reason: string | null;
  readonly desired: string | null;
  readonly applied: string | null;
  readonly actual: string | null;
}

/** What `status --format json` prints and status.json holds (`bootstrap.status/1`). */
export interface StatusDocument {
  readonly schema: 'bootstrap.status/1';
  readonly mode: { readonly desired: DesiredMode | null; readonly actual: ServerMode | null };
  readonly generation: number;
  readonly observedGeneration: number;
  readonly lastAttemptedRevision: string | null;
  readonly lastAppliedRevision: string | null;
  readonly lastGoodRevision: string | null;
  readonly conditions: readonly Condition[];
  readonly products: Readonly<Record<string, ProductStatusReport>>;
}
