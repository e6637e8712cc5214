import type { Action, Certainty, Deed, Verification } from '../model/action.ts';
import type { Cause, Change } from '../model/change.ts';
import { actionId, type ProductName, type Version } from '../model/ids.ts';
import { valueOf } from '../model/fact.ts';
import { setAction } from './decide-set.ts';
import {
  configDeeds,
  modeRun,
  scriptDeeds,
  settingsDeeds,
  stopDeeds,
  versionKey,
  type ProductContext,
} from './deeds.ts';
import { runsOf, withoutDone } from './done.ts';
import { decideRestart, type Restart } from './decide-restart.ts';
import { againReason, draftAction, find, type ChangeOf } from './draft.ts';
import { joinRecords } from './join-records.ts';
import { isDowngrade } from './version-order.ts';

/** One product's actions, each after the one before, and what is judged after the last. */
export interface ProductActions {
  readonly name: ProductName;
  /** Before all of them. */
  readonly restart: Restart | undefined;
  readonly actions: readonly Action[];
  readonly verification: Verification | undefined;
}

/** What is to be done to one product about its changes: its script, then its settings, then joining the working mode. */
export function decideProduct(context: ProductContext, changes: readonly Change[]): ProductActions {
  const { name } = context.spec;
  const restart = decideRestart(context, changes);
  const drafts = [
    scriptAction(context, changes),
    setAction(context, changes),
    joinAction(context, changes),
  ];
  const drafted = drafts.flatMap((draft) =>
    draft === undefined ? [] : [withoutDone(context, draft, changes)],
  );
  const busy = drafted.filter(({ deeds }) => deeds.length > 0);
  // Where all is done but its record, one action stays to carry that.
  const actions = busy.length > 0 ? busy : drafted.slice(0, 1);
  if (actions.length === 0) return { name, restart, actions, verification: undefined };
  const verification =
    context.judged === 'after-steps' ? verificationOf(context, actions) : undefined;
  const whole = context.judged === 'never' ? settled(actions, name) : actions;
  return {
    name,
    restart,
    actions: whole.map((action) => ({ ...action, deeds: joinRecords(action.deeds) })),
    verification,
  };
}

// What no heartbeat judges is valid when its last action is done.
function settled(actions: readonly Action[], product: ProductName): readonly Action[] {
  const valid: Deed = { do: 'record-product', product, status: 'valid' };
  return actions.map((action, index) =>
    index === actions.length - 1 ? { ...action, deeds: [...action.deeds, valid] } : action,
  );
}

// An interrupted script whose version was recorded had ended well: only what follows it is done again.
function scriptAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  const missing = find(changes, 'product-missing');
  if (missing !== undefined) return provision(context, missing);
  const differs = find(changes, 'version-differs');
  const unfinished = find(changes, 'product-unfinished');
  if (differs !== undefined)
    return upgrade(context, {
      ...differs,
      cause: unfinished ? 'retry' : differs.cause,
      again: undefined,
    });
  const again = versionAgain(context, changes);
  if (again === undefined || !context.product.scripts.has('upgrade')) return undefined;
  return upgrade(context, { from: again, to: again, cause: 'retry', again: againReason(changes) });
}

// The version whose script is run once more, though it is the one on record.
function versionAgain(context: ProductContext, changes: readonly Change[]): Version | undefined {
  const { spec, found, product } = context;
  if (find(changes, 'redo-asked') !== undefined) return spec.version ?? valueOf(found.version);
  const unfinished = find(changes, 'product-unfinished');
  if (unfinished === undefined) return undefined;
  if (isElsewhere(context, unfinished.at)) return spec.version ?? unfinished.at;
  // What it was left as is no version that anybody wished for.
  const wished = spec.version ?? unfinished.at;
  return unfinished.status === 'invalid' && product.idempotent ? wished : undefined;
}

// An interrupted run may have brought the product to another version than the one on record, the one now wished for.
function isElsewhere(context: ProductContext, at: Version | undefined): boolean {
  const { brought, open } = context.progress;
  if (open?.script === 'upgrade' || open?.script === 'provision') return true;
  return at !== undefined && brought !== undefined && brought !== versionKey(context, at);
}

function provision(context: ProductContext, { to, cause }: ChangeOf<'product-missing'>): Action {
  const { spec, product } = context;
  const kind = product.scripts.has('provision') ? 'provision' : 'upgrade';
  const settings =
    context.settings === undefined ? {} : { settings: Object.keys(context.settings).length };
  return draftAction(context, {
    kind: 'provision',
    before: { version: null },
    after: { version: to, ...settings },
    reason: 'not-installed',
    cause,
    certainty: scriptCertainty(context, kind),
    deeds: [
      ...scriptDeeds(context, kind, to),
      ...configDeeds(context),
      ...settingsDeeds(context, []),
      ...protectDeeds(spec, { was: valueOf(context.found.protected) }),
    ],
  });
}

function protectDeeds(
  { name, protect }: ProductContext['spec'],
  { was }: { readonly was: boolean | undefined },
): readonly Deed[] {
  return protect === (was ?? false) ? [] : [{ do: 'record-product', product: name, protect }];
}

interface VersionStep {
  readonly from: Version;
  readonly to: Version;
  readonly cause: Cause;
  /** Why the version on record is brought once more. */
  readonly again: Action['reason'] | undefined;
}

function upgrade(context: ProductContext, { from, to, cause, again }: VersionStep): Action {
  return draftAction(context, {
    kind: isDowngrade(from, to) ? 'downgrade' : 'upgrade',
    before: { version: from },
    after: { version: to },
    reason: again ?? 'version-differs',
    cause,
    certainty: scriptCertainty(context, 'upgrade'),
    undo: context.product.rollback && from !== to ? `upgrade-script with ${from}` : undefined,
    disruptive: context.works,
    deeds: [...scriptDeeds(context, 'upgrade', to), ...stopDeeds(context)],
  });
}

// A script that a probe can check afterwards is predicted; one that cannot be looked into is opaque.
function scriptCertainty({ product }: ProductContext, kind: 'provision' | 'upgrade'): Certainty {
  if (!product.scripts.has(kind)) return 'exact';
  return product.scripts.has('probe') ? 'predicted' : 'opaque';
}

// A product that comes to a working server, or whose last run there ended early, is told the mode.
function joinAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  const joins = find(changes, 'product-missing') !== undefined;
  const again = againReason(changes);
  if (!context.works || !context.product.scripts.has('mode')) return undefined;
  if (!joins && again === undefined) return undefined;
  const isDue = joins || find(changes, 'product-unfinished') !== undefined;
  if (context.keepsMode && !isDue) return undefined;
  // A product that was in order is on record as unfinished before it is told anything.
  const marked: readonly Deed[] =
    again === 'redo'
      ? [{ do: 'record-product', product: context.spec.name, status: 'upgrading' }]
      : [];
  return draftAction(context, {
    kind: 'mode',
    before: { mode: null },
    after: { mode: context.mode },
    reason: joins ? 'joins-working-server' : (again ?? 'unfinished'),
    cause: joins ? 'spec' : 'retry',
    certainty: 'opaque',
    // A product that is new serves nobody yet.
    disruptive: !joins,
    deeds: [...marked, { do: 'run-script', run: modeRun(context, context.mode) }],
  });
}

function verificationOf({ spec }: ProductContext, actions: readonly Action[]): Verification {
  const runsUpgrade = actions.some(
    ({ kind, deeds }) =>
      (kind === 'upgrade' || kind === 'downgrade') &&
      deeds.flatMap(runsOf).some((run) => run.kind === 'upgrade'),
  );
  return {
    id: actionId(spec.name, 'verify'),
    product: spec.name,
    heartbeats: spec.heartbeats,
    newProcess: runsUpgrade,
    wasFailing: false,
    dependsOn: [],
    deeds: [{ do: 'record-product', product: spec.name, status: 'valid' }],
  };
}
