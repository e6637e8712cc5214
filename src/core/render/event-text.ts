import type { Blocked } from '../../model/action.ts';
import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import type { EventBody, SkipReason } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import { renderFailure } from './failure-text.ts';
import { holderText } from './lock-text.ts';
import type { Palette } from './palette.ts';
import { renderPlan } from './plan-text.ts';
import { blockedText } from './plan-words.ts';

/** How the events of a run are shown. */
export interface EventTextOptions {
  readonly palette: Palette;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Columns of the terminal; undefined for a pipe. */
  readonly width: number | undefined;
  /** What goes on is drawn elsewhere: only what came of it is told, and with `verbose` what scripts print. */
  readonly isLive: boolean;
}

/** An event for a person; '' where there is nothing to show. What is shown ends in a newline. The end of a run is told by `renderSummary`. */
export function renderEvent(event: EventBody, options: EventTextOptions): string {
  const { palette, quiet, verbose, isLive } = options;
  switch (event.type) {
    case 'run.started':
    case 'heartbeat.seen':
    case 'run.finished':
      return '';
    case 'action.skipped':
      return quiet ? '' : skipLine(event.action.id, event.reason, palette);
    case 'lock.waiting':
      return `Waiting up to ${showDuration(event.timeoutMs)} for the lock: ${holderText(event.holder)}\n`;
    case 'plan.made':
      return quiet ? '' : renderPlan(event.body, options);
    case 'action.started':
      return quiet || isLive ? '' : `${event.action.id}: started\n`;
    case 'action.output':
      return quiet || (isLive && !verbose)
        ? ''
        : palette.faint(`${event.id} | ${event.line}`) + '\n';
    case 'action.completed':
      return quiet
        ? ''
        : palette.good(`${event.action.id}: done in ${showDuration(event.durationMs)}`) + '\n';
    case 'action.failed':
      return (
        palette.bad(
          `${event.action.id}: ${event.verdict} after ${showDuration(event.durationMs)}`,
        ) + '\n'
      );
    case 'verify.started':
      return quiet || isLive
        ? ''
        : `${event.verification.id}: waiting for ${event.verification.heartbeats.length} heartbeat(s)\n`;
    case 'verify.passed':
      return quiet
        ? ''
        : palette.good(
            `${event.verification.id}: healthy after ${showDuration(event.durationMs)}`,
          ) + '\n';
    case 'verify.failed':
      return (
        palette.bad(`${event.verification.id}: failed after ${showDuration(event.durationMs)}`) +
        '\n'
      );
    case 'rollback.started':
      return `${palette.warn(`Rolling back to generation ${event.generation}`)}\n${quiet ? '' : renderPlan(event.body, options)}`;
    case 'rollback.completed':
      return event.verified
        ? palette.good(
            `Rolled back to generation ${event.generation} in ${showDuration(event.durationMs)}`,
          ) + '\n'
        : palette.bad(`The rollback to generation ${event.generation} failed`) + '\n';
    case 'diagnostic':
      return palette.warn(`warning: ${escapeControls(event.message)}`) + '\n';
  }
}

/** Where nothing says how wide lines may be. */
const WIDTH_DEFAULT = 80;

/** The failures that a run ended with, for a person; '' when there are none. */
export function renderFailures(failures: readonly Failure[], options: EventTextOptions): string {
  const { width = WIDTH_DEFAULT } = options;
  // What decides comes last, where the eye is: below what caused it.
  return failures
    .toReversed()
    .map((failure) => renderFailure(failure, { ...options, width }))
    .join('');
}

function skipLine(id: string, reason: SkipReason, palette: Palette): string {
  switch (reason.why) {
    case 'blocked':
      return palette.warn(`${id}: ${heldBackText(reason.blocked)}`) + '\n';
    case 'dependency-failed':
      return palette.warn(`${id}: skipped, ${reason.on} failed`) + '\n';
    case 'unconfirmed':
    case 'refused':
      return '';
    case 'stopped':
      return palette.warn(`${id}: not started`) + '\n';
  }
}

// What waits for its time says so itself.
function heldBackText(blocked: Blocked): string {
  const text = blockedText(blocked);
  return blocked.by === 'window' ? text : `blocked: ${text}`;
}
