import { applyPlan, type ApplyReport } from '../apply/apply.ts';
import { startsProgram } from '../apply/deeds.ts';
import { openJournal, type Journal } from '../apply/journal.ts';
import { createRecords } from '../apply/records.ts';
import type { States } from '../core/diff.ts';
import { failureNote } from '../core/render/failure-note.ts';
import { makePlan, type PlanChoices } from '../core/plan.ts';
import { endOfRun } from '../core/tally.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Change } from '../model/change.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { JOURNAL_FORMAT, type Rollback } from '../model/journal.ts';
import { layoutOf } from '../model/layout.ts';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../model/result.ts';
import type { OnFailure } from '../model/state.ts';
import { heartbeatJudge, takeBaseline, type Baseline, type Earlier } from './health.ts';
import type { HeldRun } from './held-run.ts';
import type { Written } from './load.ts';
import { lookAtStates, type LookContext } from './look.ts';
import type { Reconciled } from './reconciled.ts';
import { countRestart } from './restarts.ts';

/** What is carried out, and with what. */
export interface Acting {
  readonly written: Written;
  /** As it was found when the plan was made. */
  readonly states: States;
  readonly plan: Plan;
  readonly choices: PlanChoices;
  readonly look: LookContext;
  readonly journal: Journal;
  readonly onFailure: OnFailure;
  /** A rollback follows a failure: the server is not marked as invalid yet. */
  readonly spareServer: boolean;
  /** Of the run that this one takes back; undefined where it takes nothing back. */
  readonly earlier: Earlier | undefined;
}

/** What came of it; `proven` is the look that proved the end, undefined where it never came to one. */
export interface Acted {
  readonly report: ApplyReport;
  readonly proven: States | undefined;
  /** What was seen before. */
  readonly baseline: Baseline;
}

/** What the journal of a run begins with. */
export interface Beginning {
  readonly plan: Plan;
  readonly states: States;
  /** What it goes on taking back; null: nothing. */
  readonly rollback: Rollback | null;
}

/** Opens the journal of a run, on disk before its first step: what is to be done, and what earlier runs left open. */
export async function beginJournal(
  { host, request, lock, callbacks }: HeldRun,
  { plan, states, rollback }: Beginning,
): Promise<Result<Journal, Failure>> {
  callbacks.open();
  const progress = valueOf(states.actual.lastRun)?.progress ?? new Map();
  const journal = await openJournal(
    host,
    { root: request.site.root, lock },
    {
      type: 'begin',
      schema: JOURNAL_FORMAT,
      runId: request.runId,
      command: request.command,
      revision: plan.revision,
      actions: plan.actions.map(({ id }) => id),
      carried: [...progress],
      rollback,
    },
  );
  if (journal.ok) callbacks.begun();
  return journal;
}

/** Says in the journal how the run ended, and closes it. */
export async function endJournal(
  journal: Journal,
  { failures, changed }: Reconciled,
): Promise<void> {
  const { outcome, exitCode } = endOfRun(failures, { changed, detailed: false });
  // The run is over: a journal that cannot be written says of it what a crash would say.
  await journal.note({ type: 'end', outcome, exitCode, failures: failures.map(failureNote) });
  failpoint('end.written');
  await journal.close();
}

/** Carries out a plan, verifies it, and looks whether anything still differs. */
export async function act(
  run: HeldRun,
  { written, states, plan, choices, look, journal, onFailure, spareServer, earlier }: Acting,
): Promise<Acted> {
  const { host, emit, request, lock } = run;
  const { root } = written.definition;
  const { stop: signal } = request.brakes;
  const { actual } = states;
  const baseline = await takeBaseline(host, { plan, actual, root, look, signal, earlier });
  let proven: States | undefined;
  const report = await applyPlan(plan, {
    host,
    lock,
    lockPath: layoutOf(root).lock,
    journal,
    records: createRecords(host.files, {
      root,
      sealed: (settings) => look.secrets.forRecord(settings),
    }),
    environment: look.environment,
    secrets: look.secrets,
    judge: heartbeatJudge(host, {
      root,
      look,
      baseline,
      onBeat: (beat) => emit({ type: 'heartbeat.seen', ...beat }),
    }),
    countRestart: (product) => countRestart(run, product),
    remaining: async () => {
      const untouched = untouchedBy(plan, states, host.clock.now());
      proven = await lookAtStates(host, written, look, { states, untouched });
      failpoint('look.proven');
      return stillDiffers({ plan, choices }, proven);
    },
    emit,
    brakes: request.brakes,
    parallelism: request.parallelism,
    onFailure,
    spareServer,
  });
  return { report, proven, baseline };
}

/** What was seen no longer ago than this need not be looked at again where nothing was done to it: somebody else may change it just as well right after a second look. */
const LOOK_FRESH_MS = 5_000;

// A program may do anything to any product: where one was run, all is looked at again.
function untouchedBy(plan: Plan, { actual }: States, now: Date): ReadonlySet<ProductName> {
  const ageMs = now.getTime() - actual.readAt.getTime();
  const deeds = plan.actions.flatMap((action) => action.deeds);
  const isFresh = ageMs >= 0 && ageMs <= LOOK_FRESH_MS;
  if (!isFresh || plan.verifications.length > 0 || deeds.some(startsProgram)) return new Set();
  const touched = new Set(plan.actions.map(({ product }) => product));
  return new Set([...actual.products.keys()].filter((name) => !touched.has(name)));
}

// What was held back still differs, rightly; and what was to be done once more need not be done a third time.
function stillDiffers(
  { plan, choices }: Pick<Acting, 'plan' | 'choices'>,
  states: States,
): readonly Change[] {
  const blocked = plan.actions.filter((action) => action.blocked !== undefined);
  const left = new Set([...plan.held, ...blocked].map(({ product }) => product));
  const selection = { ...choices.selection, redo: [] };
  const { changes } = makePlan(states, { ...choices, selection });
  return changes.filter((change) => !left.has('product' in change ? change.product : undefined));
}
