import type { Deed } from '../model/action.ts';

type Record = Extract<Deed, { readonly do: 'record-product' }>;

/**
 * The deeds of an action with as few records as tell the same, for each one waits for the disk. What a script brought is recorded before
 * anything else is done; where no script brings it, once the config file is in place: after a crash all of it still differs.
 */
export function joinRecords(deeds: readonly Deed[]): readonly Deed[] {
  const joined: Deed[] = [];
  let held: Record | undefined;
  let hasRun = false;
  let isMarked = false;
  for (const deed of deeds) {
    if (deed.do === 'record-product') {
      // Before all that it is about; once is enough.
      if (deed.status !== 'upgrading') held = { ...held, ...deed };
      else if (!isMarked) joined.push(deed);
      isMarked ||= deed.status === 'upgrading';
      continue;
    }
    const runs = deed.do === 'run-script' || deed.do === 'run-each-script';
    if (held !== undefined && (runs || hasRun)) {
      joined.push(held);
      held = undefined;
    }
    hasRun ||= runs;
    joined.push(deed);
  }
  return held === undefined ? joined : [...joined, held];
}
