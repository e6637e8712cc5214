import type { States } from '../core/diff.ts';
import { nearest } from '../core/nearest.ts';
import { everythingAllowed, makePlan, type PlanChoices } from '../core/plan.ts';
import { planBody } from '../core/render/plan-json.ts';
import type { Host } from '../host/host.ts';
import type { Action } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import type { ActionId, HostPath, ProductName } from '../model/ids.ts';
import {
  WHOLE,
  type ModeChoice,
  type Plan,
  type PlanInputs,
  type Selection,
} from '../model/plan.ts';
import type { PlanBody } from '../model/plan-document.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Written } from './load.ts';
import { lookAtStates, type LookContext } from './look.ts';
import { planInputs } from './plan-inputs.ts';
import { preflight, probesOf } from './preflight.ts';
import { inQuarantine, readQuarantine } from './quarantine.ts';
import type { Site } from './site.ts';

/** What the operator chose this once, over the policy of the file. */
export interface AskedChoices {
  readonly downgrades: ReadonlySet<ProductName>;
  readonly removals: ReadonlySet<ProductName>;
  /** Undefined: as the policy says. */
  readonly changesMax: number | undefined;
  readonly selection: Selection;
  readonly mode: ModeChoice;
}

/** What a plan is made from. */
export interface Planning {
  readonly site: Site;
  readonly written: Written;
  readonly look: LookContext;
  /** `everything`: nothing is held back, as on the way back to a good generation. */
  readonly asked: AskedChoices | 'everything';
}

/** A plan, and all that is known around it. */
export interface Planned {
  readonly states: States;
  readonly choices: PlanChoices;
  readonly plan: Plan;
  /** What would fail, found before anything moved; [] where nothing would. */
  readonly findings: readonly Failure[];
  readonly body: PlanBody;
  /** What it rests on; of scripts, those of the plan, those that looked, and these. */
  readonly inputs: (scripts?: readonly HostPath[]) => PlanInputs;
}

/** Looks at the server and plans: the one way to a plan. Fails where a product is selected that is not there. */
export async function planNow(host: Host, planning: Planning): Promise<Result<Planned, Failure>> {
  const { written, look } = planning;
  return await planFor(host, planning, await lookAtStates(host, written, look));
}

/** Plans for what a look found. Fails where a product is selected that is not there. */
export async function planFor(
  host: Host,
  { site, written, look, asked }: Planning,
  states: States,
): Promise<Result<Planned, Failure>> {
  const stranger = asked === 'everything' ? undefined : strangerIn(asked.selection, states);
  if (stranger !== undefined) return err(stranger);
  const quarantine = readQuarantine(host.files, site.root);
  if (!quarantine.ok) return quarantine;
  const choices =
    asked === 'everything'
      ? { allow: everythingAllowed(states), selection: WHOLE, mode: 'wished' as const }
      : choicesOf(asked, states, inQuarantine(host, written, quarantine.value));
  const made = makePlan(states, choices);
  const { findings, untried } = await preflight(host, { states, plan: made, look });
  const plan = withUntried(made, untried);
  const { originOf } = written;
  return ok({
    states,
    choices,
    plan,
    findings,
    body: planBody(plan, { findings, originOf }),
    inputs: (scripts = []) => {
      const looked = new Set([...plan.scripts, ...probesOf(states), ...scripts]);
      return planInputs(host, { site, states, scripts: [...looked] });
    },
  });
}

// What no check has seen may still be refused.
function withUntried(plan: Plan, untried: ReadonlySet<ActionId>): Plan {
  const actions = plan.actions.map((action): Action =>
    untried.has(action.id) && action.certainty === 'exact'
      ? { ...action, certainty: 'predicted' }
      : action,
  );
  return { ...plan, actions };
}

function choicesOf(
  { downgrades, removals, changesMax, selection, mode }: AskedChoices,
  { desired, actual }: States,
  failed: ReadonlySet<ProductName>,
): PlanChoices {
  const { maxChanges, windows } = desired.policy;
  const quarantined = new Set([...failed].filter((name) => !selection.redo.includes(name)));
  return {
    allow: {
      downgrades,
      removals,
      quarantined,
      changesMax: changesMax ?? maxChanges,
      windows,
      now: actual.readAt,
    },
    selection,
    mode,
  };
}

function strangerIn(
  { only, exclude, redo }: Selection,
  { desired, actual }: States,
): Failure | undefined {
  const known = [...desired.products.keys(), ...actual.leftovers.keys()];
  const name = [...only, ...exclude, ...redo].find((each) => !known.includes(each));
  return name && { code: 'unknown-product', name, nearest: nearest(name, known) };
}
