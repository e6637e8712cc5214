import { valueOf } from '../model/fact.ts';
import type { Action } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import type { ProductName } from '../model/ids.ts';
import type { Drift, Plan } from '../model/plan.ts';
import type { ActualState } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';
import { decide } from './decide.ts';
import { diff, settingAt, type States } from './diff.ts';
import { guard, type Allowances } from './guard.ts';

/** The whole way from two states to a plan. Same states, same plan. */
export function makePlan(states: States, allowances: Allowances): Plan {
  const changes = diff(states);
  const decision = decide(states, changes);
  const { actions, verifications } = guard(decision, allowances);
  const touched = new Set([...actions, ...decision.held].map((each) => each.product));
  const { desired } = states;
  return {
    revision: desired.revision,
    desiredFiles: desired.files,
    changes,
    drift: driftIn(changes, states),
    actions,
    verifications,
    held: decision.held,
    unchanged: [...desired.products.keys()].filter((name) => !touched.has(name)).length,
    scripts: scriptsOf(actions),
  };
}

function driftIn(changes: readonly Change[], { actual }: States): readonly Drift[] {
  return changes.flatMap((change): readonly Drift[] => {
    if (change.kind === 'product-missing') return goneByHand(change.product, actual);
    if (
      change.kind !== 'setting-differs' &&
      change.kind !== 'version-differs' &&
      change.kind !== 'config-differs' &&
      change.kind !== 'config-access-differs'
    )
      return [];
    if (change.cause !== 'drift' && change.cause !== 'both') return [];
    const { product } = change;
    const found = actual.products.get(product);
    switch (change.kind) {
      case 'setting-differs': {
        const { path, before: after } = change.setting;
        const before = settingAt(found && valueOf(found.applied), path);
        return [{ product, setting: { path, before, after } }];
      }
      case 'version-differs': {
        const before = found && valueOf(found.recordedVersion);
        return [{ product, setting: { path: ['version'], before, after: change.from } }];
      }
      case 'config-differs':
        return [
          { product, setting: { path: ['config-file'], before: change.path, after: change.found } },
        ];
      case 'config-access-differs':
        return [
          {
            product,
            setting: { path: [`config-${change.part}`], before: change.to, after: change.from },
          },
        ];
    }
  });
}

// On record as whole, and not there: not our doing.
function goneByHand(product: ProductName, { products }: ActualState): readonly Drift[] {
  const found = products.get(product);
  if (found === undefined || valueOf(found.status) !== 'valid') return [];
  const before = valueOf(found.recordedVersion);
  return [{ product, setting: { path: ['version'], before, after: undefined } }];
}

function scriptsOf(actions: readonly Action[]): Plan['scripts'] {
  const paths = actions.flatMap((action) =>
    action.deeds.flatMap((deed) => {
      if (deed.do === 'run-script') return [deed.run.path];
      return deed.do === 'run-each-script' ? deed.runs.map((run) => run.path) : [];
    }),
  );
  return [...new Set(paths)].toSorted(compareText);
}
