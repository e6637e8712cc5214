import type { ConfigAccess } from './definition.ts';
import type { Fact } from './fact.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { ProductName, Version } from './ids.ts';
import type { DesiredMode, ProductStatus, ServerMode } from './mode.ts';
import type { SettingMap } from './settings.ts';

/** What to do when a step or its verification fails. */
export type OnFailure = 'rollback' | 'stop' | 'continue';

/** What is wanted of one product, every default filled in. */
export interface ProductSpec {
  readonly name: ProductName;
  /** Undefined: the version is not managed. */
  readonly version: Version | undefined;
  /** Undefined: whatever is recorded stays. */
  readonly repository: string | undefined;
  /** Undefined: the product keeps its settings (a template is still rendered). */
  readonly settings: SettingMap | undefined;
  /** What the file and bootstrap.ini say together, by name. */
  readonly dependsOn: readonly ProductName[];
  readonly heartbeats: readonly Heartbeat[];
  readonly protect: boolean;
  readonly suspend: boolean;
}

/** Where the outcome of a run is reported: the old tool's GET with query parameters. */
export interface CallbackTarget {
  readonly url: string;
}

/** The state a server is to be in: total, so that nothing behind the door fills in a default. */
export interface DesiredState {
  /** The digest of the files it was read from. */
  readonly revision: string;
  readonly files: readonly string[];
  readonly mode: DesiredMode;
  readonly products: ReadonlyMap<ProductName, ProductSpec>;
  readonly policy: { readonly onFailure: OnFailure; readonly maxChanges: number };
  readonly callbacks: readonly CallbackTarget[];
}

/** What was found of one product. */
export interface ActualProduct {
  /** What the probe-script says, else what is recorded. */
  readonly version: Fact<Version>;
  /** True where the probe-script answered: the version is known, not remembered. */
  readonly probed: boolean;
  readonly recordedVersion: Fact<Version>;
  readonly repository: Fact<string>;
  readonly status: Fact<ProductStatus>;
  readonly lastMessage: Fact<string>;
  /** The settings of the last apply, as recorded. */
  readonly applied: Fact<SettingMap>;
  /** The settings in force: read back from the config file or told by the probe-script, else those recorded. */
  readonly settings: Fact<SettingMap>;
  /** The config file as it stands; absent also where the product has none. */
  readonly configText: Fact<string>;
  /** Of the config file as it stands, what bootstrap.ini declares, in its words where they are true. */
  readonly configAccess: Fact<ConfigAccess>;
}

/** One dated look at the server; it may be stale a moment later. */
export interface ActualState {
  readonly readAt: Date;
  readonly mode: Fact<ServerMode>;
  readonly lastMessage: Fact<string>;
  readonly products: ReadonlyMap<ProductName, ActualProduct>;
}
