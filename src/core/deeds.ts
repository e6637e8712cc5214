import type { Deed, ScriptRun } from '../model/action.ts';
import type { ProductDefinition, ScriptKind } from '../model/definition.ts';
import { valueOf } from '../model/fact.ts';
import { hostPath, type HostPath, type Version } from '../model/ids.ts';
import type { ProductProgress } from '../model/journal.ts';
import type { ServerMode } from '../model/mode.ts';
import type { SettingChange, SettingMap } from '../model/settings.ts';
import type { ActualProduct, ProductSpec } from '../model/state.ts';
import type { Rendered } from './diff.ts';

/** All that is known of one product when its actions are decided. */
export interface ProductContext {
  readonly spec: ProductSpec;
  readonly product: ProductDefinition;
  readonly found: ActualProduct;
  readonly root: string;
  /** What server-mode reads while the actions run. */
  readonly mode: ServerMode;
  /** True where that is the working mode. */
  readonly works: boolean;
  /** True where a version is all that was asked for: no mode-script is begun that is not left from before. */
  readonly keepsMode: boolean;
  /** The config file as it is to be; undefined where it is left alone. */
  readonly config: Rendered | undefined;
  /** The settings as they are to be on the server; undefined where they are not managed. */
  readonly settings: SettingMap | undefined;
  /** How far an earlier run came with it. */
  readonly progress: ProductProgress;
  /** When the product's heartbeats gate: after its own steps, after the server's last mode step, or not at all. */
  readonly judged: 'after-steps' | 'after-mode' | 'never';
}

// How a script is called, and what tells that call from others.
interface ScriptCall {
  readonly args: readonly string[];
  readonly key: string;
  readonly stdin?: string;
}

// Asking for a script that the product does not have is a bug.
function scriptRun(
  { spec, product, root }: Pick<ProductContext, 'spec' | 'product' | 'root'>,
  kind: ScriptKind,
  { args, key, stdin }: ScriptCall,
): ScriptRun {
  const script = product.scripts.get(kind);
  if (script === undefined) throw new Error(`${spec.name} has no ${kind}-script`);
  return {
    product: spec.name,
    kind,
    path: hostPath(root, script.path),
    args,
    stdin,
    timeoutMs: product.timeoutMs,
    key,
    wasFailing: false,
  };
}

/** Tells a product's mode-script the mode. */
export function modeRun(context: ProductContext, mode: ServerMode): ScriptRun {
  return scriptRun(context, 'mode', { args: [mode], key: mode });
}

/** What tells the way to one version from the way to another; the mode in which it is gone is none of it. */
export function versionKey({ spec, found }: ProductContext, to: Version): string {
  return JSON.stringify([repositoryOf(spec, found), to]);
}

function repositoryOf(
  spec: ProductContext['spec'],
  { repository }: ProductContext['found'],
): string {
  return spec.repository ?? valueOf(repository) ?? '';
}

/** Brings a product to a version: by its script where it has one, by recording it where a version is only a record. */
export function scriptDeeds(
  context: ProductContext,
  kind: 'provision' | 'upgrade',
  to: Version,
): readonly Deed[] {
  const { spec, product, found, mode } = context;
  const repository = repositoryOf(spec, found);
  const call = { args: [repository, to, mode], key: versionKey(context, to) };
  const runs: readonly Deed[] = product.scripts.has(kind)
    ? [{ do: 'run-script', run: scriptRun(context, kind, call) }]
    : [];
  return [
    { do: 'record-product', product: spec.name, status: 'upgrading' },
    ...runs,
    // Only now: a version on record means that its script ended well.
    { do: 'record-product', product: spec.name, version: to, repository },
  ];
}

/** Puts the config file in place, accepted by its check first; nothing where bootstrap leaves the file alone. */
export function configDeeds({ spec, product, root, config }: ProductContext): readonly Deed[] {
  if (product.config === undefined || config === undefined) return [];
  const { text, digest } = config;
  const path: HostPath = hostPath(root, product.config.path);
  const { check, format, access } = product.config;
  const checks: readonly Deed[] =
    check === undefined
      ? []
      : [
          {
            do: 'check-config',
            product: spec.name,
            path,
            text,
            format,
            argv: check,
            timeoutMs: product.timeoutMs,
          },
        ];
  return [
    ...checks,
    { do: 'record-product', product: spec.name, status: 'upgrading' },
    { do: 'write-config', product: spec.name, path, text, format, access },
    { do: 'record-product', product: spec.name, configDigest: digest },
  ];
}

/** Gives the config file its owner, group and mode anew, its text being what it is to be already. */
export function accessDeeds(context: ProductContext): readonly Deed[] {
  return configDeeds(context).filter((deed) => deed.do !== 'check-config');
}

/** Tells the set-script what changed, and records the settings as applied. */
export function settingsDeeds(
  context: ProductContext,
  changed: readonly SettingChange[],
): readonly Deed[] {
  const { spec, product, settings } = context;
  if (spec.settings === undefined || settings === undefined) return [];
  const names =
    changed.length > 0 ? changed.map((change) => change.path.join('.')) : Object.keys(settings);
  const stdin = `${JSON.stringify({ settings, changed: names })}\n`;
  const runs: readonly Deed[] = product.scripts.has('set')
    ? [
        { do: 'record-product', product: spec.name, status: 'upgrading' },
        {
          do: 'run-script',
          run: scriptRun(context, 'set', { args: names, key: JSON.stringify(settings), stdin }),
        },
      ]
    : [];
  // As declared: what somebody else set and is left in stays known as theirs.
  return [...runs, { do: 'record-product', product: spec.name, settings: spec.settings }];
}

/** Makes the running product read its config file again; nothing where it has no reload-script or bootstrap leaves the file alone. */
export function reloadDeeds(context: ProductContext): readonly Deed[] {
  if (context.config === undefined || !context.product.scripts.has('reload')) return [];
  if (!context.works) return stopDeeds(context);
  const call = { args: [], key: context.config.digest };
  return [{ do: 'run-script', run: scriptRun(context, 'reload', call) }];
}

/**
 * Stops a product where the mode does not tell whether it runs: after a failed run it may, with its old program and settings,
 * and the working mode, which is still to come, would leave a running process as it is. Nothing in every other mode, and where no mode comes.
 */
export function stopDeeds(context: ProductContext): readonly Deed[] {
  if (context.keepsMode) return [];
  if (context.mode !== 'invalid' && context.mode !== 'mode-updating') return [];
  if (!context.product.scripts.has('mode')) return [];
  return [{ do: 'run-script', run: modeRun(context, 'idle') }];
}
