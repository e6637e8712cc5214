import type { CallbackKind, Standing } from '../model/callback.ts';
import type { Failure } from '../model/failure.ts';
import type { FailureNote } from '../model/journal.ts';
import type { RunStory, StoryEnd } from './run-story.ts';

/*
 * Receivers are told of transitions, not of looks: watch may fail at the same thing ten thousand times.
 *
 *               did something: started, succeeded
 *                 ┌──────┐
 *                 │      ▼   failed: started?, failed | rolledback | interrupted
 *                ┌────────┐ ─────────────────────────────────────────────▶ ┌───────────┐ ─┐ the same: nothing
 *                │  well  │                                                │ not well  │  │ another failure: failed, …
 *                └────────┘ ◀───────────────────────────────────────────── └───────────┘ ◀┘
 *                             ended well: started?, succeeded?, recovered
 */

/** What is told of a run, and what receivers take the server to be in afterwards. */
export interface Transition {
  readonly kinds: readonly CallbackKind[];
  readonly after: 'well' | 'not-well' | 'as-before';
}

/** What is told of a run, given what receivers know. Of one that goes on still: of its start alone. */
export function transitionOf(before: Standing | null, story: RunStory): Transition {
  const { isJournalled, revision, partial, end } = story;
  const isRetry = before?.revision === revision;
  // Another try at what was told as failed is no news before it ends otherwise.
  const start: readonly CallbackKind[] = isJournalled && !isRetry ? ['started'] : [];
  if (end === undefined) return { kinds: start, after: 'as-before' };
  if (end.failures.length > 0 && !end.isDeferred) {
    const isNews = isFailureNews(story, end, { isRetry });
    if (!isNews || before?.key === standingKey(story, end))
      return { kinds: start, after: 'as-before' };
    return { kinds: [...start, kindOf(end)], after: 'not-well' };
  }
  const done: readonly CallbackKind[] = isJournalled ? [...start, 'succeeded'] : start;
  const isRecovery = before !== null && !partial && !end.isDeferred;
  return isRecovery
    ? { kinds: [...done, 'recovered'], after: 'well' }
    : { kinds: done, after: 'as-before' };
}

/** What tells one failure from another: how the run ended, what failed, of which products, and the desired state. No times, no words. */
export function standingKey({ revision }: RunStory, { outcome, failures }: StoryEnd): string {
  const what = failures.map(({ code, products = [] }) => [code, ...products].join(' '));
  return [outcome, revision, ...new Set(what)].join('; ');
}

function kindOf({ outcome }: StoryEnd): CallbackKind {
  if (outcome === 'rolled-back') return 'rolledback';
  return outcome === 'interrupted' ? 'interrupted' : 'failed';
}

// What follows from what was told is held back because of it; a run that did nothing is news by what kept it from that.
function isFailureNews(
  { isJournalled }: RunStory,
  { failures: [first] }: StoryEnd,
  { isRetry }: { readonly isRetry: boolean },
): boolean {
  if (isJournalled) return true;
  if (first === undefined || (isRetry && first.code === 'blocked')) return false;
  return !isAsked(first);
}

/** Answers to whoever asked for the run, which say nothing of the server: that person has been told. */
const ASKED: { readonly [C in Failure['code']]: boolean } = {
  usage: true,
  'desired-missing': false,
  'desired-unreadable': false,
  'desired-invalid': false,
  'definition-missing': false,
  'definition-invalid': false,
  'script-refused': false,
  'source-unreachable': false,
  untrusted: false,
  'unknown-product': true,
  'file-unusable': false,
  'secret-unavailable': false,
  'file-exists': true,
  permission: false,
  locked: true,
  'lock-kept': true,
  'lock-lost': true,
  'facts-unreadable': false,
  unconfirmed: true,
  blocked: false,
  'script-failed': false,
  'config-refused': false,
  'verify-failed': false,
  unhealthy: false,
  'not-converged': false,
  'disk-full': false,
  'orphan-running': false,
  'generation-unusable': true,
  'no-generation': true,
  'rolled-back': false,
  'trial-open': true,
  suspended: true,
  'no-trial': true,
  'plan-unreadable': true,
  'plan-stale': true,
  'plan-used': true,
  'left-invalid': false,
  superseded: true,
  interrupted: true,
  'listen-failed': true,
  'deadline-passed': false,
  'not-in-time': true,
};

function isAsked({ code }: FailureNote): boolean {
  return ASKED[code as Failure['code']];
}
