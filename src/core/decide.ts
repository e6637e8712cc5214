import type { Change } from '../model/change.ts';
import { valueOf } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { ProductProgress } from '../model/journal.ts';
import type { Held, ModeChoice } from '../model/plan.ts';
import type { ProductSpec } from '../model/state.ts';
import { decideProduct } from './decide-product.ts';
import { decideRemoval } from './decide-removal.ts';
import type { ProductContext } from './deeds.ts';
import { dependencyOrder } from './dependencies.ts';
import type { States } from './diff.ts';
import { isModeUnread } from './hold.ts';
import { link, type Decision } from './link.ts';
import { NO_PROGRESS } from './progress.ts';
import { routeBy, type ModeRoute } from './route.ts';

/** What a decision rests on, beside the states. */
export interface ToDecide {
  /** What is to be acted on. */
  readonly changes: readonly Change[];
  readonly held: readonly Held[];
  /** How far the server's mode goes along. */
  readonly mode: ModeChoice;
  /** True where only some products are planned. */
  readonly partial: boolean;
}

/** Turns changes into actions: products in dependency order, the server's mode before or after them as its route says. */
export function decide(states: States, { changes, held, mode, partial }: ToDecide): Decision {
  if (isModeUnread(changes)) return { actions: [], verifications: [] };
  const { desired, actual } = states;
  const heldNames = new Set(held.map((each) => each.product));
  const acts = changes.some((change) => isActedOn(change) && !heldNames.has(change.product));
  const ends = { from: valueOf(actual.mode), to: desired.mode, acts };
  const route = routeBy(mode, ends, { partial });
  // Most runs: of a thousand products not one is to be gone through.
  const isMoved = route.before.length + route.after.length > 0;
  if (changes.length === 0 && !isMoved) return { actions: [], verifications: [] };
  const keepsMode = mode === 'untouched';
  const byProduct = new Map<ProductName | undefined, Change[]>();
  for (const change of changes) {
    const name = 'product' in change ? change.product : undefined;
    const own = byProduct.get(name);
    if (own === undefined) byProduct.set(name, [change]);
    else own.push(change);
  }
  const ofProduct = (name: ProductName): readonly Change[] => byProduct.get(name) ?? [];
  const again = new Set(changes.flatMap(redone));
  const progressWith = (name: ProductName): ProductProgress =>
    again.has(name) ? NO_PROGRESS : progressOf(states, name);
  const products = dependencyOrder(desired.products.values())
    .filter((name) => !heldNames.has(name))
    .flatMap((name) => contextOf(states, name, { route, keepsMode, progress: progressWith(name) }))
    .filter((context) => !isLeftMissing(context, ofProduct(context.spec.name)));
  const chains = products.map((context) => decideProduct(context, ofProduct(context.spec.name)));
  const removals = changes.flatMap((change) =>
    change.kind === 'product-unwanted'
      ? decideRemoval(states, change, { route, progress: progressWith(change.product) })
      : [],
  );
  return link({ states, route, products, chains, removals });
}

type ProductChange = Exclude<Change, { readonly kind: 'fact-unreadable' | 'mode-differs' }>;

function isActedOn(change: Change): change is ProductChange {
  return change.kind !== 'fact-unreadable' && change.kind !== 'mode-differs';
}

function redone(change: Change): readonly ProductName[] {
  return change.kind === 'redo-asked' ? [change.product] : [];
}

interface ContextOptions {
  readonly route: ModeRoute;
  readonly keepsMode: boolean;
  /** How far an earlier run came with it; nothing where it is to be done once more. */
  readonly progress: ProductProgress;
}

function contextOf(
  states: States,
  name: ProductName,
  { route, keepsMode, progress }: ContextOptions,
): readonly ProductContext[] {
  const spec = states.desired.products.get(name);
  const product = states.definition.products.get(name);
  const found = states.actual.products.get(name);
  if (spec === undefined || product === undefined || found === undefined) return [];
  return [
    {
      spec,
      product,
      found,
      root: states.definition.root,
      mode: route.during,
      works: route.during === WORKING_MODE,
      keepsMode,
      config: states.rendered.get(name),
      // Made when asked for: most products have nothing to be told.
      get settings() {
        return states.kept.get(name) ?? spec.settings;
      },
      progress,
      judged: judgedWhen(spec, route),
    },
  ];
}

function progressOf({ actual }: States, name: ProductName): ProductProgress {
  return valueOf(actual.lastRun)?.progress.get(name) ?? NO_PROGRESS;
}

// Removed by somebody, and by its drift policy not to be installed again: no script of it can be told anything.
function isLeftMissing({ spec, found }: ProductContext, changes: readonly Change[]): boolean {
  const isMissing = spec.version !== undefined && found.version.kind === 'absent';
  return isMissing && !changes.some(({ kind }) => kind === 'product-missing');
}

function judgedWhen(spec: ProductSpec, route: ModeRoute): ProductContext['judged'] {
  if (spec.heartbeats.length === 0) return 'never';
  if (route.during === WORKING_MODE) return 'after-steps';
  return route.after.at(-1) === WORKING_MODE ? 'after-mode' : 'never';
}
