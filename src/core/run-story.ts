import type { ProductVerdict } from '../model/callback.ts';
import type { Outcome, Verdict } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { ActionId } from '../model/ids.ts';
import type { FailureNote, JournalRecord } from '../model/journal.ts';
import { endOfRun } from './tally.ts';
import { failureNote } from './render/failure-note.ts';

/** A run, as far as receivers care. */
export interface RunStory {
  readonly runId: string;
  readonly command: string;
  readonly revision: string;
  /** It came to do something. */
  readonly isJournalled: boolean;
  /** Products were left out by choice: how it ended says nothing of the whole server. */
  readonly partial: boolean;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly products: readonly ProductVerdict[];
  /** Undefined while it goes on. */
  readonly end: StoryEnd | undefined;
}

/** How a run ended. */
export interface StoryEnd {
  /** RFC 3339. */
  readonly at: string;
  readonly outcome: Outcome;
  /** Null where it was cut off. */
  readonly exitCode: number | null;
  readonly failures: readonly FailureNote[];
  /** What is left undone waits for its window, and is done in it. */
  readonly isDeferred: boolean;
}

/** A run that did nothing, or not yet: what is known of it without a journal. */
export type RunFacts = Pick<RunStory, 'runId' | 'command' | 'revision' | 'partial' | 'startedAt'>;

/** The story of a run that came to no journal. */
export function storyOf(facts: RunFacts, end: StoryEnd): RunStory {
  return { ...facts, isJournalled: false, products: [], end };
}

/** How a run ended that failed so, or changed something or nothing. */
export function storyEnd(
  failures: readonly Failure[],
  { at, changed }: { readonly at: string; readonly changed: boolean },
): StoryEnd {
  const { outcome, exitCode } = endOfRun(failures, { changed, detailed: false });
  const isDeferred = failures.every((failure) => failure.code === 'blocked' && failure.deferred);
  return {
    at,
    outcome,
    exitCode,
    failures: failures.map(failureNote),
    isDeferred: failures.length > 0 && isDeferred,
  };
}

/** What a journal tells of its run, which has not ended as far as it says; undefined for one in which nothing was begun. */
export function storyInJournal(
  records: readonly JournalRecord[],
  { partial }: Pick<RunStory, 'partial'>,
): RunStory | undefined {
  const [begin] = records;
  if (begin?.type !== 'begin') return undefined;
  const { runId, command, revision, time } = begin;
  const products = namesIn(begin.actions).map((name) => ({ name, verdict: null }));
  const facts = { runId, command, revision, partial, startedAt: time };
  return { ...facts, isJournalled: true, products, end: undefined };
}

/** The story of a run under way, ended so. */
export function endedStory(
  story: RunStory,
  records: readonly JournalRecord[],
  end: StoryEnd,
): RunStory {
  // A run that goes on with a rollback touches what it had nothing to do to.
  const acted = namesIn(records.flatMap((record) => (record.type === 'action' ? record.id : [])));
  const names = new Set([...story.products.map(({ name }) => name), ...acted]);
  const products = [...names].map((name) => ({ name, verdict: verdictOf(name, records, end) }));
  return { ...story, products, end };
}

/** How a run ended that nobody can be asked about any more: as its journal says, or cut off at the last thing that it says. */
export function endInJournal(records: readonly JournalRecord[]): StoryEnd {
  const last = records.at(-1);
  if (last?.type === 'end') {
    const { time, outcome, exitCode, failures = failuresIn(records) } = last;
    return { at: time, outcome, exitCode, failures, isDeferred: false };
  }
  return {
    at: last?.time ?? '',
    outcome: 'interrupted',
    exitCode: null,
    failures: [CUT_OFF],
    isDeferred: false,
  };
}

const CUT_OFF: FailureNote = {
  code: 'interrupted',
  products: [],
  summary:
    'cut off: bootstrap was killed or the machine went down; the next run goes on from there',
  detail: [],
};

/** What went wrong in the actions of a run. */
export function failuresIn(records: readonly JournalRecord[]): readonly FailureNote[] {
  return records.flatMap((record) => (record.type === 'action' ? record.failures : []));
}

// The server's own steps bear no product's name.
const SERVERS_OWN = 'server/mode-';

function namesIn(actions: readonly ActionId[]): readonly string[] {
  const ofProducts = actions.filter((id) => !id.startsWith(SERVERS_OWN));
  return [...new Set(ofProducts.map(productOf))];
}

function productOf(id: ActionId): string {
  return id.slice(0, id.lastIndexOf('/'));
}

// The worst first.
const SEVERITY: readonly Verdict[] = [
  'failed',
  'unknown',
  'rolledBack',
  'notStarted',
  'skipped',
  'succeeded',
];

function verdictOf(
  name: string,
  records: readonly JournalRecord[],
  { outcome }: StoryEnd,
): Verdict {
  const [begin] = records;
  const way = records.findIndex(({ type }) => type === 'rollback');
  // The way back has actions of its own, of the same names.
  const forward = way === -1 ? records : records.slice(0, way);
  // A run that goes on with the rollback of an earlier one takes no step forward.
  const ids = begin?.type === 'begin' && !begin.rollback ? begin.actions : [];
  const ours = ids.filter((id) => !id.startsWith(SERVERS_OWN) && productOf(id) === name);
  const verdicts = new Set(ours.map((id) => verdictIn(id, forward)));
  if (records.some((record) => isTakenBack(record, name))) {
    const wentWell = verdicts.delete('succeeded') || ours.length === 0;
    if (wentWell) verdicts.add(outcome === 'rolled-back' ? 'rolledBack' : 'unknown');
  }
  return SEVERITY.find((verdict) => verdicts.has(verdict)) ?? 'notStarted';
}

function verdictIn(id: ActionId, records: readonly JournalRecord[]): Verdict {
  const said = records.findLast((record) => record.type === 'action' && record.id === id);
  if (said?.type === 'action') return said.verdict;
  const isBegun = records.some((record) => record.type === 'intent' && record.action === id);
  return isBegun ? 'unknown' : 'notStarted';
}

function isTakenBack(record: JournalRecord, name: string): boolean {
  if (record.type !== 'rollback' || record.state !== 'begun') return false;
  return record.products?.some((each) => each === name) ?? true;
}
