import type { Cause } from './change.ts';
import type { ConfigAccess, ConfigFormat, ScriptKind } from './definition.ts';
import type { DurationMs } from './duration.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { ActionId, HostPath, ProductName, Version } from './ids.ts';
import type { ProductStatus, ServerMode } from './mode.ts';
import type { SettingMap } from './settings.ts';

/** The kinds of action, in the words of the plan (CONTRACT 4.1). */
export const ACTION_KINDS = ['provision', 'upgrade', 'downgrade', 'set', 'mode', 'remove'] as const;
/** What an action does, as plan and counts name it. */
export type ActionKind = (typeof ACTION_KINDS)[number];

/** One script run, with nothing left to decide. */
export interface ScriptRun {
  readonly product: ProductName;
  readonly kind: ScriptKind;
  readonly path: HostPath;
  readonly args: readonly string[];
  readonly stdin: string | undefined;
  readonly timeoutMs: DurationMs;
  /** Two runs of a script with one key lead to the same: what was done with it need not be done again. */
  readonly key: string;
  /** The product is known not to work before it: that the script fails is no news. */
  readonly wasFailing: boolean;
}

/** What an action does, one thing after the other. */
export type Deed =
  | { readonly do: 'run-script'; readonly run: ScriptRun }
  /** All are run, in this order, even if one fails. */
  | { readonly do: 'run-each-script'; readonly runs: readonly ScriptRun[] }
  /** The program must accept the text before it is put in place; `{file}` stands for the file to look at. */
  | {
      readonly do: 'check-config';
      readonly product: ProductName;
      readonly path: HostPath;
      readonly text: string;
      readonly format: ConfigFormat;
      readonly argv: readonly string[];
      readonly timeoutMs: DurationMs;
    }
  | {
      readonly do: 'write-config';
      readonly product: ProductName;
      readonly path: HostPath;
      readonly text: string;
      /** Says how a secret's value stands in the text. */
      readonly format: ConfigFormat;
      readonly access: ConfigAccess;
    }
  | {
      readonly do: 'record-product';
      readonly product: ProductName;
      readonly version?: Version;
      readonly repository?: string;
      readonly status?: ProductStatus;
      readonly settings?: SettingMap;
      /** The digest of the config file's text, secrets as references. */
      readonly configDigest?: string;
      readonly protect?: boolean;
    }
  /** On record before the script that restarts a dead product: a crash in it must not lose the count. */
  | { readonly do: 'count-restart'; readonly product: ProductName }
  | { readonly do: 'remove-config'; readonly product: ProductName; readonly path: HostPath }
  /** Nothing is on record of the product any more. */
  | { readonly do: 'forget-product'; readonly product: ProductName }
  | { readonly do: 'record-mode'; readonly mode: ServerMode };

/** How far a plan line can be relied on: `opaque` means that a script decides. */
export type Certainty = 'exact' | 'predicted' | 'opaque';

/** Why an action is in the plan. */
export type Reason =
  | 'not-installed'
  | 'version-differs'
  | 'repository-differs'
  | 'settings-differ'
  | 'config-missing'
  | 'config-differs'
  | 'config-access-differs'
  | 'unfinished'
  | 'left-invalid'
  | 'first-apply'
  | 'mode-differs'
  | 'joins-working-server'
  | 'not-in-file'
  | 'protection-differs'
  | 'redo'
  | 'found-dead';

/** Why an action is shown but not done. */
export type Blocked =
  | { readonly by: 'downgrade'; readonly product: ProductName }
  | { readonly by: 'removal'; readonly product: ProductName }
  | { readonly by: 'protection'; readonly product: ProductName }
  /** Its product was installed by a script, and no script removes it. */
  | { readonly by: 'no-remove-script'; readonly product: ProductName }
  /** It failed as it is wished here, and was taken back. */
  | { readonly by: 'quarantine'; readonly product: ProductName }
  /** It was interrupted, and bootstrap.ini says that it must not be run twice. */
  | { readonly by: 'interrupted'; readonly product: ProductName; readonly script: ScriptKind }
  /** Disruptive, and not its time: `until` is when the window opens, in ISO 8601. */
  | { readonly by: 'window'; readonly window: string; readonly until: string }
  | { readonly by: 'max-changes'; readonly changes: number; readonly changesMax: number }
  | { readonly by: 'dependency'; readonly on: ActionId };

/** A value before or after an action, as the plan shows it. */
export type Shown = Readonly<Record<string, SettingMap[string] | null>>;

/** One step to take, pointing back to why. Ids, order and deeds are fixed when the plan is made. */
export interface Action {
  readonly id: ActionId;
  readonly kind: ActionKind;
  /** Undefined where the action is the server's. */
  readonly product: ProductName | undefined;
  readonly before: Shown;
  readonly after: Shown;
  readonly reason: Reason;
  readonly cause: Cause;
  readonly certainty: Certainty;
  readonly dependsOn: readonly ActionId[];
  /** How it could be taken back, in words; undefined where it cannot. */
  readonly undo: string | undefined;
  readonly blocked: Blocked | undefined;
  readonly disruptive: boolean;
  readonly deeds: readonly Deed[];
}

/** A product's heartbeats, to be judged once the actions it waits for are done. */
export interface Verification {
  readonly id: ActionId;
  readonly product: ProductName;
  readonly heartbeats: readonly Heartbeat[];
  /** Only a process other than the one before the apply counts. */
  readonly newProcess: boolean;
  /** The product is known not to work before the apply, whatever a single look at it says. */
  readonly wasFailing: boolean;
  readonly dependsOn: readonly ActionId[];
  /** What is recorded once all heartbeats have passed. */
  readonly deeds: readonly Deed[];
}
