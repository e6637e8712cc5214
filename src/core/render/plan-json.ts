import type { Action, Shown, Verification } from '../../model/action.ts';
import { isSecretValue, mapTexts, showSecrets } from '../../model/secret.ts';
import type { SettingValue } from '../../model/settings.ts';
import type { DurationMs } from '../../model/duration.ts';
import { showProbe } from '../../model/heartbeat.ts';
import {
  PLAN_INPUT_KINDS,
  summarise,
  type Drift,
  type Plan,
  type PlanInputs,
} from '../../model/plan.ts';

/** What the plan document says beside the plan itself. */
export interface PlanJsonFrame {
  readonly planId: string;
  readonly createdAt: Date;
  readonly host: string;
  readonly inputs: PlanInputs;
}

/** The plan as the document `bootstrap.plan/1` (CONTRACT 4.2); same states give the same document, planId and createdAt aside. */
export function planDocument(plan: Plan, frame: PlanJsonFrame): object {
  return {
    schema: 'bootstrap.plan/1',
    planId: frame.planId,
    createdAt: frame.createdAt.toISOString(),
    host: frame.host,
    inputs: sortedInputs(frame.inputs),
    drift: plan.drift.map(driftDocument),
    actions: plan.actions.map(actionDocument),
    verify: plan.verifications.map(verificationDocument),
    held: plan.held.map(({ product, why, detail }) => ({ product: product ?? null, why, detail })),
    summary: summarise(plan),
  };
}

function sortedInputs(inputs: PlanInputs): object {
  return Object.fromEntries(
    PLAN_INPUT_KINDS.map((kind) => [
      kind,
      Object.fromEntries(Object.entries(inputs[kind]).toSorted(byName)),
    ]),
  );
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function driftDocument({ product, setting }: Drift): object {
  return {
    product,
    path: setting.path.join('.'),
    applied: hideIn(setting.before ?? null),
    actual: hideIn(setting.after ?? null),
  };
}

/** One action as plan and events carry it. */
export function actionDocument(action: Action): object {
  return {
    id: action.id,
    kind: action.kind,
    product: action.product ?? null,
    before: withoutSecrets(action.before),
    after: withoutSecrets(action.after),
    sensitive: sensitiveIn(action),
    reason: action.reason,
    cause: action.cause,
    certainty: action.certainty,
    dependsOn: action.dependsOn,
    undo: action.undo ?? null,
    blockedBy: action.blocked ?? null,
    disruptive: action.disruptive,
  };
}

// By their place: a plan that is stored or sent holds no secret, and no hash that could be guessed at.
function withoutSecrets(values: Shown): Shown {
  const shown = Object.entries(values).map(([name, value]) => [name, hideIn(value)] as const);
  return Object.fromEntries(shown);
}

function hideIn(value: SettingValue | null): SettingValue | null {
  return value === null ? null : (mapTexts({ value }, showSecrets)['value'] ?? null);
}

function sensitiveIn({ before, after }: Action): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => isSecretValue(before[name]) || isSecretValue(after[name]));
}

/** One verification as plan and events carry it. */
export function verificationDocument({
  id,
  product,
  heartbeats,
  newProcess,
  dependsOn,
}: Verification): object {
  return {
    id,
    product,
    newProcess,
    dependsOn,
    heartbeats: heartbeats.map(({ probe, timing }) => ({
      probe: showProbe(probe),
      deadlineMs: timing.deadlineMs satisfies DurationMs,
    })),
  };
}
