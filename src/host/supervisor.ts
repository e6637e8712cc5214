import { existsSync } from 'node:fs';
import { durationMs, type DurationMs } from '../model/duration.ts';

/** How this service is, for the one who started it; what is left out is as it was said last. */
export interface ServiceState {
  readonly phase?: 'ready' | 'reloading' | 'stopping';
  /** For people: cut to one line of 200 characters. */
  readonly status?: string;
  /** A sign of life, for the watchdog. */
  readonly alive?: true;
}

/** The service manager that started this process and waits for word of it, if any (sd_notify(3)). */
export interface Supervisor {
  /** Why it will hear nothing, though it waits; undefined where all is well, or nobody waits. */
  readonly mute: string | undefined;
  /** How long it waits for a sign of life before it ends this process; undefined where it does not. */
  readonly watchdogMs: DurationMs | undefined;
  /** Says how things are: never waits, never fails. Of what was said while a word was on its way, the last is told. */
  notify(state: ServiceState): void;
}

/** Where distributions have systemd-notify(1). Not looked for on the PATH, which need not lead there. */
const PROGRAMS: readonly string[] = [
  '/usr/bin/systemd-notify',
  '/bin/systemd-notify',
  '/run/current-system/sw/bin/systemd-notify',
];
/** sd_notify(3) has room for more, but this is one line of `systemctl status`. */
const STATUS_LENGTH_MAX = 200;
const USEC_PER_MS = 1000;
const NSEC_PER_USEC = 1000n;

/** Who started this process, as its environment tells (sd_notify(3)); nobody where it does not. Node has no unix datagram sockets: a program tells systemd. */
export function createSupervisor(environment: NodeJS.ProcessEnv = process.env): Supervisor {
  const socket = environment['NOTIFY_SOCKET'] ?? '';
  if (socket === '') return { mute: undefined, watchdogMs: undefined, notify() {} };
  const program = PROGRAMS.find((path) => existsSync(path));
  if (program === undefined) {
    const mute = `systemd waits for word from this service, and there is no ${PROGRAMS[0]} to send it by`;
    return { mute, watchdogMs: undefined, notify() {} };
  }
  let waiting: ServiceState | undefined;
  let telling: Promise<void> | undefined;
  const tellAll = async (): Promise<void> => {
    const { tellSystemd } = await import('./tell-systemd.ts');
    // One program at a time: what is said meanwhile is told after it, and only as it stands then.
    for (let state = waiting; state !== undefined; state = waiting) {
      waiting = undefined;
      await tellSystemd(program, { socket, assignments: assignmentsOf(state) });
    }
    telling = undefined;
  };
  return {
    mute: undefined,
    watchdogMs: watchdogOf(environment),
    notify(state) {
      waiting = { ...waiting, ...state };
      telling ??= tellAll();
    },
  };
}

/** Undefined also where it waits for another process of the service (sd_watchdog_enabled(3)). */
function watchdogOf(environment: NodeJS.ProcessEnv): DurationMs | undefined {
  const usec = environment['WATCHDOG_USEC'] ?? '';
  const waitsFor = environment['WATCHDOG_PID'] ?? '';
  if (!/^[1-9][0-9]{0,15}$/.test(usec)) return undefined;
  if (waitsFor !== '' && waitsFor !== String(process.pid)) return undefined;
  return durationMs(Number(usec) / USEC_PER_MS);
}

/** Not as options: --reloading and --stopping are younger than Debian 12. */
function assignmentsOf({ phase, status, alive }: ServiceState): readonly string[] {
  const assignments: string[] = [];
  if (phase === 'ready') assignments.push('READY=1');
  if (phase === 'reloading')
    assignments.push('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / NSEC_PER_USEC}`);
  if (phase === 'stopping') assignments.push('STOPPING=1');
  if (alive === true) assignments.push('WATCHDOG=1');
  if (status !== undefined) assignments.push(`STATUS=${oneLine(status)}`);
  return assignments;
}

/** A second line would be an assignment of its own. */
function oneLine(status: string): string {
  const line = status.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return Array.from(line).slice(0, STATUS_LENGTH_MAX).join('');
}
