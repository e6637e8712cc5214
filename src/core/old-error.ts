import type { Failure } from '../model/failure.ts';
import type { OldError, OldTag } from '../model/old-error.ts';
import { escapeControls } from '../model/escape.ts';
import { failureWords, renderFailureLine } from './render/failure-text.ts';

/** What the old tool would have said of each failure: `script-error` where something was begun, else why nothing was. */
const TAG: { readonly [C in Failure['code']]: OldTag } = {
  usage: 'invalid-operation',
  'desired-missing': 'invalid-operation',
  'desired-unreadable': 'invalid-operation',
  'desired-invalid': 'invalid-operation',
  'source-unreachable': 'invalid-operation',
  untrusted: 'invalid-operation',
  'definition-missing': 'invalid-operation',
  'definition-invalid': 'invalid-operation',
  'script-refused': 'invalid-script',
  'unknown-product': 'invalid-product',
  'file-unusable': 'invalid-operation',
  'file-exists': 'invalid-operation',
  'secret-unavailable': 'invalid-operation',
  permission: 'invalid-operation',
  locked: 'invalid-operation',
  'lock-kept': 'invalid-operation',
  'lock-lost': 'script-error',
  'facts-unreadable': 'invalid-operation',
  unconfirmed: 'invalid-operation',
  blocked: 'invalid-operation',
  'script-failed': 'script-error',
  'config-refused': 'script-error',
  'verify-failed': 'script-error',
  unhealthy: 'script-error',
  'not-converged': 'script-error',
  'disk-full': 'invalid-operation',
  'listen-failed': 'invalid-operation',
  'orphan-running': 'invalid-operation',
  'generation-unusable': 'invalid-operation',
  'no-generation': 'invalid-operation',
  'rolled-back': 'script-error',
  'trial-open': 'invalid-operation',
  suspended: 'invalid-operation',
  'no-trial': 'invalid-operation',
  'plan-unreadable': 'invalid-operation',
  'plan-stale': 'invalid-operation',
  'plan-used': 'invalid-operation',
  'left-invalid': 'script-error',
  superseded: 'invalid-operation',
  interrupted: 'script-error',
  'deadline-passed': 'script-error',
  'not-in-time': 'script-error',
};

// What a run came to in the end is no reason: that is what failed before.
const ENDINGS: ReadonlySet<Failure['code']> = new Set(['rolled-back', 'left-invalid']);

/** Says whose a script is, by its path; undefined where it is nobody's. */
export type OwnerOf = (path: string) => string | undefined;

/** Why a run failed, in the old tool's form: the first thing that went wrong decides, and how it ended is said behind it. */
export function oldErrorOf(
  failures: readonly [Failure, ...Failure[]],
  ownerOf: OwnerOf = () => undefined,
): OldError {
  const reason = failures.find(({ code }) => !ENDINGS.has(code)) ?? failures[0];
  const end = failures.find(({ code }) => ENDINGS.has(code));
  const ending = end === undefined || end === reason ? [] : [renderFailureLine(end)];
  return { tag: TAG[reason.code], message: [messageOf(reason, ownerOf), ...ending].join('; ') };
}

// What the old tool answered whoever came while it was at work.
const BUSY = 'Another command is already running';

function messageOf(failure: Failure, ownerOf: OwnerOf): string {
  // With a doubt about the lock nobody knows whether anything is running.
  if (failure.code === 'locked' && failure.doubt === undefined) return BUSY;
  if (failure.code === 'desired-invalid' || failure.code === 'definition-invalid') {
    const problems = failure.diagnostics.map(({ span, summary, fix }) => {
      const place = span === undefined ? '' : `${span.file}:${span.line}:${span.column}: `;
      return `${place}${summary}${fix === undefined ? '' : `: ${fix}`}`;
    });
    return oneLine(problems);
  }
  if (failure.code === 'script-refused')
    return oneLine(
      failure.refusals.map(({ path, why, fix }) => {
        const owner = ownerOf(path);
        return `${owner === undefined ? '' : `${owner} `}${path}: ${why}: ${fix}`;
      }),
    );
  const { summary, detail, fix } = failureWords(failure);
  const wayOut = TAG[failure.code] === 'script-error' || fix === undefined ? [] : [fix];
  const [first, ...others] = detail;
  return oneLine([first === undefined ? summary : `${summary}: ${first}`, ...others, ...wayOut]);
}

function oneLine(parts: readonly string[]): string {
  return escapeControls(parts.join('; '));
}
