import type { Outcome, Verdict } from '../../model/event.ts';
import { EXIT_CODE_MEANINGS } from '../../model/failure.ts';
import { endText } from './failure-words.ts';
import type { RunAccount, ScriptAccount, StepAccount } from '../run-account.ts';

/** How good a thing is: says the colour, never the meaning. */
export type Tone = 'good' | 'bad' | 'warn' | 'calm';

/** Words with their tone. */
export type Toned = readonly [words: string, tone: Tone];

/** A verdict in words, with its tone. */
export const VERDICT_WORDS: { readonly [V in Verdict]: Toned } = {
  succeeded: ['succeeded', 'good'],
  failed: ['failed', 'bad'],
  rolledBack: ['rolled back', 'warn'],
  skipped: ['skipped', 'calm'],
  notStarted: ['not started', 'calm'],
  unknown: ['unknown', 'bad'],
};

const OUTCOME_WORDS: { readonly [O in Outcome]: Toned } = {
  'in-sync': ['in sync', 'good'],
  changed: ['changed', 'good'],
  failed: ['failed', 'bad'],
  'rolled-back': ['rolled back', 'warn'],
  refused: ['refused', 'warn'],
  interrupted: ['interrupted', 'warn'],
};

/** How a run ended, in words; one whose journal has no end goes on still, or was cut off. */
export function outcomeWords(end: { readonly outcome: Outcome } | undefined): Toned {
  return end === undefined ? ['not ended', 'warn'] : OUTCOME_WORDS[end.outcome];
}

/** What an exit code of a run means. */
export function exitWords(end: RunAccount['end']): string {
  if (end === undefined) return 'it goes on still, or was cut off';
  const found = EXIT_CODE_MEANINGS.find(({ code }) => code === end.exitCode);
  return `${end.exitCode}: ${found?.meaning ?? 'not known'}`;
}

/** The verdict on a step, in words; of heartbeats: whether they pass. */
export function stepWords({ kind, verdict }: StepAccount): Toned {
  if (kind === 'action') return VERDICT_WORDS[verdict];
  return verdict === 'succeeded' ? ['healthy', 'good'] : ['not healthy', 'bad'];
}

/** A script of a step with its arguments, and how it ended, on one line. */
export function scriptWords({ path, args, end }: ScriptAccount): string {
  const words = [path, ...args].map((word) => (/^\S+$/.test(word) ? word : JSON.stringify(word)));
  return `${words.join(' ')}: ${endWords(end)}`;
}

function endWords(end: ScriptAccount['end']): string {
  if (end === undefined) return 'nobody saw its end';
  return end.how === 'exit' && end.exitCode === 0 ? 'exit code 0' : endText(end);
}
