import type { Cause, Change } from '../model/change.ts';
import type {
  ConfigAccess,
  ConfigDefinition,
  ProductDefinition,
  ServerDefinition,
} from '../model/definition.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import { showProbe, type Heartbeat } from '../model/heartbeat.ts';
import type { ProductName } from '../model/ids.ts';
import { WORKING_MODE, type ServerMode } from '../model/mode.ts';
import { emptySettings, type SettingChange, type SettingMap } from '../model/settings.ts';
import type { ActualProduct, ActualState, DesiredState, ProductSpec } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';
import { causeOf, configCause, settingCause } from './cause.ts';
import { asTold, changedSettings } from './setting-changes.ts';

/** A config file as the desired state renders it. */
export interface Rendered {
  /** Secrets stand in it as references. */
  readonly text: string;
  readonly digest: string;
}

/** The two states, and the config files that the desired one renders to. */
export interface States {
  readonly desired: DesiredState;
  readonly actual: ActualState;
  readonly definition: ServerDefinition;
  /** Each product's config file; none where bootstrap leaves the file alone. */
  readonly rendered: ReadonlyMap<ProductName, Rendered>;
  /** Settings as they are to be on the server where drift is left in them; none where all are as declared. */
  readonly kept: ReadonlyMap<ProductName, SettingMap>;
  /** Products whose config file and recorded settings are byte for byte what they should be: no setting of theirs differs. */
  readonly same: ReadonlySet<ProductName>;
  /** Products found dead, each with the heartbeats that say so; only a run that may restart them asks. */
  readonly dead: ReadonlyMap<ProductName, readonly Heartbeat[]>;
}

/** All that differs between desired and actual state, by product name, the server's mode last. Nothing differs: []. */
export function differences(states: States): readonly Change[] {
  const { desired, actual, definition, rendered, same, dead } = states;
  const changes: Change[] = [];
  const specs = [...desired.products.values()].toSorted((a, b) => compareText(a.name, b.name));
  for (const spec of specs) {
    const found = actual.products.get(spec.name);
    const product = definition.products.get(spec.name);
    if (found === undefined || product === undefined) continue;
    const config = rendered.get(spec.name);
    const { mode, lastRun } = actual;
    const by = dead.get(spec.name);
    const isSame = same.has(spec.name);
    changes.push(...diffProduct({ spec, found, product, config, isSame, mode, lastRun, by }));
  }
  return [...changes, ...diffLeftovers(desired, actual), ...diffMode(desired, actual)];
}

interface ProductStates {
  readonly spec: ProductSpec;
  readonly found: ActualProduct;
  readonly product: ProductDefinition;
  readonly config: Rendered | undefined;
  readonly isSame: boolean;
  readonly mode: ActualState['mode'];
  readonly lastRun: ActualState['lastRun'];
  /** What says that it is dead; undefined where nothing does. */
  readonly by: readonly Heartbeat[] | undefined;
}

function diffProduct(states: ProductStates): readonly Change[] {
  const unread = [...unreadableFacts(states.spec.name, states.found), ...unreadableJournal(states)];
  if (unread.length > 0) return unread;
  const missing = missingProduct(states);
  if (missing !== undefined) return [missing];
  return [
    ...diffVersion(states),
    ...diffRepository(states),
    ...diffSettings(states),
    ...diffAccess(states),
    ...diffProtection(states),
    ...unfinished(states),
    ...diffLife(states),
  ];
}

function unreadableFacts(product: ProductName, found: ActualProduct): readonly Change[] {
  return COMPARED_FACTS.flatMap(([key, fact]): readonly Change[] => {
    const value: Fact<unknown> = found[key];
    return value.kind === 'unreadable'
      ? [{ kind: 'fact-unreadable', product, fact, why: value.why }]
      : [];
  });
}

/** What has to be readable of a product, and how it is called. */
const COMPARED_FACTS = [
  ['version', 'version'],
  ['repository', 'repository'],
  ['status', 'status'],
  ['applied', 'applied settings'],
  ['settings', 'settings'],
  ['configText', 'config file'],
  ['written', 'digest of the config file'],
  ['configAccess', 'access of the config file'],
  ['protected', 'protection'],
] as const;

// What is finished needs no journal.
function unreadableJournal({ spec, found, lastRun }: ProductStates): readonly Change[] {
  const isOpen = found.status.kind === 'known' && found.status.value !== 'valid';
  if (!isOpen || lastRun.kind !== 'unreadable') return [];
  const { why } = lastRun;
  return [{ kind: 'fact-unreadable', product: spec.name, fact: 'journal of the last run', why }];
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
  if (isThere) return undefined;
  const cause = absenceCause(found);
  return { kind: 'product-missing', product: spec.name, to: spec.version, cause };
}

// What is on record as whole and is gone was removed by somebody.
function absenceCause({ status }: ActualProduct): Cause {
  const word = valueOf(status);
  if (word === undefined) return 'spec';
  return word === 'valid' ? 'drift' : 'retry';
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

function diffProtection({ spec, found }: ProductStates): readonly Change[] {
  const is = valueOf(found.protected) ?? false;
  if (is === spec.protect) return [];
  return [{ kind: 'protection-differs', product: spec.name, to: spec.protect }];
}

function unfinished({ spec, found }: ProductStates): readonly Change[] {
  const status = valueOf(found.status);
  const at = valueOf(found.version);
  if (status === undefined || status === 'valid') return [];
  return [{ kind: 'product-unfinished', product: spec.name, status, at }];
}

// Of what is whole in a working server only a restart can have left a mode-script open.
function diffLife({ spec, found, product, mode, lastRun, by }: ProductStates): readonly Change[] {
  if (by !== undefined)
    return [
      { kind: 'product-dead', product: spec.name, by: by.map(({ probe }) => showProbe(probe)) },
    ];
  const isWhole = (valueOf(found.status) ?? 'valid') === 'valid';
  const open = valueOf(lastRun)?.progress.get(spec.name)?.open;
  const isOpen = isWhole && valueOf(mode) === WORKING_MODE && open?.script === 'mode';
  return isOpen && product.scripts.has('mode')
    ? [{ kind: 'restart-unfinished', product: spec.name }]
    : [];
}

function diffSettings(states: ProductStates): readonly Change[] {
  const { config } = states.product;
  if (config !== undefined && states.config !== undefined && isConfigLost(states))
    return [configDiffers(states, config.path, states.config)];
  if (config?.format === 'template') return diffTemplate(states, config);
  return states.isSame ? [] : settingChanges(states);
}

// Gone since it was written, or so broken by hand that no setting can be read from it.
function isConfigLost({ product, found }: ProductStates): boolean {
  if (found.configText.kind === 'absent') return isWritten(found);
  return product.config?.format !== 'template' && found.settings.kind === 'absent';
}

function isWritten({ applied, written }: ActualProduct): boolean {
  return applied.kind === 'known' || written.kind === 'known';
}

// A template cannot be read back: its settings are compared with those last applied, its text as text.
function diffTemplate(states: ProductStates, { path }: ConfigDefinition): readonly Change[] {
  const { spec, found, config } = states;
  const applied = valueOf(found.applied) ?? emptySettings();
  const settings = changedSettings(applied, spec.settings ?? applied);
  if (settings.length > 0)
    return settings.map((setting) => settingDiffers(spec.name, setting, 'spec'));
  if (config === undefined || config.text === valueOf(found.configText)) return [];
  return [configDiffers(states, path, config)];
}

/** What differs between the settings as wished and as found, where they can be read back; told by whom. */
export function settingChanges({
  spec,
  found,
  product,
}: Pick<ProductStates, 'spec' | 'found' | 'product'>): readonly Extract<
  Change,
  { readonly kind: 'setting-differs' }
>[] {
  if (spec.settings === undefined) return [];
  const told = (settings: SettingMap): SettingMap => asTold(settings, product.config?.format);
  const applied = valueOf(found.applied);
  const actual = told(valueOf(found.settings) ?? emptySettings());
  return changedSettings(actual, told(spec.settings)).map((setting) =>
    settingDiffers(spec.name, setting, settingCause(setting, applied && told(applied))),
  );
}

function settingDiffers(
  product: ProductName,
  setting: SettingChange,
  cause: Cause,
): Extract<Change, { readonly kind: 'setting-differs' }> {
  return { kind: 'setting-differs', product, setting, cause };
}

function configDiffers({ spec, found }: ProductStates, path: string, config: Rendered): Change {
  return {
    kind: 'config-differs',
    product: spec.name,
    path,
    found: found.configText.kind === 'absent' ? 'absent' : 'different',
    cause: configCause(found, config.digest),
  };
}

const ACCESS_PARTS = ['owner', 'group', 'mode'] as const satisfies readonly (keyof ConfigAccess)[];

// A file that is not there gets its access when it is written.
function diffAccess({ spec, found, product, config }: ProductStates): readonly Change[] {
  const is = valueOf(found.configAccess);
  if (product.config === undefined || config === undefined || is === undefined) return [];
  const { access } = product.config;
  return ACCESS_PARTS.flatMap((part): readonly Change[] => {
    const [from, to] = [is[part], access[part]];
    if (to === undefined || from === to) return [];
    const cause = isWritten(found) ? 'drift' : 'spec';
    return [{ kind: 'config-access-differs', product: spec.name, part, from, to, cause }];
  });
}

// An empty or missing products map is no wish to remove everything.
function diffLeftovers(
  { policy, products }: DesiredState,
  { leftovers }: ActualState,
): readonly Change[] {
  if (!policy.prune || products.size === 0) return [];
  const found = [...leftovers].toSorted(([a], [b]) => compareText(a, b));
  return found.flatMap(([product, each]): readonly Change[] => {
    const unread = unreadableFacts(product, each);
    if (unread.length > 0) return unread;
    return [{ kind: 'product-unwanted', product, at: valueOf(each.version) }];
  });
}

function diffMode(desired: DesiredState, actual: ActualState): readonly Change[] {
  if (actual.mode.kind === 'unreadable')
    return [
      { kind: 'fact-unreadable', product: undefined, fact: 'server-mode', why: actual.mode.why },
    ];
  const from = valueOf(actual.mode);
  return from === desired.mode ? [] : [{ kind: 'mode-differs', from, to: desired.mode }];
}
