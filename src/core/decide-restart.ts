import type { Action, Deed, Verification } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import { actionId } from '../model/ids.ts';
import { modeRun, type ProductContext } from './deeds.ts';
import { withoutDone } from './done.ts';
import { againReason, draftAction, find } from './draft.ts';

/** A restart, and the judgement that what else is to be done to the product waits for. */
export interface Restart {
  readonly action: Action;
  readonly verification: Verification;
}

/** Has a dead product's mode-script run again, or one that was interrupted in that; undefined where neither is so. */
export function decideRestart(
  context: ProductContext,
  changes: readonly Change[],
): Restart | undefined {
  const { spec, product, works, mode } = context;
  const dead = find(changes, 'product-dead');
  if (dead === undefined && find(changes, 'restart-unfinished') === undefined) return undefined;
  // Its other steps end in the mode-script too.
  const isToldAnyway = againReason(changes) ?? find(changes, 'product-missing');
  if (isToldAnyway !== undefined || !works || !product.scripts.has('mode')) return undefined;
  // What was interrupted was counted when it began.
  const counted: readonly Deed[] =
    dead === undefined ? [] : [{ do: 'count-restart', product: spec.name }];
  const run = { ...modeRun(context, mode), wasFailing: true };
  const action: Action = {
    ...draftAction(context, {
      kind: 'mode',
      before: dead === undefined ? { mode: null } : sides(dead.by, 'fail'),
      after: dead === undefined ? { mode } : sides(dead.by, 'pass'),
      reason: dead === undefined ? 'unfinished' : 'found-dead',
      cause: 'retry',
      certainty: 'opaque',
      deeds: [...counted, { do: 'run-script', run }],
    }),
    id: actionId(spec.name, 'restart'),
  };
  const verification: Verification = {
    id: actionId(spec.name, 'verify-restart'),
    product: spec.name,
    heartbeats: spec.heartbeats,
    // The restart that was interrupted may have brought the process that answers.
    newProcess: dead !== undefined,
    wasFailing: true,
    dependsOn: [],
    // On record it is as it was.
    deeds: [],
  };
  return { action: withoutDone(context, action, changes), verification };
}

function sides(heartbeats: readonly string[], is: 'fail' | 'pass'): Action['before'] {
  return Object.fromEntries(heartbeats.map((each) => [each, is]));
}
