import { readFileSync } from 'node:fs';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import type { ProcessIdentity } from '../model/heartbeat.ts';
import type { Processes } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';

/** The largest pid Linux gives, PID_MAX_LIMIT; kill(2) would take a larger number for another process. */
const PID_MAX = 2 ** 22;
/** Dead but not waited for, and dead (proc_pid_stat(5), field 3). */
const DEAD_STATES: ReadonlySet<string> = new Set(['Z', 'X', 'x']);
/** Where `pgrp`, field 5, stands among the fields after the name. */
const GROUP_INDEX = 5 - 3;
/** Where `tpgid`, field 8, stands: the process group that the terminal listens to. */
const FOREGROUND_INDEX = 8 - 3;
/** Where `num_threads` and `starttime`, fields 20 and 22 of proc_pid_stat(5), stand among the fields after the name; the first of them is field 3. */
const THREADS_INDEX = 20 - 3;
const START_TICKS_INDEX = 22 - 3;
/** The user nobody of Debian: for a system without users, which Linux is not. */
const NOBODY_ID = 65_534;

/** The processes of this machine, as /proc shows them. */
export function createProcesses(): Processes {
  return {
    identify,
    self: () => ({
      uid: process.geteuid?.() ?? NOBODY_ID,
      gid: process.getegid?.() ?? NOBODY_ID,
    }),
    isInForeground,
  };
}

// Without /proc nobody can say; then we do as if.
function isInForeground(): boolean {
  const stat = readStat(process.pid);
  return stat.kind !== 'known' || stat.value.group === stat.value.foreground;
}

/** What /proc says of a process, one that has ended and was not collected included. */
export interface ProcessStat extends ProcessIdentity {
  /** One letter (proc_pid_stat(5), field 3). */
  readonly state: string;
  readonly threads: number;
  /** The process group. */
  readonly group: number;
  /** The process group in the foreground of its terminal; -1 without one. */
  readonly foreground: number;
}

/** The process with this pid: absent when there is none or it has ended. */
export function identify(pid: number): Fact<ProcessIdentity> {
  const stat = readStat(pid);
  if (stat.kind !== 'known') return stat;
  return hasEnded(stat.value) ? absent : known({ pid, startTicks: stat.value.startTicks });
}

/** Whether nothing of a process runs any more. A process whose first thread has ended reads Z while another one may still be writing. */
export function hasEnded({ state, threads }: Pick<ProcessStat, 'state' | 'threads'>): boolean {
  return DEAD_STATES.has(state) && threads <= 1;
}

/** The process with this pid as /proc shows it now; absent when there is none. */
export function readStat(pid: number): Fact<ProcessStat> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid > PID_MAX) return absent;
  const path = `/proc/${pid}/stat`;
  let stat: string;
  try {
    stat = readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code !== 'ENOENT' && code !== 'ESRCH') return unreadable(`${path}: ${errorWords(thrown)}`);
    // With hidepid=2, or without /proc, a process of another user looks like none.
    return exists(pid) ? unreadable(`${path}: the process exists, but /proc hides it`) : absent;
  }
  return parseStat(pid, stat);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return errorCode(thrown) !== 'ESRCH';
  }
}

function parseStat(pid: number, stat: string): Fact<ProcessStat> {
  // The name may hold anything, `)` and blanks too; what follows the last `)` does not.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const [state = ''] = fields;
  const startTicks = Number(fields[START_TICKS_INDEX] ?? Number.NaN);
  const threads = Number(fields[THREADS_INDEX] ?? Number.NaN);
  const group = Number(fields[GROUP_INDEX] ?? Number.NaN);
  const foreground = Number(fields[FOREGROUND_INDEX] ?? Number.NaN);
  return [startTicks, threads, group, foreground].every(Number.isSafeInteger)
    ? known({ pid, startTicks, state, threads, group, foreground })
    : unreadable(`/proc/${pid}/stat: no start time where proc_pid_stat(5) has it`);
}
