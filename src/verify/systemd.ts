import { valueOf } from '../model/fact.ts';
import type { HeartbeatProbe, ProcessIdentity, Sample } from '../model/heartbeat.ts';
import { runCommand } from './command.ts';
import { answered, failed, gone, type LookHost, type LookRequest } from './look.ts';

type SystemdProbe = Extract<HeartbeatProbe, { kind: 'systemd' }>;

/** The states for which `systemctl is-active` exits with 0: a unit that reloads goes on serving. */
const ACTIVE_STATES: ReadonlySet<string> = new Set(['active', 'reloading', 'refreshing']);
/** In these nothing runs, and nothing will: a unit that systemd is about to start again is `activating`. */
const GONE_STATES: ReadonlySet<string> = new Set(['inactive', 'failed']);
const PROPERTIES = '--property=LoadState,ActiveState,SubState,MainPID';

/** Passes when the unit is active, by another main process than before the apply. Without systemctl, or a systemd that it could ask, it is an error. */
export async function lookAtSystemd(
  host: LookHost,
  { unit }: SystemdProbe,
  look: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const end = await runCommand(host, ['systemctl', 'show', PROPERTIES, '--', unit], look);
  switch (end.kind) {
    case 'ended':
      return failed(host, beganAtMs, `systemctl: ${end.why}`);
    case 'exit': // where there is no systemd to ask
      return { verdict: 'error', reason: `systemctl: ${end.why}` };
    case 'unasked':
      return { verdict: 'error', reason: end.why };
    case 'done':
      return judgeUnit(host, readProperties(end.stdout), { unit, beganAtMs, look });
  }
}

interface Judged {
  readonly unit: string;
  readonly beganAtMs: number;
  readonly look: LookRequest;
}

function judgeUnit(
  host: LookHost,
  properties: ReadonlyMap<string, string>,
  { unit, beganAtMs, look }: Judged,
): Sample {
  const state = properties.get('ActiveState');
  if (state === undefined)
    return { verdict: 'error', reason: `systemctl does not say in what state ${unit} is` };
  if (properties.get('LoadState') === 'not-found')
    return failed(host, beganAtMs, `there is no unit ${unit}`);
  if (ACTIVE_STATES.has(state)) {
    const identity = mainProcess(host, Number(properties.get('MainPID')));
    return answered(host, beganAtMs, { identity, oldProcess: look.oldProcess });
  }
  const reason = `${unit} is ${state} (${properties.get('SubState') ?? 'unknown'})`;
  return GONE_STATES.has(state) ? gone(host, beganAtMs, reason) : failed(host, beganAtMs, reason);
}

function readProperties(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line): [string, string] => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    }),
  );
}

/** Not every unit has a main process: then its pid is 0. */
function mainProcess(host: LookHost, pid: number): ProcessIdentity | undefined {
  return pid > 0 ? valueOf(host.processes.identify(pid)) : undefined;
}
