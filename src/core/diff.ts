import difference from 'microdiff';
import type { Cause, Change } from '../model/change.ts';
import type {
  ConfigAccess,
  ConfigDefinition,
  ProductDefinition,
  ServerDefinition,
} from '../model/definition.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import type { ServerMode } from '../model/mode.ts';
import {
  asTexts,
  emptySettings,
  isSettingMap,
  type SettingChange,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { ActualProduct, ActualState, DesiredState, ProductSpec } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';

/** The two states, and the config files that the desired one renders to. */
export interface States {
  readonly desired: DesiredState;
  readonly actual: ActualState;
  readonly definition: ServerDefinition;
  /** The text of each product's config file; none where bootstrap leaves the file alone. */
  readonly rendered: ReadonlyMap<ProductName, string>;
}

/** All that differs between desired and actual state, by product name, the server's mode last. Nothing differs: []. */
export function diff({ desired, actual, definition, rendered }: States): readonly Change[] {
  const changes: Change[] = [];
  const specs = [...desired.products.values()].toSorted((a, b) => compareText(a.name, b.name));
  for (const spec of specs) {
    const found = actual.products.get(spec.name);
    const product = definition.products.get(spec.name);
    if (found === undefined || product === undefined) continue;
    const text = rendered.get(spec.name);
    changes.push(...diffProduct({ spec, found, product, text, mode: actual.mode }));
  }
  return [...changes, ...diffMode(desired, actual)];
}

interface ProductStates {
  readonly spec: ProductSpec;
  readonly found: ActualProduct;
  readonly product: ProductDefinition;
  readonly text: string | undefined;
  readonly mode: ActualState['mode'];
}

function diffProduct(states: ProductStates): readonly Change[] {
  const unread = unreadableFacts(states);
  if (unread.length > 0) return unread;
  const missing = missingProduct(states);
  if (missing !== undefined) return [missing];
  return [
    ...diffVersion(states),
    ...diffRepository(states),
    ...diffSettings(states),
    ...diffAccess(states),
    ...unfinished(states),
  ];
}

function unreadableFacts({ spec, found }: ProductStates): readonly Change[] {
  const facts: Readonly<Record<string, Fact<unknown>>> = {
    version: found.version,
    repository: found.repository,
    status: found.status,
    'applied settings': found.applied,
    settings: found.settings,
    'config file': found.configText,
    'access of the config file': found.configAccess,
  };
  return Object.entries(facts).flatMap(([fact, value]): readonly Change[] =>
    value.kind === 'unreadable'
      ? [{ kind: 'fact-unreadable', product: spec.name, fact, why: value.why }]
      : [],
  );
}

const UNPROVISIONED: ReadonlySet<ServerMode> = new Set(['unprovisioned', 'provisioning']);

// On a server that never was provisioned a recorded version is a wish (the old tool's `product.set`),
// unless the product's status or its probe says that it is there.
function missingProduct({ spec, found, mode }: ProductStates): Change | undefined {
  if (spec.version === undefined) return undefined;
  const isWish =
    !found.probed &&
    found.status.kind === 'absent' &&
    UNPROVISIONED.has(valueOf(mode) ?? 'unprovisioned');
  const isThere = found.version.kind === 'known' && !isWish;
  return isThere ? undefined : { kind: 'product-missing', product: spec.name, to: spec.version };
}

function diffVersion({ spec, found }: ProductStates): readonly Change[] {
  const from = valueOf(found.version);
  if (spec.version === undefined || from === undefined || from === spec.version) return [];
  const recorded = valueOf(found.recordedVersion);
  // Never recorded by us: that it differs is our wish.
  const cause =
    recorded === undefined
      ? 'spec'
      : causeOf({ applied: recorded, desired: spec.version, actual: from });
  return [{ kind: 'version-differs', product: spec.name, from, to: spec.version, cause }];
}

function diffRepository({ spec, found }: ProductStates): readonly Change[] {
  const from = valueOf(found.repository);
  if (spec.repository === undefined || from === spec.repository) return [];
  return [{ kind: 'repository-differs', product: spec.name, from, to: spec.repository }];
}

function unfinished({ spec, found }: ProductStates): readonly Change[] {
  const status = valueOf(found.status);
  const at = valueOf(found.version);
  if (status === undefined || status === 'valid') return [];
  return [{ kind: 'product-unfinished', product: spec.name, status, at }];
}

function diffSettings(states: ProductStates): readonly Change[] {
  const { config } = states.product;
  if (config !== undefined && states.text !== undefined && isConfigLost(states))
    return [configDiffers(states, config.path)];
  return config?.format === 'template' ? diffTemplate(states, config) : diffValues(states);
}

// Gone since it was written, or so broken by hand that no setting can be read from it.
function isConfigLost({ product, found }: ProductStates): boolean {
  if (found.configText.kind === 'absent') return found.applied.kind === 'known';
  return product.config?.format !== 'template' && found.settings.kind === 'absent';
}

// A template cannot be read back: its settings are compared with those last applied, its text as text.
function diffTemplate(states: ProductStates, config: ConfigDefinition): readonly Change[] {
  const { spec, found, text } = states;
  const applied = valueOf(found.applied) ?? emptySettings();
  const settings = changedSettings(applied, spec.settings ?? applied);
  if (settings.length > 0)
    return settings.map((setting) => settingDiffers(spec.name, setting, 'spec'));
  return text === valueOf(found.configText) ? [] : [configDiffers(states, config.path)];
}

function diffValues({ spec, found, product }: ProductStates): readonly Change[] {
  if (spec.settings === undefined) return [];
  const isText = product.config?.format === 'ini' || product.config?.format === 'env';
  const compared = isText ? asTexts : same;
  const actual = compared(valueOf(found.settings) ?? emptySettings());
  const applied = valueOf(found.applied);
  const appliedCompared = applied === undefined ? undefined : compared(applied);
  return changedSettings(actual, compared(spec.settings)).map((setting) =>
    settingDiffers(spec.name, setting, settingCause(setting, appliedCompared)),
  );
}

function settingDiffers(product: ProductName, setting: SettingChange, cause: Cause): Change {
  return { kind: 'setting-differs', product, setting, cause };
}

function same(settings: SettingMap): SettingMap {
  return settings;
}

function configDiffers({ spec, found, text }: ProductStates, path: string): Change {
  const isAbsent = found.configText.kind === 'absent';
  // Never applied by us: that the file differs is our wish, not somebody's edit.
  const cause: Cause = found.applied.kind === 'absent' || text === undefined ? 'spec' : 'drift';
  return {
    kind: 'config-differs',
    product: spec.name,
    path,
    found: isAbsent ? 'absent' : 'different',
    cause,
  };
}

const ACCESS_PARTS = ['owner', 'group', 'mode'] as const satisfies readonly (keyof ConfigAccess)[];

// A file that is not there gets its access when it is written.
function diffAccess({ spec, found, product, text }: ProductStates): readonly Change[] {
  const is = valueOf(found.configAccess);
  if (product.config === undefined || text === undefined || is === undefined) return [];
  const { access } = product.config;
  return ACCESS_PARTS.flatMap((part): readonly Change[] => {
    const [from, to] = [is[part], access[part]];
    if (to === undefined || from === to) return [];
    const cause = found.applied.kind === 'absent' ? 'spec' : 'drift';
    return [{ kind: 'config-access-differs', product: spec.name, part, from, to, cause }];
  });
}

// Leaf by leaf, in the order of their paths as microdiff walks them.
function changedSettings(before: SettingMap, after: SettingMap): readonly SettingChange[] {
  return difference(asRecord(before), asRecord(after), { cyclesFix: false }).flatMap((found) => {
    const path = found.path.map(String);
    if (found.type === 'CREATE') return leaves(path, found.value as SettingValue, 'after');
    if (found.type === 'REMOVE') return leaves(path, found.oldValue as SettingValue, 'before');
    return [{ path, before: found.oldValue as SettingValue, after: found.value as SettingValue }];
  });
}

function asRecord(settings: SettingMap): Record<string, SettingValue> {
  return settings as Record<string, SettingValue>;
}

function leaves(
  path: readonly string[],
  value: SettingValue,
  side: 'before' | 'after',
): readonly SettingChange[] {
  if (isSettingMap(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, inner]) => leaves([...path, name], inner, side));
  return [
    side === 'after'
      ? { path, before: undefined, after: value }
      : { path, before: value, after: undefined },
  ];
}

function settingCause(setting: SettingChange, applied: SettingMap | undefined): Cause {
  if (applied === undefined) return 'spec';
  const [was, wanted, is] = [settingAt(applied, setting.path), setting.after, setting.before].map(
    textOf,
  );
  // That a setting was not there is known too: one that nobody declared was put there by somebody.
  if (was === is) return 'spec';
  return was === wanted ? 'drift' : 'both';
}

// Who moved away from what was last applied.
function causeOf(values: {
  readonly applied: unknown;
  readonly desired: unknown;
  readonly actual: unknown;
}): Cause {
  if (values.applied === values.actual) return 'spec';
  return values.applied === values.desired ? 'drift' : 'both';
}

function textOf(value: SettingValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** The setting at a path through maps and lists, or undefined where there is none. */
export function settingAt(
  settings: SettingMap | undefined,
  path: readonly string[],
): SettingValue | undefined {
  let value: SettingValue | undefined = settings;
  for (const name of path) {
    if (typeof value !== 'object') return undefined;
    value = isSettingMap(value) ? value[name] : value[Number(name)];
  }
  return value;
}

function diffMode(desired: DesiredState, actual: ActualState): readonly Change[] {
  if (actual.mode.kind === 'unreadable')
    return [
      { kind: 'fact-unreadable', product: undefined, fact: 'server-mode', why: actual.mode.why },
    ];
  const from = valueOf(actual.mode);
  return from === desired.mode ? [] : [{ kind: 'mode-differs', from, to: desired.mode }];
}
