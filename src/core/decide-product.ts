import type { Action, Certainty, Deed, Reason, Verification } from '../model/action.ts';
import type { Cause, Change } from '../model/change.ts';
import { actionId, type ProductName, type Version } from '../model/ids.ts';
import type { ProductStatus } from '../model/mode.ts';
import { type SettingValue } from '../model/settings.ts';
import { valueOf } from '../model/fact.ts';
import {
  accessDeeds,
  configDeeds,
  reloadDeeds,
  scriptDeeds,
  scriptRun,
  settingsDeeds,
  stopDeeds,
  type ProductContext,
} from './deeds.ts';
import { isDowngrade } from './version-order.ts';

/** One product's actions, each after the one before, and what is judged after the last. */
export interface ProductActions {
  readonly name: ProductName;
  readonly actions: readonly Action[];
  readonly verification: Verification | undefined;
}

/** What is to be done to one product about its changes: its script, then its settings, then joining the working mode. */
export function decideProduct(context: ProductContext, changes: readonly Change[]): ProductActions {
  const { name } = context.spec;
  const drafts = [
    scriptAction(context, changes),
    setAction(context, changes),
    joinAction(context, changes),
  ];
  const drafted = drafts.filter((draft) => draft !== undefined);
  const busy = drafted.filter(({ deeds }) => deeds.length > 0);
  // Where all is done but its record, one action stays to carry that.
  const actions = busy.length > 0 ? busy : drafted;
  if (actions.length === 0) return { name, actions, verification: undefined };
  const verification =
    context.judged === 'after-steps' ? verificationOf(context, actions) : undefined;
  return {
    name,
    actions: context.judged === 'never' ? settled(actions, name) : actions,
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

type ChangeOf<K extends Change['kind']> = Extract<Change, { readonly kind: K }>;

function find<K extends Change['kind']>(
  changes: readonly Change[],
  kind: K,
): ChangeOf<K> | undefined {
  return changes.find((change): change is ChangeOf<K> => change.kind === kind);
}

// An interrupted script whose version was recorded had ended well: only what follows it is done again.
function scriptAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  const missing = find(changes, 'product-missing');
  if (missing !== undefined) return provision(context, missing);
  const unfinished = find(changes, 'product-unfinished');
  const differs = find(changes, 'version-differs');
  if (differs !== undefined)
    return upgrade(context, { ...differs, cause: unfinished ? 'retry' : differs.cause });
  const again =
    unfinished?.status === 'invalid' && context.product.idempotent ? unfinished.at : undefined;
  if (again === undefined || !context.product.scripts.has('upgrade')) return undefined;
  return upgrade(context, { from: again, to: again, cause: 'retry' });
}

function provision(context: ProductContext, { to }: ChangeOf<'product-missing'>): Action {
  const { spec, product } = context;
  const kind = product.scripts.has('provision') ? 'provision' : 'upgrade';
  const settings =
    spec.settings === undefined ? {} : { settings: Object.keys(spec.settings).length };
  return action(context, {
    kind: 'provision',
    before: { version: null },
    after: { version: to, ...settings },
    reason: 'not-installed',
    cause: provisionCause(valueOf(context.found.status)),
    certainty: scriptCertainty(context, kind),
    deeds: [
      ...scriptDeeds(context, kind, to),
      ...configDeeds(context),
      ...settingsDeeds(context, []),
    ],
  });
}

// What is on record as whole and is gone was removed by somebody.
function provisionCause(status: ProductStatus | undefined): Cause {
  if (status === undefined) return 'spec';
  return status === 'valid' ? 'drift' : 'retry';
}

interface VersionStep {
  readonly from: Version;
  readonly to: Version;
  readonly cause: Cause;
}

function upgrade(context: ProductContext, { from, to, cause }: VersionStep): Action {
  return action(context, {
    kind: isDowngrade(from, to) ? 'downgrade' : 'upgrade',
    before: { version: from },
    after: { version: to },
    reason: from === to ? 'left-invalid' : 'version-differs',
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

function setAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  if (find(changes, 'product-missing') !== undefined) return undefined;
  const settings = changes.filter(
    (change): change is ChangeOf<'setting-differs'> => change.kind === 'setting-differs',
  );
  const config = find(changes, 'config-differs');
  const unfinished = find(changes, 'product-unfinished');
  // A script action records the repository itself.
  const repository =
    find(changes, 'version-differs') === undefined
      ? find(changes, 'repository-differs')
      : undefined;
  const access = changes.filter(
    (change): change is ChangeOf<'config-access-differs'> =>
      change.kind === 'config-access-differs',
  );
  const written = [...settings, ...(config === undefined ? [] : [config])];
  const moved = [...written, ...access];
  if (moved.length === 0 && unfinished === undefined && repository === undefined) return undefined;
  // The record of the repository, and the access of the file, change nothing that the product would read anew.
  const isAside = written.length === 0 && unfinished === undefined;
  return action(context, {
    kind: 'set',
    ...shownSides({ settings, config, access, repository }),
    reason: isAside ? asideReason(access.length) : setReason(settings.length, config, unfinished),
    cause: unfinished === undefined ? jointCause(moved.map((change) => change.cause)) : 'retry',
    certainty: context.product.scripts.has('set') && !isAside ? 'opaque' : 'exact',
    undo: unfinished === undefined ? 'the values before' : undefined,
    deeds: [
      ...recordRepository(context, repository),
      ...(isAside ? changeAccess(context, access.length) : applySettings(context, settings)),
    ],
  });
}

function applySettings(
  context: ProductContext,
  settings: readonly ChangeOf<'setting-differs'>[],
): readonly Deed[] {
  const changed = settings.map((change) => change.setting);
  return [...configDeeds(context), ...settingsDeeds(context, changed), ...reloadDeeds(context)];
}

function changeAccess(context: ProductContext, changes: number): readonly Deed[] {
  return changes === 0 ? [] : accessDeeds(context);
}

function asideReason(accessChanges: number): Reason {
  return accessChanges === 0 ? 'repository-differs' : 'config-access-differs';
}

function jointCause(causes: readonly Cause[]): Cause {
  const [first = 'spec', ...others] = new Set(causes);
  return others.length === 0 ? first : 'both';
}

function recordRepository(
  { spec }: ProductContext,
  repository: ChangeOf<'repository-differs'> | undefined,
): readonly Deed[] {
  if (repository === undefined) return [];
  return [{ do: 'record-product', product: spec.name, repository: repository.to }];
}

function setReason(
  settings: number,
  config: ChangeOf<'config-differs'> | undefined,
  unfinished: ChangeOf<'product-unfinished'> | undefined,
): Reason {
  if (settings > 0) return 'settings-differ';
  if (config !== undefined) return config.found === 'absent' ? 'config-missing' : 'config-differs';
  return unfinished?.status === 'invalid' ? 'left-invalid' : 'unfinished';
}

type Sides = Pick<Action, 'before' | 'after'>;

interface ShownChanges {
  readonly settings: readonly ChangeOf<'setting-differs'>[];
  readonly config: ChangeOf<'config-differs'> | undefined;
  readonly access: readonly ChangeOf<'config-access-differs'>[];
  readonly repository: ChangeOf<'repository-differs'> | undefined;
}

function shownSides({ settings, config, access, repository }: ShownChanges): Sides {
  const rows: (readonly [string, SettingValue | null, SettingValue | null])[] = settings.map(
    ({ setting }) => [setting.path.join('.'), setting.before ?? null, setting.after ?? null],
  );
  if (config !== undefined) rows.push(['config-file', config.found, config.path]);
  for (const { part, from, to } of access) rows.push([`config-${part}`, from ?? null, to]);
  if (repository !== undefined) rows.push(['repository', repository.from ?? null, repository.to]);
  return {
    before: Object.fromEntries(rows.map(([name, before]) => [name, before])),
    after: Object.fromEntries(rows.map(([name, , after]) => [name, after])),
  };
}

// A product that comes to a working server, or whose last run there ended early, is told the mode.
function joinAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  const joins = find(changes, 'product-missing') !== undefined;
  const unfinished = find(changes, 'product-unfinished');
  if (
    !context.works ||
    !context.product.scripts.has('mode') ||
    (!joins && unfinished === undefined)
  )
    return undefined;
  return action(context, {
    kind: 'mode',
    before: { mode: null },
    after: { mode: context.mode },
    reason: joins ? 'joins-working-server' : 'unfinished',
    cause: joins ? 'spec' : 'retry',
    certainty: 'opaque',
    disruptive: true,
    deeds: [{ do: 'run-script', run: scriptRun(context, 'mode', [context.mode]) }],
  });
}

type Draft = Pick<Action, 'kind' | 'before' | 'after' | 'reason' | 'deeds'> &
  Partial<Pick<Action, 'cause' | 'certainty' | 'undo' | 'disruptive'>>;

function action({ spec }: ProductContext, draft: Draft): Action {
  return {
    id: actionId(spec.name, draft.kind),
    product: spec.name,
    cause: 'spec',
    certainty: 'exact',
    undo: undefined,
    disruptive: false,
    ...draft,
    dependsOn: [],
    blocked: undefined,
  };
}

function verificationOf(
  { spec, product }: ProductContext,
  actions: readonly Action[],
): Verification {
  const runsUpgrade = actions.some((each) => each.kind === 'upgrade' || each.kind === 'downgrade');
  return {
    id: actionId(spec.name, 'verify'),
    product: spec.name,
    heartbeats: spec.heartbeats,
    newProcess: runsUpgrade && product.scripts.has('upgrade'),
    dependsOn: [],
    deeds: [{ do: 'record-product', product: spec.name, status: 'valid' }],
  };
}
