import type { Action, Reason, ScriptRun, Verification } from '../model/action.ts';
import { valueOf } from '../model/fact.ts';
import { actionId, type ActionId, type ProductName } from '../model/ids.ts';
import { WORKING_MODE, type DesiredMode, type ServerMode } from '../model/mode.ts';
import type { ProductActions } from './decide-product.ts';
import { modeRun, type ProductContext } from './deeds.ts';
import { dependencyOrder } from './dependencies.ts';
import { interruptedBy } from './done.ts';
import type { States } from './diff.ts';
import type { ModeRoute } from './route.ts';

/** What is to be done about the changes, in a legal order. */
export interface Decision {
  readonly actions: readonly Action[];
  readonly verifications: readonly Verification[];
}

interface Unlinked {
  readonly states: States;
  readonly route: ModeRoute;
  readonly products: readonly ProductContext[];
  readonly chains: readonly ProductActions[];
  readonly removals: readonly Action[];
}

/** Fixes what waits for what: a product for its dependencies' last step, removals for all products, the mode for all of them or they for it. */
export function link({ states, route, products, chains, removals }: Unlinked): Decision {
  // What is not installed yet has nothing to stop; its provision is told the new mode.
  const isNew = new Set(
    chains
      .filter(({ actions }) => actions.some(({ kind }) => kind === 'provision'))
      .map(({ name }) => name),
  );
  const installed = products.filter(({ spec }) => !isNew.has(spec.name));
  const touched = new Set(
    chains.filter(({ actions }) => actions.length > 0).map(({ name }) => name),
  );
  const found = valueOf(states.actual.mode) ?? 'unprovisioned';
  const before = modeActions({
    products: installed,
    from: found,
    modes: route.before,
    after: [],
    // Told to stop before anything is done to it, a product is told so once.
    touched: new Set(),
  });
  const lastBefore = before.at(-1)?.id;
  const barrier = lastBefore === undefined ? [] : [lastBefore];
  // What a product's dependents wait for: its own end or, where it needs nothing, what it would have waited for itself.
  const waitedFor = new Map<ProductName, readonly ActionId[]>();
  const ends: ActionId[] = [];
  const linkedChains: Action[] = [];
  const verifications: Verification[] = [];
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  for (const name of dependencyOrder(states.desired.products.values())) {
    const { dependsOn = [] } = states.desired.products.get(name) ?? {};
    const waits = [...new Set(dependsOn.flatMap((other) => waitedFor.get(other) ?? []))];
    const linked = linkChain(byName.get(name), [...barrier, ...waits]);
    linkedChains.push(...linked.actions);
    verifications.push(...linked.verifications);
    const { end } = linked;
    if (end !== undefined) ends.push(end);
    waitedFor.set(name, end === undefined ? waits : [end]);
  }
  // What is no longer wished for may still be in use until those who used it were changed.
  const removed = removals.map((removal) => ({ ...removal, dependsOn: [...barrier, ...ends] }));
  const after = modeActions({
    products,
    from: route.before.at(-1) ?? found,
    modes: route.after,
    after: [...barrier, ...ends, ...removed.map(({ id }) => id)],
    touched,
  });
  return {
    actions: [...before, ...linkedChains, ...removed, ...after],
    verifications: [
      ...verifications,
      ...verificationsAfterMode({ products, chains, route, last: after.at(-1)?.id }),
    ],
  };
}

interface LinkedChain extends Decision {
  /** What others wait for; undefined where the product needs nothing. */
  readonly end: ActionId | undefined;
}

// One after the other; each judgement after what it judges.
function linkChain(chain: ProductActions | undefined, first: readonly ActionId[]): LinkedChain {
  const { actions = [], verification, restart } = chain ?? {};
  const linked: Action[] = [];
  const verifications: Verification[] = [];
  let previous = first;
  if (restart !== undefined) {
    const { action, verification: alive } = restart;
    linked.push({ ...action, dependsOn: previous });
    verifications.push({ ...alive, dependsOn: [action.id] });
    previous = [alive.id];
  }
  for (const action of actions) {
    linked.push({ ...action, dependsOn: previous });
    previous = [action.id];
  }
  if (verification !== undefined) verifications.push({ ...verification, dependsOn: previous });
  const end = verification?.id ?? actions.at(-1)?.id ?? restart?.verification.id;
  return { actions: linked, verifications, end };
}

interface ModeActions {
  readonly products: readonly ProductContext[];
  /** What server-mode reads before. */
  readonly from: ServerMode;
  readonly modes: ModeRoute['before'];
  readonly after: readonly ActionId[];
  /** Products that this plan changes, and which must be told the mode after it. */
  readonly touched: ReadonlySet<ProductName>;
}

function modeActions({
  products,
  from: found,
  modes,
  after,
  touched,
}: ModeActions): readonly Action[] {
  const actions: Action[] = [];
  let from = found;
  let previous = after;
  for (const mode of modes) {
    const id = actionId('server', `mode-${mode}`);
    const runs = mode === 'provisioning' ? [] : modeScripts({ products, touched }, mode);
    const reason: Reason = isFirst(from) ? 'first-apply' : 'mode-differs';
    actions.push({
      id,
      kind: 'mode',
      product: undefined,
      before: { mode: from },
      after: { mode },
      reason,
      cause: from === 'invalid' || from === 'mode-updating' ? 'retry' : 'spec',
      certainty: runs.length === 0 ? 'exact' : 'opaque',
      dependsOn: previous,
      undo: undefined,
      blocked: interruptedModes(products, runs),
      // Nobody is served before the server works.
      disruptive: from === WORKING_MODE,
      deeds:
        runs.length === 0
          ? [{ do: 'record-mode', mode }]
          : [
              { do: 'record-mode', mode: 'mode-updating' },
              { do: 'run-each-script', runs },
              { do: 'record-mode', mode },
            ],
    });
    from = mode;
    previous = [id];
  }
  return actions;
}

function interruptedModes(
  products: readonly ProductContext[],
  runs: readonly ScriptRun[],
): Action['blocked'] {
  const blocked = products.map((context) =>
    interruptedBy(
      context,
      runs.filter((run) => run.product === context.spec.name),
    ),
  );
  return blocked.find((each) => each !== undefined);
}

function isFirst(mode: ServerMode): boolean {
  return mode === 'unprovisioned' || mode === 'provisioning';
}

// In dependency order on the way in, in reverse on the way out. Who was told before a run was interrupted need not be told again.
function modeScripts(
  { products, touched }: Pick<ModeActions, 'products' | 'touched'>,
  mode: DesiredMode,
): readonly ScriptRun[] {
  const runs = products
    .filter(({ product }) => product.scripts.has('mode'))
    .filter(({ spec, progress }) => touched.has(spec.name) || progress.done.mode !== mode)
    .map((context) => modeRun(context, mode));
  return mode === WORKING_MODE ? runs : runs.toReversed();
}

interface AfterMode {
  readonly products: readonly ProductContext[];
  readonly chains: readonly ProductActions[];
  readonly route: ModeRoute;
  readonly last: ActionId | undefined;
}

// Once the server works, every product that has heartbeats is judged, changed by this plan or not.
function verificationsAfterMode({
  products,
  chains,
  route,
  last,
}: AfterMode): readonly Verification[] {
  if (last === undefined || route.after.at(-1) !== WORKING_MODE) return [];
  return products
    .filter(({ spec }) => spec.heartbeats.length > 0)
    .map(({ spec }) => {
      const isTouched = chains.some(
        (chain) => chain.name === spec.name && chain.actions.length > 0,
      );
      return {
        id: actionId(spec.name, 'verify'),
        product: spec.name,
        heartbeats: spec.heartbeats,
        newProcess: isStopped(chains.find((chain) => chain.name === spec.name)),
        wasFailing: false,
        dependsOn: [last],
        deeds: isTouched ? [{ do: 'record-product', product: spec.name, status: 'valid' }] : [],
      } satisfies Verification;
    });
}

// A product that was told to stop before it is started again must answer as a new process.
function isStopped(chain: ProductActions | undefined): boolean {
  return (chain?.actions ?? []).some((action) =>
    action.deeds.some((deed) => deed.do === 'run-script' && deed.run.kind === 'mode'),
  );
}
