import type { Action, Deed, ScriptRun } from '../model/action.ts';
import type { Change } from '../model/change.ts';
import type { ProductContext } from './deeds.ts';
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
function isDone(
  { progress, found }: ProductContext,
  run: ScriptRun,
  changes: readonly Change[],
): boolean {
  if (progress.done[run.kind] !== run.key) return false;
  switch (run.kind) {
    case 'provision':
    case 'upgrade':
      return !found.probed || find(changes, 'version-differs') === undefined;
    case 'set':
    case 'reload':
      return (
        findAll(changes, 'setting-differs').length === 0 &&
        find(changes, 'config-differs') === undefined
      );
    case 'mode':
    case 'remove':
      return true;
    case 'probe':
    case 'test':
      return false;
  }
}

/** Why scripts may not be run: one of them was interrupted, and must not be run twice. */
export function interruptedBy(
  { spec, product, progress }: ProductContext,
  runs: readonly ScriptRun[],
): Action['blocked'] {
  const { open } = progress;
  if (open === undefined || product.idempotent) return undefined;
  const isAgain = runs.some(({ kind }) => kind === open.script);
  return isAgain ? { by: 'interrupted', product: spec.name, script: open.script } : undefined;
}

/** The scripts that a deed runs. */
export function runsOf(deed: Deed): readonly ScriptRun[] {
  if (deed.do === 'run-script') return [deed.run];
  return deed.do === 'run-each-script' ? deed.runs : [];
}
