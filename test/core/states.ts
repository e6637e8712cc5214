import type { States } from '../../src/core/diff.ts';
import type { Allowances } from '../../src/core/guard.ts';
import type {
  ConfigAccess,
  ConfigFormat,
  ProductDefinition,
  ScriptKind,
} from '../../src/model/definition.ts';
import { SCRIPT_KINDS } from '../../src/model/definition.ts';
import { durationMs } from '../../src/model/duration.ts';
import { absent, known, unreadable, type Fact } from '../../src/model/fact.ts';
import type { Heartbeat } from '../../src/model/heartbeat.ts';
import {
  parseProductName,
  parseVersion,
  type ProductName,
  type Version,
} from '../../src/model/ids.ts';
import type { DesiredMode, ServerMode } from '../../src/model/mode.ts';
import { asTexts, emptySettings, type SettingMap } from '../../src/model/settings.ts';
import type {
  ActualProduct,
  ActualState,
  DesiredState,
  ProductSpec,
} from '../../src/model/state.ts';

const place = { file: '/etc/bootstrap/bootstrap.ini', line: 1, column: 1 };

/** Nothing is said of a config file's owner, group and mode. */
export const NO_ACCESS: ConfigAccess = { owner: undefined, group: undefined, mode: undefined };

/** A product in a test: what is wanted of it, what bootstrap.ini says of it, and how it was found. */
export interface ProductCase {
  /** '1' where nothing is said; null: not managed. */
  readonly version?: string | null;
  readonly repository?: string;
  readonly settings?: SettingMap;
  readonly dependsOn?: readonly string[];
  readonly heartbeats?: readonly Heartbeat[];
  readonly suspend?: boolean;

  /** `upgrade mode` where nothing is said. */
  readonly scripts?: string;
  readonly config?: ConfigFormat;
  readonly check?: readonly string[];
  readonly access?: Partial<ConfigAccess>;
  readonly rollback?: boolean;
  readonly idempotent?: boolean;

  /** As it was found; what is not said is as an apply of this very wish leaves it. */
  readonly found?: FoundCase;
}

/** What differs on the server from what an apply would leave. `nothing`: the product was never there. */
export type FoundCase = 'nothing' | Partial<ActualProduct>;

/** A server in a test: production everywhere, unless something else is said. */
export interface ServerCase {
  readonly wish?: DesiredMode;
  /** What server-mode reads; the wish where nothing is said, undefined where there is no such file. */
  readonly mode?: ServerMode | Fact<ServerMode> | undefined;
  readonly root?: string;
  readonly products?: Readonly<Record<string, ProductCase>>;
}

/** Both states of a server, and the config files that its wish renders to. */
export function given(server: ServerCase): States {
  const products = Object.entries(server.products ?? {});
  return {
    desired: desired(server),
    definition: {
      file: place.file,
      root: server.root ?? '',
      serverType: undefined,
      scriptPath: '/usr/bin:/bin',
      products: new Map(products.map(([name, each]) => [named(name), definition(name, each)])),
    },
    actual: actual(server),
    rendered: new Map(
      products.flatMap(([name, each]): (readonly [ProductName, string])[] => {
        const text = rendered(each);
        return text === undefined ? [] : [[named(name), text]];
      }),
    ),
  };
}

function desired({ wish = 'production', products = {} }: ServerCase): DesiredState {
  return {
    revision: 'r1',
    files: ['desired-state.yaml'],
    mode: wish,
    products: new Map(
      Object.entries(products).map(([name, each]) => [named(name), spec(name, each)]),
    ),
    policy: { onFailure: 'rollback', maxChanges: 50 },
    callbacks: [],
  };
}

function spec(name: string, product: ProductCase): ProductSpec {
  return {
    name: named(name),
    version: wantedVersion(product),
    repository: product.repository,
    settings: product.settings,
    dependsOn: (product.dependsOn ?? []).map(named),
    heartbeats: product.heartbeats ?? [],
    protect: false,
    suspend: product.suspend ?? false,
  };
}

function wantedVersion({ version = '1' }: ProductCase): Version | undefined {
  return version === null ? undefined : versioned(version);
}

function definition(name: string, product: ProductCase): ProductDefinition {
  const scripts = (product.scripts ?? 'upgrade mode').split(' ');
  const kinds = SCRIPT_KINDS.filter((kind) => scripts.includes(kind));
  const { config } = product;
  return {
    name: named(name),
    place,
    scripts: new Map(
      kinds.map((kind: ScriptKind) => [
        kind,
        { kind, path: `/etc/bootstrap/${kind}-${name}`, place },
      ]),
    ),
    config:
      config === undefined
        ? undefined
        : {
            path: `/etc/${name}.conf`,
            format: config,
            template: undefined,
            check: product.check,
            access: { ...NO_ACCESS, ...product.access },
            place,
          },
    settingsSchema: undefined,
    heartbeats: [],
    dependsOn: [],
    timeoutMs: durationMs(600_000),
    rollback: product.rollback ?? true,
    idempotent: product.idempotent ?? true,
  };
}

/** A stand-in for what format/ renders: of the same settings always the same text. */
function rendered({ settings, config }: ProductCase): string | undefined {
  if (config === undefined || (settings === undefined && config !== 'template')) return undefined;
  return `${config} of ${JSON.stringify(settings ?? {})}\n`;
}

function actual({ wish = 'production', products = {}, ...server }: ServerCase): ActualState {
  const mode = 'mode' in server ? server.mode : wish;
  return {
    readAt: new Date(0),
    mode: mode === undefined ? absent : typeof mode === 'string' ? known(mode) : mode,
    lastMessage: absent,
    products: new Map(Object.entries(products).map(([name, each]) => [named(name), found(each)])),
  };
}

function found(product: ProductCase): ActualProduct {
  const scripts = (product.scripts ?? '').split(' ');
  const nothing: ActualProduct = {
    version: absent,
    probed: scripts.includes('probe'),
    recordedVersion: absent,
    repository: absent,
    status: absent,
    lastMessage: absent,
    applied: absent,
    settings: absent,
    configText: absent,
    configAccess: absent,
  };
  if (product.found === 'nothing') return nothing;
  const version = factOf(wantedVersion(product) ?? versioned('1'));
  const applied = factOf(product.settings);
  return {
    ...nothing,
    version,
    recordedVersion: version,
    repository: factOf(product.repository),
    status: known('valid'),
    applied,
    settings: readBack(product),
    configText: factOf(rendered(product)),
    configAccess: factOf(product.access && { ...NO_ACCESS, ...product.access }),
    ...product.found,
  };
}

/** The settings as they are read from where an apply put them. */
function readBack({ settings, config }: ProductCase): Fact<SettingMap> {
  if (settings === undefined) return absent;
  return known(config === 'ini' || config === 'env' ? asTexts(settings) : settings);
}

function factOf<T>(value: T | undefined): Fact<T> {
  return value === undefined ? absent : known(value);
}

/** A version that was found, also recorded so where no probe-script tells it. */
export function at(version: string): Pick<ActualProduct, 'version' | 'recordedVersion'> {
  return { version: known(versioned(version)), recordedVersion: known(versioned(version)) };
}

/** Settings read back from the config file, or told by the product. */
export function having(settings: SettingMap): Pick<ActualProduct, 'settings'> {
  return { settings: known(settings) };
}

/** A fact that could not be read. */
export const dark = unreadable('permission denied');

/** Nothing is held back. */
export const ALL_ALLOWED: Allowances = {
  downgrades: { has: () => true } as unknown as ReadonlySet<ProductName>,
  changesMax: Infinity,
};

/** A product's name; throws for a text that is none. */
export function named(text: string): ProductName {
  const name = parseProductName(text);
  if (name === undefined) throw new Error(`${text} is no product name`);
  return name;
}

/** A version; throws for a text that is none. */
export function versioned(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
}

/** A heartbeat that asks over HTTP. */
export const beat: Heartbeat = {
  probe: { kind: 'http', url: 'http://127.0.0.1/healthz', status: 200, body: undefined },
  timing: {
    graceMs: durationMs(0),
    intervalMs: durationMs(1000),
    timeoutMs: durationMs(2000),
    successes: 1,
    deadlineMs: durationMs(60_000),
    stableMs: durationMs(0),
  },
};

/** The same settings in a map without a prototype, as our parsers make them. */
export function bare(settings: SettingMap): SettingMap {
  return Object.assign(emptySettings(), settings);
}
