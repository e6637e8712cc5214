import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Failure } from '../../model/failure.ts';
import type {
  DeathProof,
  Liveness,
  LockBroken,
  LockDoubt,
  LockHolder,
  LockReport,
} from '../../model/lock.ts';
import type { Palette } from './palette.ts';

type Locked = Extract<Failure, { readonly code: 'locked' }>;
type Kept = Extract<Failure, { readonly code: 'lock-kept' }>;

/** Who holds the lock, in words. */
export function holderText(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'its record cannot be read';
  const { pid, command, startedAt } = holder;
  return escapeControls(`pid ${pid} (${command}) since ${startedAt}`);
}

/** The lock for a person. Ends in a newline. */
export function renderLock(report: LockReport, lockPath: string, palette: Palette): string {
  switch (report.state) {
    case 'free':
      return 'The lock is free.\n';
    case 'unknown':
      return (
        `${palette.warn(`Nobody can say whose the lock ${lockPath} is`)}: ${doubtText(report.doubt)}.\n` +
        `${palette.good('fix:')} ${doubtFix(report.doubt, lockPath)}\n`
      );
    case 'held':
      return `${heldLines(report, lockPath, palette).join('\n')}\n`;
  }
}

function heldLines(
  report: Extract<LockReport, { readonly state: 'held' }>,
  lockPath: string,
  palette: Palette,
): readonly string[] {
  const { holder, liveness, processState, heartbeatAgeMs } = report;
  const colour = { alive: palette.good, dead: palette.bad, unknown: palette.warn }[liveness.is];
  const lines = [
    `The lock ${lockPath} is held.`,
    `  holder:    pid ${holder.pid} (${escapeControls(holder.command)})`,
    `  run:       ${escapeControls(holder.runId)}`,
    `  started:   ${escapeControls(holder.startedAt)}`,
    `  process:   ${processText(processState)}`,
    `  heartbeat: ${heartbeatAgeMs === undefined ? 'none to be seen' : `${showDuration(heartbeatAgeMs)} ago`}`,
    `  verdict:   ${colour(livenessText(liveness))}`,
  ];
  if (liveness.is === 'dead') lines.push('The next run takes it over; nothing needs to be done.');
  if (liveness.is === 'unknown')
    lines.push(`${palette.good('fix:')} ${doubtFix(liveness.doubt, lockPath)}`);
  return lines;
}

/** What the letters of proc_pid_stat(5) mean. */
const PROCESS_STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting in the kernel, as for a disk',
  T: 'stopped by a signal',
  t: 'stopped by a debugger',
  Z: 'ended, not collected by its parent',
  X: 'ended',
  I: 'idle',
};

function processText(state: string | undefined): string {
  if (state === undefined) return 'not to be seen here';
  const meaning = PROCESS_STATES[state];
  return meaning === undefined ? state : `${state} (${meaning})`;
}

function livenessText(liveness: Liveness): string {
  switch (liveness.is) {
    case 'alive':
      return 'alive';
    case 'dead':
      return `dead (${PROOF_TEXT[liveness.proof]})`;
    case 'unknown':
      return `unknown (${doubtText(liveness.doubt)})`;
  }
}

const PROOF_TEXT: { readonly [P in DeathProof]: string } = {
  rebooted: 'the machine was started again since',
  ended: 'its process has ended',
  'pid-reused': 'another process has its pid now',
};

function doubtText(doubt: LockDoubt): string {
  switch (doubt.about) {
    case 'contents':
      return escapeControls(doubt.what);
    case 'machine':
      return 'held from another machine, or before /etc/machine-id was changed';
    case 'pid-namespace':
      return 'held from another pid namespace, such as a container';
    case 'time-namespace':
      return 'held from another time namespace, where processes have other start times';
    case 'boot':
      return 'which boot of the machine it is of cannot be told';
    case 'process':
      return `its process cannot be looked at: ${escapeControls(doubt.why)}`;
  }
}

// What a person can do that no program here can.
function doubtFix(doubt: LockDoubt, lockPath: string): string {
  const remove = `remove ${lockPath} once you are sure that no run is under way`;
  switch (doubt.about) {
    case 'contents':
      return `look at what is in it; ${remove}`;
    case 'machine':
      return `run bootstrap lock show on that machine; where it is gone for good, ${remove}`;
    case 'pid-namespace':
    case 'time-namespace':
      return `run bootstrap lock show in there; where it is gone for good, ${remove}`;
    case 'boot':
    case 'process':
      return `run bootstrap lock show as root, with /proc mounted; else ${remove}`;
  }
}

/** That a holder is told to end, or killed. Ends in a newline. */
export function signalText(signal: 'SIGTERM' | 'SIGKILL', pid: number): string {
  return signal === 'SIGTERM'
    ? `SIGTERM to pid ${pid}: waiting for it to end; it is killed if it does not.\n`
    : `SIGKILL to pid ${pid}: it has not ended by itself.\n`;
}

/** What `lock break` did, for a person. Ends in a newline. */
export function renderBroken(broken: LockBroken, palette: Palette): string {
  if (broken.state === 'free') return 'The lock is free: there is nothing to break.\n';
  const { holder, ended } = broken;
  const how =
    ended === 'before' ? 'its holder was dead' : `its holder was ended by ${ended}, and is dead`;
  const after =
    ended === 'SIGKILL' ? '\nA script of that run may still be running: look before the next.' : '';
  return `${palette.good('The lock was broken')}: ${how}: ${holderText(holder)}.${after}\n`;
}

/** Why a lock could not be had, on one line. */
export function lockedText({ lockPath, holder, doubt }: Locked): string {
  if (doubt?.about === 'contents')
    return `nobody can say whose the lock ${lockPath} is: ${doubtText(doubt)}`;
  if (doubt !== undefined)
    return `another run holds the lock ${lockPath}, and may be dead: ${holderText(holder)}: ${doubtText(doubt)}`;
  return holder === undefined
    ? `many runs want the lock ${lockPath} at once`
    : `another run holds the lock ${lockPath}: ${holderText(holder)}`;
}

/** What to do where a lock could not be had. */
export function lockedFix({ doubt, lockPath }: Locked): string {
  return doubt === undefined
    ? 'try again when it has ended, or wait for it with --lock-timeout 5m'
    : doubtFix(doubt, lockPath);
}

/** Why a lock was not broken, on one line. */
export function keptText({ lockPath, holder, because }: Kept): string {
  switch (because.why) {
    case 'alive':
      return `the lock ${lockPath} was not broken, its holder is alive: ${holderText(holder)}`;
    case 'survived':
      return `the lock ${lockPath} was not broken, its holder has not ended ${showDuration(because.waitedMs)} after it was told to: ${holderText(holder)}`;
    case 'doubt': {
      const who = holder === undefined ? '' : `${holderText(holder)}, `;
      return `the lock ${lockPath} was not broken, nobody can say whose it is: ${who}${doubtText(because.doubt)}`;
    }
  }
}

/** What to do about a lock that was not broken. */
export function keptFix({ lockPath, because }: Kept): string {
  switch (because.why) {
    case 'alive':
      return 'wait for it to end, or end it with bootstrap lock break --kill';
    case 'survived':
      return 'find out what its process waits for in the kernel; a restart of the machine frees the lock';
    case 'doubt':
      return doubtFix(because.doubt, lockPath);
  }
}
