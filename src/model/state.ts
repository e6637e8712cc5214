import type { ConfigAccess } from './definition.ts';
import type { Fact } from './fact.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { LastRun } from './journal.ts';
import type { ProductName, Version } from './ids.ts';
import type { DesiredMode, ProductStatus, ServerMode } from './mode.ts';
import type { Secret } from './secret.ts';
import type { SettingMap } from './settings.ts';
import type { DriftWord } from './document.ts';
import type { Window } from './window.ts';

/** What to do when a step or its verification fails. */
export type OnFailure = 'rollback' | 'stop' | 'continue';

/** What to do about drift, by setting; a word for a setting is also that of what is in it. */
export interface DriftPolicy {
  /** By path, such as `tls.key`. */
  readonly settings: ReadonlyMap<string, DriftWord>;
  /** For every other setting, and for what is no setting: version, config file, its access. */
  readonly others: DriftWord;
}

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
  readonly driftPolicy: DriftPolicy;
  readonly protect: boolean;
  readonly suspend: boolean;
}

/** Who is told how runs end, and how: a signed CloudEvents message, or the old tool's GET with query parameters. */
export interface CallbackTarget {
  readonly url: string;
  readonly format: 'cloudevents' | 'query';
  /** Where the keys are that messages are signed with; [] leaves them unsigned. */
  readonly secrets: readonly Secret[];
}

/** How much of a plan may be done, and when. */
export interface Policy {
  readonly onFailure: OnFailure;
  /** Remove what is on record and not in the file. */
  readonly prune: boolean;
  readonly maxChanges: number;
  /** When disruptive actions may run; []: at any time. */
  readonly windows: readonly Window[];
}

/** What a desired state says of itself; undefined what it does not say. */
export interface Metadata {
  readonly name: string | undefined;
  /** Grows with every edition. */
  readonly serial: number | undefined;
  /** From this moment on it is not applied from git. */
  readonly expires: Date | undefined;
  /** The only machine that it is meant for. */
  readonly machineId: string | undefined;
}

/** The state a server is to be in: total, so that nothing behind the door fills in a default. */
export interface DesiredState {
  /** The digest of the files it was read from. */
  readonly revision: string;
  readonly files: readonly string[];
  readonly metadata: Metadata;
  readonly mode: DesiredMode;
  readonly products: ReadonlyMap<ProductName, ProductSpec>;
  readonly policy: Policy;
  readonly callbacks: readonly CallbackTarget[];
}

/** A config file as bootstrap last wrote it. */
export interface WrittenConfig {
  /** The digest of its text, secrets as references. */
  readonly digest: string;
  /** Whether the file has been changed since; undefined where its secrets do not let that be told. */
  readonly edited: boolean | undefined;
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
  /** What is on record of the config file; absent where bootstrap never wrote one. */
  readonly written: Fact<WrittenConfig>;
  /** Of the config file as it stands, what bootstrap.ini declares, in its words where they are true. */
  readonly configAccess: Fact<ConfigAccess>;
  /** On record as never to be removed. */
  readonly protected: Fact<boolean>;
}

/** One dated look at the server; it may be stale a moment later. */
export interface ActualState {
  readonly readAt: Date;
  readonly mode: Fact<ServerMode>;
  readonly lastMessage: Fact<string>;
  readonly products: ReadonlyMap<ProductName, ActualProduct>;
  /** What is on record of products that were not asked about; of them no probe-script was run. */
  readonly leftovers: ReadonlyMap<ProductName, ActualProduct>;
  /** How far work came that is not finished; absent where nothing is open. */
  readonly lastRun: Fact<LastRun>;
}
