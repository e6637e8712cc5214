import type { Change } from '../model/change.ts';
import type { ProductDefinition } from '../model/definition.ts';
import type { DriftWord } from '../model/document.ts';
import { valueOf } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import type { Drift } from '../model/plan.ts';
import { OTHER_SECRET } from '../model/secret.ts';
import {
  emptySettings,
  isSettingMap,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { ActualProduct, ActualState, DriftPolicy, ProductSpec } from '../model/state.ts';
import { settingChanges } from './diff.ts';
import { settingAt } from './setting-changes.ts';

// The word of the nearest path that the policy names, from the setting upwards.
function driftWord({ settings, others }: DriftPolicy, path: readonly string[]): DriftWord {
  for (let length = path.length; length > 0; length -= 1) {
    const word = settings.get(path.slice(0, length).join('.'));
    if (word !== undefined) return word;
  }
  return others;
}

type Specs = ReadonlyMap<ProductName, ProductSpec>;

/** The changes that are to be acted on: all but drift that is to be left as it is. */
export function toCorrect(changes: readonly Change[], specs: Specs): readonly Change[] {
  return changes.filter((change) => wordFor(change, specs) === 'correct');
}

function wordFor(change: Change, specs: Specs): DriftWord {
  // Where the wish moved too, it is carried out.
  if (!('cause' in change) || change.cause !== 'drift') return 'correct';
  const spec = specs.get(change.product);
  if (spec === undefined) return 'correct';
  const path = change.kind === 'setting-differs' ? change.setting.path : [];
  return driftWord(spec.driftPolicy, path);
}

/** What moved on the server by itself, as people are to see it: [] where nothing did. */
export function driftAmong(
  changes: readonly Change[],
  specs: Specs,
  actual: ActualState,
): readonly Drift[] {
  return changes.flatMap((change): readonly Drift[] => {
    if (!('cause' in change) || (change.cause !== 'drift' && change.cause !== 'both')) return [];
    const policy = wordFor(change, specs);
    if (policy === 'ignore') return [];
    const setting = movedValue(change, actual.products.get(change.product));
    return [{ product: change.product, setting, policy }];
  });
}

type CausedChange = Extract<Change, { readonly cause: unknown }>;

// As last applied, and as it is now.
function movedValue(change: CausedChange, found: ActualProduct | undefined): Drift['setting'] {
  const recorded = found && valueOf(found.recordedVersion);
  switch (change.kind) {
    case 'product-missing':
      // What is on record as valid had a version; where that is gone too, the one that is missed is what can be said.
      return { path: ['version'], before: recorded ?? change.to, after: undefined };
    case 'version-differs':
      return { path: ['version'], before: recorded, after: change.from };
    case 'setting-differs': {
      const { path, before: after } = change.setting;
      return { path, before: settingAt(found && valueOf(found.applied), path), after };
    }
    case 'config-differs':
      return { path: ['config-file'], before: change.path, after: change.found };
    case 'config-access-differs':
      return { path: [`config-${change.part}`], before: change.to, after: change.from };
  }
}

/**
 * The declared settings with those left in that somebody changed on the server and that the policy leaves alone: what the
 * product is told, should it be told anything. Undefined where that is what is declared. A secret is never left in: what
 * stands in its place is not known here.
 */
export function keptSettings(
  spec: ProductSpec,
  found: ActualProduct,
  product: ProductDefinition,
): SettingMap | undefined {
  if (spec.settings === undefined || product.config?.format === 'template') return undefined;
  const actual = valueOf(found.settings);
  // Where the file is gone or broken nothing stands in it to be left as it is.
  if (actual === undefined) return undefined;
  const left = settingChanges({ spec, found, product }).filter(
    ({ setting, cause }) =>
      cause === 'drift' &&
      driftWord(spec.driftPolicy, setting.path) !== 'correct' &&
      setting.before !== OTHER_SECRET,
  );
  if (left.length === 0) return undefined;
  return left.reduce(
    (settings, { setting }) => withActual(settings, actual, setting.path),
    spec.settings,
  );
}

// Lists are left as a whole: an item alone has no place of its own.
function withActual(
  settings: SettingMap,
  actual: SettingMap,
  [name = '', ...rest]: readonly string[],
): SettingMap {
  const [declared, found] = [settings[name], actual[name]];
  const isInside = rest.length > 0 && isMap(declared) && isMap(found);
  const value = isInside ? withActual(declared, found, rest) : found;
  const { [name]: _, ...others } = settings;
  return Object.assign(
    emptySettings(),
    value === undefined ? others : { ...settings, [name]: value },
  );
}

function isMap(value: SettingValue | undefined): value is SettingMap {
  return value !== undefined && isSettingMap(value);
}
