import { showDuration } from '../../model/duration.ts';
import type { ScriptEnd } from '../../model/failure.ts';

/** A failure in words: what happened, and what to do next (undefined where the summary says it). */
export interface FailureWords {
  readonly summary: string;
  /** More lines that help: the end of a script's output, one refusal each. */
  readonly detail: readonly string[];
  readonly fix: string | undefined;
}

/** The words of a failure, put together. */
export function words(
  summary: string,
  fix: string | undefined,
  detail: readonly string[] = [],
): FailureWords {
  return { summary, detail, fix };
}

/** How a script or a program ended badly, as the end of a sentence. */
export function endText(end: ScriptEnd): string {
  switch (end.how) {
    case 'exit':
      return `failed with exit code ${end.exitCode}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'timeout':
      return `took longer than ${showDuration(end.afterMs)} and was ended`;
    case 'not-started':
      return `could not be started: ${end.why}`;
  }
}
