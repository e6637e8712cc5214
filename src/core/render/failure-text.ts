import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Failure } from '../../model/failure.ts';
import { renderDiagnostics } from './diagnostics-text.ts';
import { endText, words, type FailureWords } from './failure-words.ts';
import { keptFix, keptText, lockedFix, lockedText } from './lock-text.ts';
import { changeText } from './change-text.ts';
import { suspensionText } from './suspension-text.ts';
import { movedText } from './moved-text.ts';
import { distrustWords, sourceTroubleText } from './source-text.ts';
import type { Palette } from './palette.ts';

/** A failure on one line, without its way out: for `lastmessage` and callbacks. */
export function renderFailureLine(failure: Failure): string {
  return escapeControls(failureWords(failure).summary);
}

/** A failure for a person: `error: …`, its details, then `fix: …`. Ends in a newline. */
export function renderFailure(
  failure: Failure,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): string {
  if (failure.code === 'desired-invalid' || failure.code === 'definition-invalid')
    return renderDiagnostics(failure.diagnostics, { palette, width });
  const { summary, detail, fix } = failureWords(failure);
  const lines = [
    `${palette.bad('error:')} ${palette.strong(escapeControls(summary))}`,
    ...detail.map((line) => `  ${escapeControls(line)}`),
  ];
  if (fix !== undefined) lines.push(`${palette.good('fix:')} ${escapeControls(fix)}`);
  return `${lines.join('\n')}\n`;
}

/** The words of a failure; all messages of operating errors are made here. */
// oxlint-disable-next-line max-lines-per-function -- a dictionary, one entry a failure: cut up, it would be harder to look things up in
export function failureWords(failure: Failure): FailureWords {
  switch (failure.code) {
    case 'usage':
      return words(failure.message, failure.hint ?? 'bootstrap --help shows the commands');
    case 'desired-unreadable':
      return words(
        `the desired state ${failure.path} cannot be read: ${failure.why}`,
        'name a text file in UTF-8 that you may read',
      );
    case 'desired-missing':
      return words(
        `no desired state: ${failure.tried.join(', ')} ${failure.tried.length === 1 ? 'does' : 'do'} not exist`,
        'name one with -f FILE, or set BOOTSTRAP_FILE',
      );
    case 'desired-invalid':
    case 'definition-invalid':
      return words(
        `${failure.diagnostics.length} problem(s): ${failure.diagnostics[0]?.summary ?? ''}`,
        undefined,
      );
    case 'source-unreachable':
      return words(
        `${failure.url} cannot be read: ${sourceTroubleText(failure.because)}`,
        'see that it is there, and that this server may read it: access is set up in /etc/bootstrap/git',
        failure.tail,
      );
    case 'untrusted':
      return distrustWords(failure.because);
    case 'definition-missing':
      return words(
        `${failure.path} does not exist: nothing says what this server can run`,
        'install it with the image, or give the folder that holds a server with --root DIR',
      );
    case 'script-refused':
      return words(
        `${failure.refusals.length} script problem(s): nothing was run`,
        undefined,
        failure.refusals.map(({ path, why, fix }) => `${path}: ${why}; fix: ${fix}`),
      );
    case 'unknown-product':
      return words(
        `there is no product "${failure.name}" in the desired state`,
        failure.nearest === undefined
          ? 'bootstrap status lists them'
          : `did you mean "${failure.nearest}"?`,
      );
    case 'file-unusable':
      return words(
        `cannot ${failure.what} ${failure.path}: ${failure.why}`,
        failure.what === 'read' && failure.path.includes('/var/bootstrap/')
          ? 'bootstrap doctor says what can be done about it; its --fix sets aside what is damaged'
          : 'mend that, then run the command again',
      );
    case 'secret-unavailable':
      return words(
        `the secret ${failure.source} ${failure.name} cannot be had: ${failure.why}`,
        'put it there, readable by root only, then run bootstrap apply again',
      );
    case 'file-exists':
      return words(
        `${failure.paths.join(' and ')} ${failure.paths.length === 1 ? 'is' : 'are'} there already: nothing was written`,
        failure.by === 'export'
          ? 'write over it with --force'
          : 'change what is there, or remove it',
      );
    case 'permission':
      return words(
        `not permitted: ${failure.path}: ${failure.why}`,
        'run it as root, or for a folder you own with --root DIR',
      );
    case 'locked':
      return words(lockedText(failure), lockedFix(failure));
    case 'lock-kept':
      return words(keptText(failure), keptFix(failure));
    case 'lock-lost':
      return words(
        `the lock ${failure.lockPath} was lost: ${failure.why}; nothing more was written`,
        'find out who removed it, then run bootstrap apply again',
      );
    case 'facts-unreadable':
      return words(
        'what could not be read was left alone',
        'make it readable or remove it, then run the command again',
        failure.facts.map(({ fact, why }) => `${fact}: ${why}`),
      );
    case 'unconfirmed':
      return failure.how === 'declined'
        ? words('not confirmed: nothing was done', undefined)
        : words(
            'there are changes, and no terminal to confirm them on: nothing was done',
            'confirm them with --yes',
          );
    case 'blocked':
      return words(`held back: ${failure.actions.join(', ')}`, 'the plan says what would allow it');
    case 'script-failed':
      return words(
        `${failure.action}: ${failure.path} ${endText(failure.end)}`,
        `mend what it says, then run bootstrap apply again`,
        failure.tail,
      );
    case 'config-refused':
      return words(
        `${failure.action}: the new config file was refused: ${failure.argv.join(' ')} ${endText(failure.end)}`,
        `correct the settings of ${failure.product}; the file in place was not touched`,
        failure.tail,
      );
    case 'verify-failed':
      return words(
        `${failure.product} is ${failure.wasFailing ? 'still ' : ''}not healthy: ${failure.heartbeat} did not pass within ${showDuration(failure.waitedMs)}: ${failure.lastSeen}`,
        `look at ${failure.product} itself, then run bootstrap apply again`,
      );
    case 'unhealthy':
      return words(
        'nothing to change, but not everything is healthy',
        'look at them (bootstrap heartbeat shows each); an apply of mode idle, then production, starts what was stopped',
        failure.products.map(({ product, reason }) => `${product}: ${reason}`),
      );
    case 'not-converged':
      return words(
        'not converged: the same look still finds differences after all steps succeeded',
        'a script that reports success without doing its work is the usual cause',
        failure.remaining.map(changeText),
      );
    case 'disk-full':
      return words(
        `too little room for what is to be written to ${failure.path}: ${bytesText(failure.freeBytes)} free, ${bytesText(failure.neededBytes)} needed`,
        'make room, then run the command again; nothing was done',
      );
    case 'listen-failed':
      return words(
        `cannot listen on ${failure.address}: ${failure.why}`,
        'end the program that listens there, make the folder that is missing, or name another address with --listen',
      );
    case 'orphan-running':
      return words(
        `${failure.path} of ${failure.product} is still running (pid ${failure.pid}), left by a run that died`,
        'wait for it or end it, then run the command again; nothing was done',
      );
    case 'generation-unusable':
      return words(
        `generation ${failure.number} cannot be gone back to: ${renderFailureLine(failure.cause)}`,
        'bootstrap history shows the others',
      );
    case 'no-generation':
      return failure.number === undefined
        ? words(
            'there is no good generation to go back to',
            'bootstrap history shows what was applied',
          )
        : words(
            `there is no good generation ${failure.number}`,
            'bootstrap history shows the good ones',
          );
    case 'rolled-back':
      return words(
        failure.left.length === 0
          ? `rolled back to generation ${failure.generation}: everything is as it was, and verified`
          : `rolled back to generation ${failure.generation}, and verified; ${failure.left.join(', ')}, which it does not know, stays as it is`,
        failure.products.length === 0
          ? undefined
          : `correct what failed; ${failure.products.join(', ')} is not tried again as it is, but with ${failure.products.map((name) => `--redo ${name}`).join(' ')}`,
      );
    case 'trial-open':
      return words(
        `run ${failure.runId} is on trial until ${failure.deadline}: nothing else is begun`,
        'keep it with bootstrap confirm, or go back with bootstrap rollback',
      );
    case 'suspended':
      return words(
        `${suspensionText(failure)}: nothing is done`,
        'bootstrap resume ends that; bootstrap plan shows what would be done',
      );
    case 'no-trial':
      return words(
        NO_TRIAL[failure.why],
        'bootstrap apply --confirm-within 5m puts an apply on trial',
      );
    case 'plan-unreadable':
      return words(
        `the saved plan ${failure.path} cannot be used: ${failure.why}`,
        'make a new one: bootstrap plan --out FILE',
      );
    case 'plan-stale':
      return words(
        'the saved plan is stale: nothing was done',
        'look at a new plan: bootstrap plan --out FILE',
        failure.moved.map(movedText),
      );
    case 'plan-used':
      return words(
        `the plan ${failure.planId} was applied already: a saved plan runs once`,
        'make a new one with bootstrap plan --out FILE; one that was interrupted goes on with --resume',
      );
    case 'left-invalid':
      return words(
        'the server is left in mode invalid: a person is needed',
        'mend the cause, then run bootstrap apply again: it goes on from here',
      );
    case 'superseded':
      return words('cut short: there is a newer desired state', undefined);
    case 'interrupted':
      return words(
        `interrupted by ${failure.signal}: stopped cleanly`,
        'bootstrap apply goes on from here',
      );
    case 'deadline-passed':
      return words(
        `stopped: the run took longer than ${showDuration(failure.afterMs)}`,
        'bootstrap apply goes on from here; --timeout allows it more time',
      );
    case 'not-in-time':
      return words(
        `not ${failure.wanted} within ${showDuration(failure.afterMs)}: ${failure.why}`,
        'bootstrap status says how things are; --timeout waits longer',
      );
  }
}

const NO_TRIAL = {
  none: 'nothing is on trial: there is nothing to confirm',
  'not-verified': 'the run is not verified yet: it can be confirmed once it is',
  'too-late': 'too late: what was on trial is rolled back',
} as const;

const BYTES_PER_KIB = 1024;

function bytesText(bytes: number): string {
  return `${Math.ceil(bytes / BYTES_PER_KIB)} KiB`;
}
