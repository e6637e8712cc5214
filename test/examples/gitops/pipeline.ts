import { runInNewContext } from 'node:vm';

/** Why a pipeline runs. `again` is by hand, for main as it is; `late` is a run of an old commit that somebody starts once more. */
export type Occasion =
  | { readonly kind: 'pull'; readonly branch: string; readonly isFork?: boolean }
  | { readonly kind: 'merge' | 'again' | 'schedule' }
  | { readonly kind: 'late'; readonly commit: string };

/** What a test does in between. */
export interface Interludes {
  /** When a job waits for a person: what that person finds; returning is approval. */
  readonly approval?: () => Promise<void>;
  /** Before a script: which job, what it says, and the folder that it runs in. */
  readonly script?: (at: { readonly text: string; readonly cwd: string }) => void;
}

/** How a job ended. `said`: on stdout and stderr, of all its scripts. */
export interface JobRun {
  readonly result: 'success' | 'failure' | 'skipped';
  /** Of the last script; null where none ran. */
  readonly exitCode: number | null;
  readonly said: string;
}
export type JobRuns = Readonly<Record<string, JobRun>>;

/** Plays what a CI would run on an occasion. */
export type Play = (occasion: Occasion, interludes?: Interludes) => Promise<JobRuns>;

/** A job that is not run. */
export const SKIPPED: JobRun = { result: 'skipped', exitCode: null, said: '' };

/** The value of an expression in the small language that JavaScript shares with the CI's: names, strings, ==, !=, && and ||. */
export function evaluate(expression: string, names: Readonly<Record<string, unknown>>): unknown {
  return runInNewContext(expression, { ...names }) as unknown;
}
