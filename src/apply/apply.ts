import type { Action, Verification } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import type { ActionId, ProductName } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { EventBody } from '../model/event.ts';
import { failpoint } from '../host/failpoint.ts';
import type { ApplyContext } from './context.ts';
import { perform, startsProgram } from './deeds.ts';
import { endsEarly } from './early-end.ts';
import { countsAgainst, faultsIn } from './faults.ts';
import { recordOf } from './journal.ts';
import { leaveBehind, type StepFailure } from './leave-behind.ts';

/** What running a plan came to. */
export interface ApplyReport {
  /** In the order in which they happened; [] when every step succeeded. */
  readonly failures: readonly Failure[];
  /** True once anything on the server may have changed, beyond what is on record. */
  readonly touched: boolean;
  /** True where anything was done at all, be it only to a record. */
  readonly changed: boolean;
}

/**
 * Runs a plan: what waits for nothing at once, at most `parallelism` at a time, the rest as what it waits for is done. Who has no program
 * to run, or none left, takes no place: what is still to be written waits for the disk, and need not be waited for.
 * Every action ends in exactly one verdict. On failure the records say what was left behind.
 */
export async function applyPlan(plan: Plan, context: ApplyContext): Promise<ApplyReport> {
  const steps = new Map<ActionId, Step>();
  for (const action of plan.actions) {
    if (action.blocked === undefined) steps.set(action.id, { action, waitsFor: action.dependsOn });
    else
      await tell(context, {
        type: 'action.skipped',
        action,
        verdict: 'skipped',
        reason: { why: 'blocked', blocked: action.blocked },
      });
  }
  for (const verification of plan.verifications)
    steps.set(verification.id, { verification, waitsFor: verification.dependsOn });
  const run: Run = {
    steps,
    waiting: new Map(steps),
    ended: new Map(),
    running: new Map(),
    places: new Set(),
    failed: [],
    touched: new Set(),
  };
  startReady(run, context);
  while (run.running.size > 0) await Promise.race(run.running.values());
  for (const [id, step] of steps) if (!run.ended.has(id)) await skip(step, { run, context });
  if (run.failed.length === 0 && run.ended.size === steps.size)
    for (const failed of await notConverged(context, run.touched.size > 0))
      await fail(failed, { run, context });
  const leftovers = await leaveBehind(
    { failed: run.failed, touched: run.touched.size > 0, modeTouched: touchesMode(plan) },
    context,
  );
  return {
    failures: [...failuresOf(run, context), ...leftovers],
    touched: run.touched.size > 0,
    changed:
      run.touched.size > 0 || plan.actions.some(({ id }) => run.ended.get(id) === 'succeeded'),
  };
}

// What is told of an end is on disk first; a line that cannot be written keeps the next script from being started.
async function tell({ emit, journal }: ApplyContext, event: EventBody): Promise<void> {
  const record = recordOf(event);
  if (record === undefined) return emit(event);
  await journal.note(record);
  failpoint('action.written');
  emit(event);
  failpoint('action.told');
}

type Step = { readonly waitsFor: readonly ActionId[] } & (
  | { readonly action: Action; readonly verification?: never }
  | { readonly verification: Verification; readonly action?: never }
);

interface Run {
  readonly steps: ReadonlyMap<ActionId, Step>;
  /** Those that were not begun. */
  readonly waiting: Map<ActionId, Step>;
  readonly ended: Map<ActionId, 'succeeded' | 'failed'>;
  readonly running: Map<ActionId, Promise<void>>;
  /** Those of them that may still start a program. */
  readonly places: Set<ActionId>;
  readonly failed: StepFailure[];
  /** Products of which something may have changed, undefined for the server itself. */
  readonly touched: Set<ProductName | undefined>;
}

// Steps that were not taken for no fault of their own are a failure too: the one that ended the run.
function failuresOf({ failed, steps, ended }: Run, context: ApplyContext): readonly Failure[] {
  const failures = failed.flatMap((step) => step.failures);
  const early = ended.size === steps.size ? undefined : endsEarly(context);
  const isKnown = early === undefined || failures.some(({ code }) => code === early.code);
  return isKnown ? failures : [...failures, early];
}

// The promise of an apply: the same look finds nothing to do.
async function notConverged(
  context: ApplyContext,
  touched: boolean,
): Promise<readonly StepFailure[]> {
  const remaining = await context.remaining();
  const [first] = remaining;
  if (first === undefined) return [];
  const product = 'product' in first ? first.product : undefined;
  return [{ product, failures: [{ code: 'not-converged', remaining }], touched }];
}

function touchesMode(plan: Plan): boolean {
  return plan.actions.some((action) => action.product === undefined);
}

function startReady(run: Run, context: ApplyContext): void {
  for (const [id, step] of run.waiting) {
    if (mayStartNothing(run, context) || run.running.size >= stepsMax(context)) return;
    if (!isReady(step, run)) continue;
    if (mayStartProgram(step) && run.places.size >= context.parallelism) continue;
    run.waiting.delete(id);
    if (mayStartProgram(step)) run.places.add(id);
    const running = takeStep(step, { run, context }).then((outcome) => {
      run.ended.set(id, outcome);
      run.running.delete(id);
      makeRoom(id, { run, context });
    });
    run.running.set(id, running);
  }
}

/** For each place but the first, so many steps more may be writing: one at a time stays one at a time, and of what waits for the disk at the same time a file system makes one. More than eight make a first apply no shorter. */
const WRITERS_A_PLACE = 8;

function stepsMax({ parallelism }: ApplyContext): number {
  return parallelism + (parallelism - 1) * WRITERS_A_PLACE;
}

function mayStartProgram({ action }: Step): boolean {
  return action === undefined || action.deeds.some(startsProgram);
}

function makeRoom(id: ActionId, { run, context }: InRun): void {
  run.places.delete(id);
  startReady(run, context);
}

function mayStartNothing({ failed }: Run, { brakes, onFailure, lock }: ApplyContext): boolean {
  if (brakes.stop.aborted || lock.lost.aborted) return true;
  // What did not work before the run, and still does not, keeps nobody else waiting.
  return onFailure !== 'continue' && failed.some((step) => step.failures.some(countsAgainst));
}

// What the plan blocked is no step here: nothing waits for it, the plan saw to that.
function isReady(step: Step, { steps, ended }: Run): boolean {
  return step.waitsFor.every((id) => !steps.has(id) || ended.get(id) === 'succeeded');
}

interface InRun {
  readonly run: Run;
  readonly context: ApplyContext;
}

async function takeStep(step: Step, inRun: InRun): Promise<'succeeded' | 'failed'> {
  return step.action === undefined
    ? await verify(step.verification, inRun)
    : await act(step.action, inRun);
}

async function act(action: Action, { run, context }: InRun): Promise<'succeeded' | 'failed'> {
  const { clock } = context.host;
  const startedMs = clock.monotonicMs();
  context.emit({ type: 'action.started', action });
  failpoint('action.begun');
  const onLastProgram = (): void => makeRoom(action.id, { run, context });
  const { failures, touched } = await performAll(action, { context, onLastProgram });
  if (touched) run.touched.add(action.product);
  const durationMs = clock.monotonicMs() - startedMs;
  const [first, ...more] = failures;
  if (first === undefined) {
    await tell(context, { type: 'action.completed', action, durationMs });
    return 'succeeded';
  }
  // Also where an earlier action of the product changed it: then it is not as before the run.
  const isTouched = run.touched.has(action.product);
  await fail({ product: action.product, failures, touched: isTouched }, { run, context });
  const verdict = context.brakes.kill.aborted ? 'unknown' : 'failed';
  const told = [first, ...more] as const;
  await tell(context, { type: 'action.failed', action, verdict, failures: told, durationMs });
  return 'failed';
}

interface Performing {
  readonly context: ApplyContext;
  /** Called once the last program has ended well, where there is one. */
  readonly onLastProgram: () => void;
}

async function performAll(
  { id, deeds }: Pick<Action, 'id' | 'deeds'>,
  { context, onLastProgram }: Performing,
): Promise<{ readonly failures: readonly Failure[]; readonly touched: boolean }> {
  const lastProgram = deeds.findLastIndex(startsProgram);
  let touched = false;
  for (const [index, deed] of deeds.entries()) {
    const result = await perform(deed, id, context);
    touched ||= result.touched;
    if (result.failures.length > 0) return { failures: result.failures, touched };
    if (index === lastProgram) onLastProgram();
  }
  return { failures: [], touched };
}

async function verify(
  verification: Verification,
  { run, context }: InRun,
): Promise<'succeeded' | 'failed'> {
  const { clock } = context.host;
  const startedMs = clock.monotonicMs();
  context.emit({ type: 'verify.started', verification });
  failpoint('verify.before');
  const judged = await context.judge(verification, context.brakes.stop);
  failpoint('verify.judged');
  // A wait that was cut short says nothing of the product.
  const failure = judged === undefined ? undefined : (endsEarly(context) ?? judged);
  const recorded =
    failure === undefined
      ? await performAll(verification, { context, onLastProgram: () => {} })
      : undefined;
  const [first, ...more] = failure === undefined ? (recorded?.failures ?? []) : [failure];
  const durationMs = clock.monotonicMs() - startedMs;
  if (first === undefined) {
    await tell(context, { type: 'verify.passed', verification, durationMs });
    return 'succeeded';
  }
  // By this run or by the one before it that was interrupted, the product was changed, and does not work.
  run.touched.add(verification.product);
  const told = [first, ...more] as const;
  await fail({ product: verification.product, failures: told, touched: true }, { run, context });
  await tell(context, { type: 'verify.failed', verification, failures: told, durationMs });
  return 'failed';
}

// Where a rollback follows, what failed is on disk before it is told: after a crash it is taken back, and not tried again.
async function fail(step: StepFailure, { run, context }: InRun): Promise<void> {
  run.failed.push(step);
  const { journal, brakes, spareServer } = context;
  if (!spareServer || brakes.stop.aborted || run.touched.size === 0) return;
  for (const [product, reason] of faultsIn(step.failures))
    await journal.note({ type: 'faulty', product, reason });
  failpoint('faulty.written');
}

async function skip(step: Step, { run, context }: InRun): Promise<void> {
  if (step.action === undefined) return;
  const on = failedBehind(step, run);
  await tell(
    context,
    on === undefined
      ? {
          type: 'action.skipped',
          action: step.action,
          verdict: 'notStarted',
          reason: { why: 'stopped' },
        }
      : {
          type: 'action.skipped',
          action: step.action,
          verdict: 'skipped',
          reason: { why: 'dependency-failed', on },
        },
  );
}

// The failed step that this one waits for, be it through others that were not taken either.
function failedBehind({ waitsFor }: Step, { steps, ended }: Run): ActionId | undefined {
  const behind = new Set(waitsFor);
  for (const id of behind) {
    if (ended.get(id) === 'failed') return id;
    if (!ended.has(id)) for (const before of steps.get(id)?.waitsFor ?? []) behind.add(before);
  }
  return undefined;
}
