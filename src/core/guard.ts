import type { Action, Blocked, Deed, Verification } from '../model/action.ts';
import type { ActionId, ProductName } from '../model/ids.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Window } from '../model/window.ts';
import type { Decision } from './link.ts';
import { windowsAt } from './window.ts';

/** What the operator allows beyond what is safe by itself, and when it is. */
export interface Allowances {
  readonly downgrades: ReadonlySet<ProductName>;
  readonly removals: ReadonlySet<ProductName>;
  /** Products whose block failed before, and stays as it was. */
  readonly quarantined: ReadonlySet<ProductName>;
  readonly changesMax: number;
  /** When disruptive actions may run; []: at any time. */
  readonly windows: readonly Window[];
  readonly now: Date;
}

/** What may be done of a decision. */
export interface Guarded {
  /** All actions; those that may not be done marked with why, and with them what waits for one of them. */
  readonly actions: readonly Action[];
  /** The verifications of what is done. */
  readonly verifications: readonly Verification[];
}

/**
 * Marks what the operator has not allowed. The server's mode does not wait for it: the product is there, as it was.
 * Only what is in quarantine and half done keeps a server from its working mode.
 */
export function guard({ actions, verifications }: Decision, allowances: Allowances): Guarded {
  const blocked = new Set<ActionId>();
  const marked: Action[] = [];
  const blockedProducts = new Set<ProductName>();
  const missing = new Set<ProductName>();
  let broken: Blocked | undefined;
  for (const each of actions) {
    const action = {
      ...each,
      dependsOn: withoutUnmade(each.dependsOn, { blocked, verifications }),
      deeds: each.deeds.map((deed) => withoutMissing(deed, missing)),
    };
    const why =
      blockedBy(action, actions.length, allowances) ??
      blockedThrough(action, blocked) ??
      notReady(action, broken);
    marked.push(why === undefined ? action : { ...action, blocked: why });
    if (why === undefined) continue;
    blocked.add(action.id);
    if (why.by === 'quarantine' && action.cause === 'retry') broken ??= why;
    if (action.product !== undefined) blockedProducts.add(action.product);
    if (action.product !== undefined && action.kind === 'provision') missing.add(action.product);
  }
  const made = verifications.filter(({ dependsOn }) => dependsOn.every((id) => !blocked.has(id)));
  return {
    actions: marked,
    // Judged with the rest, but not on record as done: what it needs was held back.
    verifications: made.map((each) =>
      blockedProducts.has(each.product) ? { ...each, deeds: [] } : each,
    ),
  };
}

function blockedBy(action: Action, changes: number, allowances: Allowances): Blocked | undefined {
  // What the decision itself knows cannot be done.
  if (action.blocked !== undefined) return action.blocked;
  const { changesMax, windows, now } = allowances;
  if (changes > changesMax) return { by: 'max-changes', changes, changesMax };
  const refused = notAllowed(action, allowances);
  if (refused !== undefined || !action.disruptive) return refused;
  const time = windowsAt(windows, now);
  if (time.open) return undefined;
  return { by: 'window', window: time.window, until: time.until.toISOString() };
}

function notAllowed(
  { kind, product }: Action,
  { downgrades, removals, quarantined }: Allowances,
): Blocked | undefined {
  if (product === undefined) return undefined;
  if (quarantined.has(product)) return { by: 'quarantine', product };
  if (kind === 'downgrade' && !downgrades.has(product)) return { by: 'downgrade', product };
  return kind === 'remove' && !removals.has(product) ? { by: 'removal', product } : undefined;
}

// What failed, was left half done, and is not tried again as it is, must not be put to work.
function notReady({ product, after }: Action, broken: Blocked | undefined): Blocked | undefined {
  return product === undefined && after['mode'] === WORKING_MODE ? broken : undefined;
}

interface BlockedSoFar {
  readonly blocked: ReadonlySet<ActionId>;
  readonly verifications: readonly Verification[];
}

// What waits for a verification that will not be made waits for the blocked actions before it instead.
function withoutUnmade(
  ids: readonly ActionId[],
  { blocked, verifications }: BlockedSoFar,
): readonly ActionId[] {
  return ids.flatMap((id) => {
    const before = verifications.find((each) => each.id === id)?.dependsOn ?? [];
    return before.some((each) => blocked.has(each)) ? before : [id];
  });
}

// A product that is not installed, and will not be now, cannot be told the mode.
function withoutMissing(deed: Deed, missing: ReadonlySet<ProductName>): Deed {
  if (deed.do !== 'run-each-script') return deed;
  return { ...deed, runs: deed.runs.filter((run) => !missing.has(run.product)) };
}

function blockedThrough(action: Action, blocked: ReadonlySet<ActionId>): Blocked | undefined {
  if (action.product === undefined) return undefined;
  const on = action.dependsOn.find((id) => blocked.has(id));
  return on === undefined ? undefined : { by: 'dependency', on };
}
