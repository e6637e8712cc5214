import type { Change } from '../model/change.ts';
import type { ConfigFormat, ProductDefinition, ServerDefinition } from '../model/definition.ts';
import { valueOf } from '../model/fact.ts';
import { DESIRED_MODES, type DesiredMode } from '../model/mode.ts';
import { secretSettings } from '../model/secret.ts';
import {
  emptySettings,
  isSettingMap,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { ActualProduct, ActualState } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';
import type { GeneratedHeartbeat } from './generated-heartbeat.ts';

/** Why something of a product is not in an export, or will not stay as it is. */
export type ExportRemark =
  /** Settings are all or nothing: to declare some of them would take away the others. */
  | {
      readonly kind: 'settings-secret';
      readonly paths: readonly (readonly string[])[];
      /** The settings, with a gap to be filled in at each secret. */
      readonly others: SettingMap;
    }
  | { readonly kind: 'settings-unrecorded' }
  | { readonly kind: 'config-missing' | 'config-broken'; readonly path: string }
  | {
      readonly kind: 'refused';
      readonly part: 'repository' | 'settings';
      readonly why: string;
    }
  | { readonly kind: 'not-renderable'; readonly why: string }
  /** Planning the export still finds it. */
  | { readonly kind: 'change'; readonly change: Change };

/** What an export says of one product. */
export interface ProductExport {
  readonly definition: ProductDefinition;
  readonly found: ActualProduct;
  /** Undefined: left out. */
  readonly repository: string | undefined;
  /** Undefined: left out. */
  readonly settings: SettingMap | undefined;
  /** What tells whether it serves, where nobody said; undefined: as bootstrap.ini says. */
  readonly heartbeat: GeneratedHeartbeat | undefined;
  /**
   * Suspended: bootstrap is told to leave it alone. Off: written as a comment. Not installed: one to be filled in. Bare: without a
   * version, so that it is told the mode and nothing else.
   */
  readonly shape: 'written' | 'suspended' | 'off' | 'not-installed' | 'bare';
  readonly remarks: readonly ExportRemark[];
}

/** What an export says of a server. */
export interface ServerExport {
  /** Whether it was asked for, or the old tool's installation is taken over. */
  readonly by: 'export' | 'migrate';
  readonly definition: ServerDefinition;
  readonly actual: ActualState;
  /** Undefined where it cannot be read: a wrong guess might stop a server. */
  readonly mode: DesiredMode | undefined;
  /** By name. */
  readonly products: readonly ProductExport[];
}

/** All that is on the server, as a desired state would have to say it. */
export function draftExport(definition: ServerDefinition, actual: ActualState): ServerExport {
  const products = [...definition.products.values()]
    .toSorted((a, b) => compareText(a.name, b.name))
    .flatMap((product) => {
      const found = actual.products.get(product.name);
      return found === undefined ? [] : [draftProduct(product, found)];
    });
  return { by: 'export', definition, actual, mode: modeOf(actual), products };
}

/** True where the server is in a mode that can be asked for. */
function isModeKept({ actual, mode }: ServerExport): boolean {
  return mode !== undefined && valueOf(actual.mode) === mode;
}

/** The export with what planning it still finds: said, and where only a config file would be rewritten, kept from happening. */
export function withChanges(server: ServerExport, changes: readonly Change[]): ServerExport {
  const products = server.products.map((each): ProductExport => {
    const own = changes.filter(
      (change) => 'product' in change && change.product === each.definition.name,
    );
    const isOff = each.shape !== 'written';
    const said = isOff ? own.filter(({ kind }) => kind === 'fact-unreadable') : own;
    const remarks = said.map((change): ExportRemark => ({ kind: 'change', change }));
    const isRewritten = said.some(
      ({ kind }) => kind === 'config-differs' || kind === 'config-access-differs',
    );
    const isKept = isModeKept(server) && isRewritten;
    return {
      ...each,
      shape: isKept ? 'suspended' : each.shape,
      remarks: [...each.remarks, ...remarks],
    };
  });
  return { ...server, products };
}

/** The export with a part of a product left out. */
export function withoutPart(
  product: ProductExport,
  part: 'repository' | 'settings',
  why: string,
): ProductExport {
  const remarks: readonly ExportRemark[] = [...product.remarks, { kind: 'refused', part, why }];
  return { ...product, [part]: undefined, remarks };
}

function modeOf({ mode }: ActualState): DesiredMode | undefined {
  if (mode.kind === 'unreadable') return undefined;
  return DESIRED_MODES.find((each) => each === valueOf(mode)) ?? 'idle';
}

function draftProduct(definition: ProductDefinition, found: ActualProduct): ProductExport {
  // Where the version cannot be read, the product may be there.
  if (found.version.kind === 'absent')
    return {
      definition,
      found,
      repository: undefined,
      settings: undefined,
      heartbeat: undefined,
      shape: 'not-installed',
      remarks: [],
    };
  const { settings, remark } = draftSettings(definition, found);
  return {
    definition,
    found,
    repository: valueOf(found.repository),
    settings,
    heartbeat: undefined,
    shape: 'written',
    remarks: remark === undefined ? [] : [remark],
  };
}

interface DraftSettings {
  readonly settings: SettingMap | undefined;
  readonly remark: ExportRemark | undefined;
}

function draftSettings({ config }: ProductDefinition, found: ActualProduct): DraftSettings {
  const without = (remark: ExportRemark | undefined): DraftSettings => ({
    settings: undefined,
    remark,
  });
  const { applied } = found;
  const settings = valueOf(config?.format === 'template' ? applied : found.settings);
  if (config !== undefined && config.format !== 'template' && settings === undefined)
    return without(missingConfig(config.path, found));
  if (settings === undefined) return without(undefined);
  // The record tells which of them are secrets; the config file would show them.
  if (applied.kind === 'unreadable') return without({ kind: 'settings-unrecorded' });
  const typed = config !== undefined && TEXTUAL[config.format] ? typedSettings(settings) : settings;
  const paths = secretSettings(valueOf(applied) ?? emptySettings()).map(({ path }) => path);
  if (paths.length === 0) return { settings: typed, remark: undefined };
  return without({ kind: 'settings-secret', paths, others: paths.reduce(withGap, typed) });
}

const GAP: SettingMap = Object.assign(emptySettings(), { fromFile: '…' });

function withGap(settings: SettingMap, [name = '', ...rest]: readonly string[]): SettingMap {
  const inner = settings[name];
  const isDeeper = rest.length > 0 && typeof inner === 'object' && isSettingMap(inner);
  const value = isDeeper ? withGap(inner, rest) : GAP;
  return Object.assign(emptySettings(), settings, { [name]: value });
}

function missingConfig(
  path: string,
  { configText, applied }: ActualProduct,
): ExportRemark | undefined {
  if (configText.kind === 'known') return { kind: 'config-broken', path };
  const isLost = configText.kind === 'absent' && applied.kind === 'known';
  return isLost ? { kind: 'config-missing', path } : undefined;
}

/** The formats that know only text, so that a number read back may be written as one. */
const TEXTUAL: { readonly [F in ConfigFormat]: boolean } = {
  template: false,
  ini: true,
  json: false,
  yaml: false,
  env: true,
};

/** Texts as the numbers and truth values that they are the texts of; others stay texts (`1.10`, `007`, `1e3`). */
function typedSettings(settings: SettingMap): SettingMap {
  const typed = emptySettings();
  for (const [name, value] of Object.entries(settings)) typed[name] = typedValue(value);
  return typed;
}

function typedValue(value: SettingValue): SettingValue {
  if (typeof value === 'object')
    return isSettingMap(value) ? typedSettings(value) : value.map(typedValue);
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  const number = Number(value);
  const isExact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return isExact && String(number) === value ? number : value;
}
