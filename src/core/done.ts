import type { Action, Deed, ScriptRun } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import { versionKey, type ProductContext } from './deeds.ts';
import { find, findAll } from './draft.ts';

/**
 * An action without the scripts that an interrupted run had brought to a good end already.
 * An action that would run an interrupted script a second time, though bootstrap.ini forbids it, is blocked.
 */
export function withoutDone(
  context: ProductContext,
  action: Action,
  changes: readonly Change[],
): Action {
  const deeds = action.deeds.filter(
    (deed) => deed.do !== 'run-script' || !isDone(context, deed.run, changes),
  );
  return { ...action, deeds, blocked: interruptedBy(context, deeds.flatMap(runsOf)) };
}

// What was changed since is done again, and a probe-script that finds another version knows better.
function isDone(context: ProductContext, run: ScriptRun, changes: readonly Change[]): boolean {
  const { progress, found } = context;
  if (progress.done[run.kind] !== run.key) return false;
  switch (run.kind) {
    case 'provision':
    case 'upgrade':
      return !found.probed || find(changes, 'version-differs') === undefined;
    case 'set':
      return (
        !isBroughtFirst(context, changes) &&
        (!isReadBack(context) || findAll(changes, 'setting-differs').length === 0) &&
        find(changes, 'config-differs') === undefined
      );
    case 'reload':
      return (
        !isBroughtFirst(context, changes) &&
        findAll(changes, 'setting-differs').length === 0 &&
        find(changes, 'config-differs') === undefined
      );
    case 'mode':
      return !isBroughtFirst(context, changes);
    case 'remove':
      return true;
    case 'probe':
    case 'test':
      return false;
  }
}

// What follows a version counts no more once another one is brought, as in the journal.
function isBroughtFirst(context: ProductContext, changes: readonly Change[]): boolean {
  const { spec, progress } = context;
  if (spec.version === undefined) return false;
  const brought = progress.done.upgrade ?? progress.done.provision;
  const isThere = brought === undefined && find(changes, 'version-differs') === undefined;
  return !isThere && brought !== versionKey(context, spec.version);
}

// Else only a record tells the settings: it is written after the script, and lacks what a crash kept from it.
function isReadBack({ product, found }: ProductContext): boolean {
  const format = product.config?.format ?? 'template';
  return format !== 'template' || found.probed;
}

/** Why scripts of a product may not be run: one of them was interrupted, and must not be run twice. Until that is settled, no other one is either. */
export function interruptedBy(
  { product, progress }: Pick<ProductContext, 'product' | 'progress'>,
  runs: readonly ScriptRun[],
): Action['blocked'] {
  const { open } = progress;
  if (open === undefined || product.idempotent || runs.length === 0) return undefined;
  return { by: 'interrupted', product: product.name, script: open.script };
}

/** The scripts that a deed runs. */
export function runsOf(deed: Deed): readonly ScriptRun[] {
  if (deed.do === 'run-script') return [deed.run];
  return deed.do === 'run-each-script' ? deed.runs : [];
}
