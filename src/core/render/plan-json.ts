import type { Action, Shown, Verification } from '../../model/action.ts';
import type { OriginOf } from '../../model/document.ts';
import type { Failure } from '../../model/failure.ts';
import { showProbe } from '../../model/heartbeat.ts';
import {
  isPartial,
  PLAN_INPUT_KINDS,
  summarise,
  type Drift,
  type Plan,
  type PlanInputs,
} from '../../model/plan.ts';
import type {
  ActionDocument,
  DocumentValue,
  DriftDocument,
  FileDocument,
  FindingDocument,
  PlanBody,
  PlanDocument,
  VerificationDocument,
} from '../../model/plan-document.ts';
import { isSecretValue, mapTexts, showSecrets } from '../../model/secret.ts';
import type { SettingValue } from '../../model/settings.ts';
import { compareText } from '../../model/text-order.ts';
import { configDiff } from './config-diff.ts';
import { failureWords } from './failure-text.ts';
import { originsIn } from './plan-origins.ts';

/** What is known of a plan beside itself. */
export interface PlanSurroundings {
  /** What would fail, found before anything moved. */
  readonly findings: readonly Failure[];
  /** Where the desired state's values were set; undefined where that is not known. */
  readonly originOf: OriginOf | undefined;
}

/** What the plan document says beside the plan's body. */
export interface PlanFrame {
  readonly planId: string;
  readonly createdAt: Date;
  readonly host: string;
  readonly inputs: PlanInputs;
}

/** A plan as plain data, secrets by their place; same plan, same data. */
export function planBody(plan: Plan, { findings, originOf }: PlanSurroundings): PlanBody {
  const { selection, desiredFiles } = plan;
  const { only, exclude } = selection;
  let files: PlanBody['files'] | undefined;
  let origins: PlanBody['origins'] | undefined;
  return {
    desiredFiles,
    partial: isPartial(selection) ? { only, exclude, included: plan.included } : null,
    drift: plan.drift.map(driftDocument),
    actions: plan.actions.map(actionDocument),
    verify: plan.verifications.map(verificationDocument),
    held: plan.held.map(({ product, why, detail }) => ({ product: product ?? null, why, detail })),
    // Who shows it waits for it: texts are compared line by line.
    get files() {
      return (files ??= plan.rewrites.map(fileDocument));
    },
    findings: findings.map(findingDocument),
    // And for this the desired state is read once more.
    get origins() {
      return (origins ??= originOf === undefined ? {} : originsIn(plan, originOf));
    },
    summary: summarise(plan),
  };
}

/** The plan as the document `bootstrap.plan/1` (CONTRACT 4.2); same states give the same document, planId and createdAt aside. */
export function planDocument(body: PlanBody, frame: PlanFrame): PlanDocument {
  return {
    schema: 'bootstrap.plan/1',
    planId: frame.planId,
    createdAt: frame.createdAt.toISOString(),
    host: frame.host,
    inputs: sortedInputs(frame.inputs),
    ...body,
  };
}

function sortedInputs(inputs: PlanInputs): PlanInputs {
  const sorted = (kind: keyof PlanInputs): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(inputs[kind]).toSorted(([a], [b]) => compareText(a, b)));
  return Object.fromEntries(PLAN_INPUT_KINDS.map((kind) => [kind, sorted(kind)])) as PlanInputs;
}

function driftDocument({ product, setting, policy }: Drift): DriftDocument {
  return {
    product,
    path: setting.path.join('.'),
    applied: hideIn(setting.before ?? null),
    actual: hideIn(setting.after ?? null),
    policy,
  };
}

/** One action as plan and events carry it. */
export function actionDocument(action: Action): ActionDocument {
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
function withoutSecrets(values: Shown): Readonly<Record<string, DocumentValue>> {
  const shown = Object.entries(values).map(([name, value]) => [name, hideIn(value)] as const);
  return Object.fromEntries(shown);
}

function hideIn(value: SettingValue | null): DocumentValue {
  return value === null ? null : (mapTexts({ value }, showSecrets)['value'] ?? null);
}

function sensitiveIn({ before, after }: Action): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => isSecretValue(before[name]) || isSecretValue(after[name]));
}

/** One verification as plan and events carry it. */
export function verificationDocument(verification: Verification): VerificationDocument {
  const { id, product, heartbeats, newProcess, dependsOn } = verification;
  return {
    id,
    product,
    newProcess,
    dependsOn,
    heartbeats: heartbeats.map(({ probe, timing }) => ({
      probe: showProbe(probe),
      deadlineMs: timing.deadlineMs,
    })),
  };
}

function fileDocument(rewrite: Plan['rewrites'][number]): FileDocument {
  const { product, path } = rewrite;
  return { product, path, diff: configDiff(rewrite) };
}

function findingDocument(failure: Failure): FindingDocument {
  const { summary, detail, fix } = failureWords(failure);
  return { code: failure.code, summary, detail, fix: fix ?? null };
}
