import { HTTP_PROBE_DEFAULTS } from '../../src/core/normalise-heartbeat.ts';
import type { Rendered, States } from '../../src/core/diff.ts';
import { keptSettings } from '../../src/core/drift.ts';
import type { Allowances } from '../../src/core/guard.ts';
import type { PlanChoices } from '../../src/core/plan.ts';
import type {
  ConfigAccess,
  ConfigFormat,
  ProductDefinition,
  ScriptKind,
} from '../../src/model/definition.ts';
import { ALLOWED_BY_DEFAULT } from '../../src/model/address.ts';
import { SCRIPT_KINDS } from '../../src/model/definition.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { DriftWord } from '../../src/model/document.ts';
import { absent, known, unreadable, valueOf, type Fact } from '../../src/model/fact.ts';
import type { Heartbeat } from '../../src/model/heartbeat.ts';
import {
  parseProductName,
  parseVersion,
  type ProductName,
  type Version,
} from '../../src/model/ids.ts';
import type { DesiredMode, ServerMode } from '../../src/model/mode.ts';
import type { LastRun } from '../../src/model/journal.ts';
import { WHOLE, type Selection } from '../../src/model/plan.ts';
import { asTexts, emptySettings, type SettingMap } from '../../src/model/settings.ts';
import type {
  ActualProduct,
  ActualState,
  DesiredState,
  DriftPolicy,
  Policy,
  ProductSpec,
  WrittenConfig,
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
  readonly protect?: boolean;
  /** The heartbeats by which it was found dead. */
  readonly dead?: readonly Heartbeat[];
  /** As it is written: `correct` where nothing is said. */
  readonly driftPolicy?: DriftWord | Readonly<Record<string, DriftWord>>;

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

/** A product that nobody asked for: what bootstrap.ini says of it, null where nothing, and what is on record. */
export interface LeftoverCase {
  /** `upgrade remove` where nothing is said. */
  readonly scripts?: string | null;
  readonly config?: ConfigFormat;
  readonly found?: Partial<ActualProduct>;
}

/** A server in a test: production everywhere, unless something else is said. */
export interface ServerCase {
  readonly wish?: DesiredMode;
  /** What server-mode reads; the wish where nothing is said, undefined where there is no such file. */
  readonly mode?: ServerMode | Fact<ServerMode> | undefined;
  readonly root?: string;
  readonly policy?: Partial<Policy>;
  readonly lastRun?: Fact<LastRun>;
  /** On record and not wished for, by the names of products of bootstrap.ini or of none. */
  readonly leftovers?: Readonly<Record<string, LeftoverCase>>;
  readonly products?: Readonly<Record<string, ProductCase>>;
}

/** Both states of a server, and the config files that its wish renders to. */
export function given(server: ServerCase): States {
  const products = Object.entries(server.products ?? {});
  const known = Object.entries(server.leftovers ?? {}).filter(
    ([, { scripts }]) => scripts !== null,
  );
  const defined = [
    ...products,
    ...known.map(([name, { scripts, config }]): [string, ProductCase] => [
      name,
      { scripts: scripts ?? 'upgrade remove', ...(config === undefined ? {} : { config }) },
    ]),
  ];
  const states: States = {
    desired: desired(server),
    definition: {
      file: place.file,
      root: server.root ?? '',
      serverType: undefined,
      scriptPath: '/usr/bin:/bin',
      callbackAllow: ALLOWED_BY_DEFAULT,
      products: new Map(defined.map(([name, each]) => [named(name), definition(name, each)])),
    },
    actual: actual(server),
    rendered: new Map(
      products.flatMap(([name, each]): (readonly [ProductName, Rendered])[] => {
        const text = rendered(each);
        return text === undefined ? [] : [[named(name), { text, digest: digestOf(text) }]];
      }),
    ),
    kept: new Map(),
    same: new Set(),
    dead: new Map(
      products.flatMap(([name, { dead = [] }]) =>
        dead.length === 0 ? [] : [[named(name), dead] as const],
      ),
    ),
  };
  return withKeptDrift(states);
}

/** A stand-in for a hash. */
function digestOf(text: string): string {
  return `#${text}`;
}

// As app/look does: drift that is left is in what the product is told, and in its file.
function withKeptDrift(states: States): States {
  const kept = new Map<ProductName, SettingMap>();
  const renderings = new Map(states.rendered);
  for (const [name, wanted] of states.desired.products) {
    const [each, product] = [
      states.actual.products.get(name),
      states.definition.products.get(name),
    ];
    const settings = each && product && keptSettings(wanted, each, product);
    if (settings === undefined) continue;
    kept.set(name, settings);
    const config = product?.config?.format;
    const text = config && rendered({ settings, config });
    if (text !== undefined) renderings.set(name, { text, digest: digestOf(text) });
  }
  return { ...states, kept, rendered: renderings };
}

function desired({ wish = 'production', products = {}, policy }: ServerCase): DesiredState {
  return {
    revision: 'r1',
    files: ['desired-state.yaml'],
    metadata: { name: undefined, serial: undefined, expires: undefined, machineId: undefined },
    mode: wish,
    products: new Map(
      Object.entries(products).map(([name, each]) => [named(name), spec(name, each)]),
    ),
    policy: { onFailure: 'rollback', prune: false, maxChanges: 50, windows: [], ...policy },
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
    driftPolicy: driftPolicyOf(product.driftPolicy ?? 'correct'),
    protect: product.protect ?? false,
    suspend: product.suspend ?? false,
  };
}

function driftPolicyOf(written: NonNullable<ProductCase['driftPolicy']>): DriftPolicy {
  if (typeof written === 'string') return { settings: new Map(), others: written };
  const { '*': others = 'correct', ...settings } = written;
  return { settings: new Map(Object.entries(settings)), others };
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
    lastRun: server.lastRun ?? absent,
    products: new Map(Object.entries(products).map(([name, each]) => [named(name), found(each)])),
    leftovers: new Map(
      Object.entries(server.leftovers ?? {}).map(([name, each]) => [
        named(name),
        found({ scripts: each.scripts ?? '', found: each.found ?? {} }),
      ]),
    ),
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
    written: absent,
    configAccess: absent,
    protected: absent,
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
    written: writtenBy(product),
    configAccess: factOf(product.access && { ...NO_ACCESS, ...product.access }),
    protected: product.protect === true ? known(true) : absent,
    ...product.found,
  };
}

/** What is on record of the config file; whether it was edited is known where its text is. */
function writtenBy(product: ProductCase): Fact<WrittenConfig> {
  const text = rendered(product);
  if (text === undefined) return absent;
  const { configText, applied } = product.found === 'nothing' ? {} : (product.found ?? {});
  // What was never applied was never written.
  if (applied?.kind === 'absent' || product.settings === undefined) return absent;
  const edited = configText !== undefined && valueOf(configText) !== text;
  return known({ digest: digestOf(text), edited });
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
export const ALL_ALLOWED: PlanChoices = {
  allow: {
    downgrades: { has: () => true } as unknown as ReadonlySet<ProductName>,
    removals: { has: () => true } as unknown as ReadonlySet<ProductName>,
    quarantined: new Set(),
    changesMax: Infinity,
    windows: [],
    now: new Date(0),
  },
  selection: WHOLE,
  mode: 'wished',
};

/** A selection as the command line says it: `--only web --exclude db --redo store`. */
export function selecting(flags: string): Selection {
  const of = (flag: string): readonly ProductName[] =>
    [...flags.matchAll(new RegExp(`--${flag} (\\S+)`, 'g'))].map(([, name = '']) => named(name));
  return { only: of('only'), exclude: of('exclude'), redo: of('redo') };
}

/** Choices in which only this is allowed. */
export function allowing(
  allow: Partial<Allowances>,
  selection: Partial<Selection> = {},
): PlanChoices {
  return {
    allow: {
      downgrades: new Set(),
      removals: new Set(),
      quarantined: new Set(),
      changesMax: 50,
      windows: [],
      now: new Date(0),
      ...allow,
    },
    selection: { ...WHOLE, ...selection },
    mode: 'wished',
  };
}

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
  probe: { kind: 'http', url: 'http://127.0.0.1/healthz', ...HTTP_PROBE_DEFAULTS },
  timing: {
    graceMs: durationMs(0),
    intervalMs: durationMs(1000),
    timeoutMs: durationMs(2000),
    successes: 1,
    deadlineMs: durationMs(60_000),
    stableMs: durationMs(0),
  },
  restart: false,
};

/** One by which a dead product is restarted. */
export const mortal: Heartbeat = { ...beat, restart: true };

/** The same settings in a map without a prototype, as our parsers make them. */
export function bare(settings: SettingMap): SettingMap {
  return Object.assign(emptySettings(), settings);
}
