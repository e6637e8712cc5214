import type { Journal } from '../apply/journal.ts';
import { countsAgainst, productsOf, type Faults } from '../apply/faults.ts';
import type { States } from '../core/diff.ts';
import { diff, everythingAllowed, makePlan, type PlanChoices } from '../core/plan.ts';
import { leftAlone } from '../core/left-alone.ts';
import { planBody } from '../core/render/plan-json.ts';
import { failpoint } from '../host/failpoint.ts';
import { WHOLE, type ModeChoice, type Plan, type Selection } from '../model/plan.ts';
import { absent, valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { showProbe } from '../model/heartbeat.ts';
import type { Generation } from '../model/generation.ts';
import type { ProductName, Version } from '../model/ids.ts';
import { act, type Acted } from './act.ts';
import { blamed, dependents } from './blame.ts';
import { loadGeneration } from './generations.ts';
import type { Baseline, Earlier } from './health.ts';
import { isPartialRun, type HeldRun } from './held-run.ts';
import type { Written } from './load.ts';
import { lookAtStates, type LookContext } from './look.ts';
import type { Planned } from './planning.ts';
import { quarantine } from './quarantine.ts';

/** What a rollback needs of the run that failed. */
export interface Failing {
  readonly look: LookContext;
  readonly journal: Journal;
  /** How the run began; undefined where that was an earlier one. */
  readonly began: (Pick<Planned, 'plan' | 'states'> & { readonly baseline: Baseline }) | undefined;
}

/** Where a rollback leads, and why. */
export interface WayBack {
  readonly target: Generation;
  readonly faults: Faults;
  /** What is taken back; null: everything. Undefined: as the policy says. */
  readonly products: readonly ProductName[] | null | undefined;
}

/** What came of a rollback. */
export type RollbackEnd =
  | { readonly how: 'done'; readonly failure: Failure }
  /** Nothing was changed by it: the reason, where there is one beside "nothing good is on record". */
  | { readonly how: 'impossible'; readonly failures: readonly Failure[] }
  | { readonly how: 'failed'; readonly failures: readonly Failure[] };

/** The failures of a run, those of heartbeats that came with its wish counted against it: what was never asked of the old state could not fail before, but for what was found dead. */
export async function recounted(
  { host, request }: HeldRun,
  failures: readonly Failure[],
  { target, plan }: { readonly target: Generation | undefined; readonly plan: Plan | undefined },
): Promise<readonly Failure[]> {
  if (target === undefined || failures.every(countsAgainst)) return failures;
  const past = await loadGeneration(host, request.site, target);
  if (!past.ok) return failures;
  const { products } = past.value.desired;
  const judged = plan?.verifications ?? [];
  const wereDead = new Set(judged.flatMap((each) => (each.wasFailing ? [each.product] : [])));
  return failures.map((failure) => {
    if (failure.code !== 'verify-failed' || wereDead.has(failure.product)) return failure;
    const asked = products.get(failure.product)?.heartbeats ?? [];
    const isOld = asked.some(({ probe }) => showProbe(probe) === failure.heartbeat);
    return { ...failure, wasFailing: failure.wasFailing && isOld };
  });
}

/**
 * Takes back what a run changed, to a good generation, through the same plan and apply, verified in turn, once. What failed is in
 * quarantine before the first step; the journal knows of it, so that a run after a crash goes on with it.
 */
export async function rollBack(
  run: HeldRun,
  { target, products: asked, faults }: WayBack,
  { look, journal, began }: Failing,
): Promise<RollbackEnd> {
  const { host, request, emit } = run;
  const past = await loadGeneration(host, request.site, target);
  if (!past.ok) return { how: 'impossible', failures: [past.error] };
  const products = asked === undefined ? takenBack(run, past.value, faults) : asked;
  const written = wanted(run, past.value, { products, began });
  const found = await lookAtStates(host, written, look);
  const states = withoutNewcomers(run, found, began);
  const choices: PlanChoices = {
    allow: everythingAllowed(states),
    selection: selectionOf(run),
    mode: modeOf(run),
  };
  const plan = makePlan(states, choices);
  if (isOneWay(plan, run, past.value)) return { how: 'impossible', failures: [] };
  const generation = target.number;
  const back = { generation, products, faults: [...faults] };
  const begun = await journal.note({ type: 'rollback', state: 'begun', ...back });
  if (!begun.ok) return { how: 'impossible', failures: [begun.error] };
  failpoint('rollback.begun');
  // Only now: in quarantine, and not on its way back, what failed would stay half done.
  const reasons = blamed(run, past.value, faults);
  const { runId } = request;
  const kept = quarantine(host, run.written, { root: request.site.root, runId, reasons });
  if (!kept.ok) return { how: 'impossible', failures: [kept.error] };
  const body = planBody(plan, { findings: [], originOf: undefined });
  emit({ type: 'rollback.started', generation, body });
  const startedMs = host.clock.monotonicMs();
  const acted = await act(run, {
    written,
    states,
    plan,
    choices,
    look,
    journal,
    // One product that cannot be taken back is no reason to leave the others as they are.
    onFailure: 'continue',
    spareServer: true,
    earlier: earlier(run, past.value, began),
  });
  const left = notRemoved(run, plan, found);
  // What cannot be looked at was left as it is: nobody can say that it is back.
  const unread = leftAlone(plan).filter(({ code }) => code === 'facts-unreadable');
  const verified = unread.length === 0 && (await isVerified(run, acted, { written, look, left }));
  const durationMs = host.clock.monotonicMs() - startedMs;
  emit({ type: 'rollback.completed', generation, verified, durationMs });
  if (!verified) return { how: 'failed', failures: [...acted.report.failures, ...unread] };
  return {
    how: 'done',
    failure: { code: 'rolled-back', generation, products: [...reasons.keys()], left },
  };
}

// With `continue` only what failed, and what depends on it; but a mode is a matter of all products.
function takenBack(
  { request, written }: HeldRun,
  past: Written,
  faults: Faults,
): readonly ProductName[] | null {
  const { desired } = written;
  const policy = request.onFailure ?? desired.policy.onFailure;
  if (policy !== 'continue' || past.desired.mode !== desired.mode) return null;
  const names = dependents(desired, [...faults.keys()]);
  return names.length === 0 ? null : names;
}

interface Wanted extends Pick<Failing, 'began'> {
  readonly products: WayBack['products'] & (readonly ProductName[] | null);
}

// What is not taken back stays as it is wished now; and what was held back in the run still is.
function wanted({ written }: HeldRun, past: Written, { products: back, began }: Wanted): Written {
  if (back === null) return past;
  const { desired, expected, rendered } = written;
  const held = new Set(
    began?.plan.actions.flatMap(({ blocked, product }) => (blocked && product) ?? []),
  );
  const names = new Set(back);
  const products = new Map(
    [...desired.products]
      .filter(([name]) => !names.has(name))
      .map(([name, spec]) => [name, held.has(name) ? { ...spec, suspend: true } : spec]),
  );
  const texts = new Map([...rendered].filter(([name]) => !names.has(name)));
  for (const name of back) {
    const [spec, text] = [past.desired.products.get(name), past.rendered.get(name)];
    if (spec !== undefined) products.set(name, spec);
    if (text !== undefined) texts.set(name, text);
  }
  const stay = new Map([...expected].filter(([name]) => !names.has(name)));
  return { ...written, desired: { ...desired, products }, rendered: texts, expected: stay };
}

// What the run left out by choice is none of its business on the way back either.
function selectionOf({ request }: HeldRun): Selection {
  const { asked } = request;
  if (asked === 'everything' || !isPartialRun(request)) return WHOLE;
  return { ...asked.selection, redo: [] };
}

// A mode that the run left alone is none of the way back's business either.
function modeOf({ request: { asked } }: HeldRun): ModeChoice {
  return asked !== 'everything' && asked.mode === 'untouched' ? 'untouched' : 'wished';
}

// Of what is on record and not in the generation, only what this run brought is taken away again.
function withoutNewcomers({ written }: HeldRun, states: States, began: Failing['began']): States {
  const { actual, desired } = states;
  const isNew = (name: ProductName): boolean =>
    written.desired.products.has(name) &&
    (began === undefined || began.states.actual.products.get(name)?.version.kind === 'absent');
  const leftovers = new Map([...actual.leftovers].filter(([name]) => isNew(name)));
  const policy = { ...desired.policy, prune: true };
  return { ...states, actual: { ...actual, leftovers }, desired: { ...desired, policy } };
}

// Settings may be taken back all the same.
function isOneWay({ actions }: Plan, { written }: HeldRun, past: Written): boolean {
  return actions.some(({ kind, product: name, before, after }) => {
    if ((kind !== 'upgrade' && kind !== 'downgrade') || name === undefined) return false;
    if (written.definition.products.get(name)?.rollback !== false) return false;
    const [now, then] = [written.desired, past.desired].map(({ products }) => products.get(name));
    return before['version'] !== after['version'] || now?.version !== then?.version;
  });
}

function earlier({ written }: HeldRun, past: Written, began: Failing['began']): Earlier {
  const versionThen = (name: ProductName): Version | undefined =>
    past.desired.products.get(name)?.version;
  const specs = [...written.desired.products.values()];
  const same = specs.filter(({ name, version }) => version === versionThen(name));
  const sameVersion = new Set(same.map(({ name }) => name));
  if (began === undefined) return { failing: new Set(), processes: [], sameVersion };
  const { states, plan, baseline } = began;
  const wasThere = (name: ProductName): boolean => {
    const version = valueOf(states.actual.products.get(name)?.version ?? absent);
    return version !== undefined && version === versionThen(name);
  };
  const judged = plan.verifications.filter(({ product }) => wasThere(product));
  return {
    failing: new Set([...baseline.failing].map(({ probe }) => showProbe(probe))),
    processes: judged.flatMap(({ heartbeats }) =>
      heartbeats.flatMap((each) => baseline.processes.get(each) ?? []),
    ),
    sameVersion,
  };
}

// What the run changed, and the generation does not know: unless it was removed it stays as it is.
function notRemoved(
  { written }: HeldRun,
  { actions }: Plan,
  { actual }: States,
): readonly ProductName[] {
  const removed = new Set(
    actions.flatMap(({ kind, blocked, product }) =>
      kind === 'remove' && blocked === undefined ? [product] : [],
    ),
  );
  const names = [...actual.leftovers.keys()].filter((name) => written.desired.products.has(name));
  return names.filter((name) => !removed.has(name));
}

interface ToVerify extends Pick<Failing, 'look'> {
  readonly written: Written;
  readonly left: readonly ProductName[];
}

// What failed before the run still may; all else must be as it was.
async function isVerified(
  { host }: HeldRun,
  { report, proven }: Acted,
  { written, look, left }: ToVerify,
): Promise<boolean> {
  if (report.failures.some(countsAgainst)) return false;
  if (report.failures.length === 0) return proven !== undefined;
  const excused = new Set<ProductName | undefined>([
    ...report.failures.flatMap(productsOf),
    ...left,
  ]);
  const changes = diff(await lookAtStates(host, written, look));
  return changes.every((change) => 'product' in change && excused.has(change.product));
}
