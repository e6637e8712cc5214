import type { Journal } from '../apply/journal.ts';
import type { States } from '../core/diff.ts';
import { everythingAllowed, makePlan } from '../core/plan.ts';
import { planBody } from '../core/render/plan-json.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import { WHOLE, type Plan } from '../model/plan.ts';
import type { Failure } from '../model/failure.ts';
import type { Generation } from '../model/generation.ts';
import type { ProductName } from '../model/ids.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';
import { act } from './act.ts';
import { loadGeneration, newestGood, readGenerations } from './generations.ts';
import type { HeldRun } from './held-run.ts';
import type { Written } from './load.ts';
import { lookAtStates, type LookContext } from './look.ts';
import { blockDigest, quarantine } from './quarantine.ts';

/** What a rollback needs of the run that failed. */
export interface Failing {
  readonly look: LookContext;
  readonly journal: Journal;
  /** Why; [] where an earlier run failed, and this one only goes on with its rollback. */
  readonly failures: readonly Failure[];
}

/** What came of a rollback. */
export type RollbackEnd =
  | { readonly how: 'done'; readonly failure: Failure; readonly states: States }
  /** Nothing was changed by it: the reason, where there is one beside "nothing good is on record". */
  | { readonly how: 'impossible'; readonly failures: readonly Failure[] }
  | { readonly how: 'failed'; readonly failures: readonly Failure[] };

/** The generation that a failing run would go back to; undefined where there is none, or it is what failed. */
export function rollbackTarget({ host, request, written }: HeldRun): Generation | undefined {
  const target = newestGood(readGenerations(host.files, request.site.root));
  return target?.revision === written.desired.revision ? undefined : target;
}

/**
 * Takes back what a run changed, to a good generation, through the same plan and apply, verified in turn, once. What failed is in
 * quarantine before the first step; the journal knows of it, so that a run after a crash goes on with it.
 */
export async function rollBack(
  run: HeldRun,
  target: Generation,
  failing: Failing,
): Promise<RollbackEnd> {
  const { host, request, emit } = run;
  const { look, journal, failures } = failing;
  const past = await loadGeneration(host, request.site, target);
  if (!past.ok) return { how: 'impossible', failures: [past.error] };
  const written = wanted(run, past.value, failures);
  const failed = failedProducts(run, written.desired, failures);
  const [first] = failures;
  const kept = quarantine(host, failed, {
    root: request.site.root,
    runId: request.runId,
    reason: first === undefined ? 'an earlier run failed' : renderFailureLine(first),
  });
  if (!kept.ok) return { how: 'impossible', failures: [kept.error] };
  const generation = target.number;
  const begun = journal.note({ type: 'rollback', generation, state: 'begun' });
  if (!begun.ok) return { how: 'impossible', failures: [begun.error] };
  const states = withoutNewcomers(run, await lookAtStates(host, written, look));
  const choices = { allow: everythingAllowed(states), selection: WHOLE };
  const plan = makePlan(states, choices);
  emit({
    type: 'rollback.started',
    generation,
    body: planBody(plan, { findings: [], originOf: undefined }),
  });
  const startedMs = host.clock.monotonicMs();
  const acted = isOneWay(plan, written)
    ? undefined
    : await act(run, {
        written,
        states,
        plan,
        choices,
        look,
        journal,
        onFailure: 'stop',
        spareServer: true,
      });
  const durationMs = host.clock.monotonicMs() - startedMs;
  const verified = acted?.report.failures.length === 0 && acted.proven !== undefined;
  emit({ type: 'rollback.completed', generation, verified, durationMs });
  if (acted === undefined) return { how: 'impossible', failures: [] };
  // Begun for good or ill: it is tried once.
  if (!request.brakes.stop.aborted) journal.note({ type: 'rollback', generation, state: 'ended' });
  if (!verified || acted.proven === undefined)
    return { how: 'failed', failures: acted.report.failures };
  const products = failed.map(({ name }) => name);
  const failure: Failure = { code: 'rolled-back', generation, products };
  return { how: 'done', failure, states: acted.proven };
}

// With `continue` only what failed, and what depends on it, is taken back; the rest stays as it is wished now.
function wanted(run: HeldRun, past: Written, failures: readonly Failure[]): Written {
  const { request, written } = run;
  const policy = request.onFailure ?? written.desired.policy.onFailure;
  if (policy !== 'continue') return past;
  const { desired, rendered } = written;
  const back = new Set(dependents(desired, productsIn(failures)));
  const products = new Map([...desired.products].filter(([name]) => !back.has(name)));
  const texts = new Map([...rendered].filter(([name]) => !back.has(name)));
  for (const name of back) {
    const [spec, text] = [past.desired.products.get(name), past.rendered.get(name)];
    if (spec !== undefined) products.set(name, spec);
    if (text !== undefined) texts.set(name, text);
  }
  return { ...written, desired: { ...desired, products }, rendered: texts };
}

function dependents(
  { products }: DesiredState,
  names: readonly ProductName[],
): readonly ProductName[] {
  const found = new Set(names);
  for (const name of found)
    for (const [other, { dependsOn }] of products) if (dependsOn.includes(name)) found.add(other);
  return [...found];
}

/** The products that failures are about. */
export function productsIn(failures: readonly Failure[]): readonly ProductName[] {
  const names = failures.flatMap((failure) =>
    failure.code === 'script-failed' ||
    failure.code === 'config-refused' ||
    failure.code === 'verify-failed'
      ? [failure.product]
      : [],
  );
  return [...new Set(names)];
}

// A product that failed as it is wished in both is not what was wrong with the new wish.
function failedProducts(
  { host, written }: HeldRun,
  past: DesiredState,
  failures: readonly Failure[],
): readonly ProductSpec[] {
  return productsIn(failures).flatMap((name) => {
    const [now, before] = [written.desired.products.get(name), past.products.get(name)];
    const isSame = now && before && blockDigest(host, now) === blockDigest(host, before);
    return now === undefined || isSame === true ? [] : [now];
  });
}

// Of what is on record and not in the generation, only what this desired state brought is taken away again.
function withoutNewcomers({ written }: HeldRun, states: States): States {
  const { actual, desired } = states;
  const leftovers = new Map(
    [...actual.leftovers].filter(([name]) => written.desired.products.has(name)),
  );
  const policy = { ...desired.policy, prune: true };
  return { ...states, actual: { ...actual, leftovers }, desired: { ...desired, policy } };
}

function isOneWay({ actions }: Plan, { definition }: Written): boolean {
  return actions.some(
    ({ kind, product }) =>
      (kind === 'upgrade' || kind === 'downgrade') &&
      product !== undefined &&
      definition.products.get(product)?.rollback === false,
  );
}
