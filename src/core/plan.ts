import type { Action } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import { valueOf } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import {
  WHOLE,
  type ConfigRewrite,
  type ModeChoice,
  type Plan,
  type Selection,
} from '../model/plan.ts';
import { isSecretValue } from '../model/secret.ts';
import { compareText } from '../model/text-order.ts';
import { decide } from './decide.ts';
import { differences, type States } from './diff.ts';
import { runsOf } from './done.ts';
import { driftAmong, toCorrect } from './drift.ts';
import { guard, type Allowances } from './guard.ts';
import { heldBack } from './hold.ts';
import { ofSelected, select } from './select.ts';

/** What the operator chose for this plan, over what the files say. */
export interface PlanChoices {
  readonly allow: Allowances;
  readonly selection: Selection;
  readonly mode: ModeChoice;
}

/** The whole way from two states to a plan. Same states and choices, same plan. */
export function makePlan(states: States, { allow, selection, mode }: PlanChoices): Plan {
  const { desired, actual } = states;
  const found = differences(states);
  const selected = select(desired.products, actual.leftovers.keys(), selection);
  const redone = asked(selection);
  const wanted = ofSelected([...toCorrect(found, desired.products), ...redone], selected);
  const changes = wanted.filter((change) => isChosen(change, mode));
  const held = heldBack(states, [...found, ...redone], selected);
  const partial = selected.mode !== undefined;
  const decision = decide(states, { changes, held, mode, partial });
  const { actions, verifications } = guard(decision, allow);
  const touched = new Set([...actions, ...held].map((each) => each.product));
  return {
    revision: desired.revision,
    desiredFiles: desired.files,
    selection,
    included: selected.included,
    changes,
    drift: driftAmong(ofSelected(found, selected), desired.products, actual),
    actions,
    verifications,
    held,
    rewrites: rewritesBy(actions, states),
    unchanged: [...desired.products.keys()].filter((name) => !touched.has(name)).length,
    scripts: scriptsOf(actions.filter(({ blocked }) => blocked === undefined)),
  };
}

function isChosen(change: Change, mode: ModeChoice): boolean {
  if (change.kind === 'mode-differs') return mode !== 'untouched';
  return mode !== 'alone' || change.product === undefined;
}

/** All that differs and is to be corrected, whatever is allowed or selected. Nothing differs: []. */
export function diff(states: States): readonly Change[] {
  return toCorrect(differences(states), states.desired.products);
}

/** Everything, whatever may be held back: what status compares with. */
export function wholePlan(states: States): Plan {
  return makePlan(states, {
    allow: everythingAllowed(states),
    selection: WHOLE,
    mode: 'wished',
  });
}

/** Nothing is held back that a person could allow. */
export function everythingAllowed({ desired, actual }: States): Allowances {
  const all = new Set<ProductName>([...desired.products.keys(), ...actual.leftovers.keys()]);
  return {
    downgrades: all,
    removals: all,
    quarantined: new Set(),
    changesMax: Infinity,
    windows: [],
    now: actual.readAt,
  };
}

// Also of what is missing: however far its first installation came, it is then begun anew.
function asked({ redo }: Selection): readonly Change[] {
  return redo.toSorted(compareText).map((product) => ({ kind: 'redo-asked', product }));
}

function rewritesBy(actions: readonly Action[], { actual }: States): readonly ConfigRewrite[] {
  return actions.flatMap(({ deeds }) =>
    deeds.flatMap((deed): readonly ConfigRewrite[] => {
      if (deed.do !== 'write-config') return [];
      const { product, path, text: after } = deed;
      const found = actual.products.get(product);
      const text = found && valueOf(found.configText);
      if (text === after) return [];
      const before = text === undefined || !isSecretValue(text) ? text && { text } : 'hidden';
      return [{ product, path, before, after }];
    }),
  );
}

function scriptsOf(actions: readonly Action[]): Plan['scripts'] {
  const paths = actions.flatMap((action) =>
    action.deeds.flatMap((deed) => runsOf(deed).map(({ path }) => path)),
  );
  return [...new Set(paths)].toSorted(compareText);
}
