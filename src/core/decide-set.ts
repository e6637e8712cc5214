import type { Action, Deed, Reason } from '../model/action.ts';
import type { Cause, Change } from '../model/change.ts';
import { valueOf } from '../model/fact.ts';
import type { SettingValue } from '../model/settings.ts';
import {
  accessDeeds,
  configDeeds,
  reloadDeeds,
  settingsDeeds,
  type ProductContext,
} from './deeds.ts';
import { againReason, draftAction, find, findAll, type ChangeOf } from './draft.ts';
import { settingLabel } from './setting-label.ts';

/** What of a product's changes is a matter of its settings, its config file and its records. */
interface Moves {
  readonly settings: readonly ChangeOf<'setting-differs'>[];
  readonly config: ChangeOf<'config-differs'> | undefined;
  readonly access: readonly ChangeOf<'config-access-differs'>[];
  readonly repository: ChangeOf<'repository-differs'> | undefined;
  readonly protection: ChangeOf<'protection-differs'> | undefined;
  /** Why all of it is done though nothing of it may differ. */
  readonly again: Reason | undefined;
}

/** Brings settings, config file and records to what is wished; undefined where they are. */
export function setAction(context: ProductContext, changes: readonly Change[]): Action | undefined {
  if (find(changes, 'product-missing') !== undefined) return undefined;
  const moves = movesAmong(changes);
  const reason = reasonFor(moves);
  if (reason === undefined) return undefined;
  const { settings, access, again } = moves;
  const isAside = ASIDE.has(reason);
  return draftAction(context, {
    kind: 'set',
    ...shownSides(moves),
    reason,
    cause: again === undefined ? jointCause(moves) : 'retry',
    certainty: context.product.scripts.has('set') && !isAside ? 'opaque' : 'exact',
    undo: again === undefined ? 'the values before' : undefined,
    deeds: [
      ...recordDeeds(context, moves),
      ...versionDeeds(context, moves),
      ...(isAside ? changeAccess(context, access.length) : applySettings(context, settings)),
    ],
  });
}

function movesAmong(changes: readonly Change[]): Moves {
  return {
    settings: findAll(changes, 'setting-differs'),
    config: find(changes, 'config-differs'),
    access: findAll(changes, 'config-access-differs'),
    // A script action records the repository itself.
    repository:
      find(changes, 'version-differs') === undefined
        ? find(changes, 'repository-differs')
        : undefined,
    protection: find(changes, 'protection-differs'),
    again: againReason(changes),
  };
}

// Records, and the access of the file, change nothing that the product would read anew.
const ASIDE: ReadonlySet<Reason> = new Set([
  'config-access-differs',
  'repository-differs',
  'protection-differs',
]);

function reasonFor({
  settings,
  config,
  access,
  repository,
  protection,
  again,
}: Moves): Reason | undefined {
  if (settings.length > 0) return 'settings-differ';
  if (config !== undefined) return config.found === 'absent' ? 'config-missing' : 'config-differs';
  if (again !== undefined) return again;
  if (access.length > 0) return 'config-access-differs';
  if (repository !== undefined) return 'repository-differs';
  return protection === undefined ? undefined : 'protection-differs';
}

function applySettings(context: ProductContext, settings: Moves['settings']): readonly Deed[] {
  const changed = settings.map((change) => change.setting);
  return [...configDeeds(context), ...settingsDeeds(context, changed), ...reloadDeeds(context)];
}

function changeAccess(context: ProductContext, changes: number): readonly Deed[] {
  return changes === 0 ? [] : accessDeeds(context);
}

function jointCause({ settings, config, access }: Moves): Cause {
  const moved = [...settings, ...(config === undefined ? [] : [config]), ...access];
  const [first = 'spec', ...others] = new Set(moved.map(({ cause }) => cause));
  return others.length === 0 ? first : 'both';
}

function recordDeeds({ spec }: ProductContext, { repository, protection }: Moves): readonly Deed[] {
  if (repository === undefined && protection === undefined) return [];
  return [
    {
      do: 'record-product',
      product: spec.name,
      ...(repository === undefined ? {} : { repository: repository.to }),
      ...(protection === undefined ? {} : { protect: protection.to }),
    },
  ];
}

// A run that ended between its script and the record of it: a probe-script found what the record lacks.
function versionDeeds({ spec, found }: ProductContext, { again }: Moves): readonly Deed[] {
  const { version } = spec;
  const isUnrecorded =
    version !== undefined &&
    valueOf(found.version) === version &&
    valueOf(found.recordedVersion) !== version;
  if (again === undefined || !isUnrecorded) return [];
  return [{ do: 'record-product', product: spec.name, version }];
}

type Row = readonly [name: string, before: SettingValue | null, after: SettingValue | null];

function shownSides(moves: Moves): Pick<Action, 'before' | 'after'> {
  const { settings, config, access, repository, protection } = moves;
  const rows: Row[] = settings.map(({ setting }) => [
    settingLabel(setting.path),
    setting.before ?? null,
    setting.after ?? null,
  ]);
  if (config !== undefined) rows.push(['config-file', config.found, config.path]);
  for (const { part, from, to } of access) rows.push([`config-${part}`, from ?? null, to]);
  if (repository !== undefined) rows.push(['repository', repository.from ?? null, repository.to]);
  if (protection !== undefined) rows.push(['protect', !protection.to, protection.to]);
  return {
    before: Object.fromEntries(rows.map(([name, before]) => [name, before])),
    after: Object.fromEntries(rows.map(([name, , after]) => [name, after])),
  };
}
