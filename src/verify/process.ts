import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { hostPath } from '../model/ids.ts';
import { answered, failed, gone, type LookHost, type LookRequest } from './look.ts';

type ProcessProbe = Extract<HeartbeatProbe, { kind: 'process' }>;

/** Passes when the pid file names a running process, and not the one from before the apply. */
export function lookAtProcess(host: LookHost, probe: ProcessProbe, look: LookRequest): Sample {
  const { pidFile } = probe;
  const beganAtMs = host.clock.monotonicMs();
  const text = host.files.read(hostPath(look.root, pidFile));
  if (text.kind === 'unreadable') return { verdict: 'error', reason: text.why };
  if (text.kind === 'absent') return gone(host, beganAtMs, `there is no ${pidFile}`);
  const pid = parsePid(text.value);
  if (pid === undefined) return failed(host, beganAtMs, `${pidFile} holds no process id`);

  const found = host.processes.identify(pid);
  if (found.kind === 'unreadable') return { verdict: 'error', reason: found.why };
  if (found.kind === 'absent')
    return gone(host, beganAtMs, `process ${pid} of ${pidFile} is not running`);
  return answered(host, beganAtMs, { identity: found.value, oldProcess: look.oldProcess });
}

/** The first line, as some daemons write more than their pid. */
function parsePid(text: string): number | undefined {
  const [, digits] = /^\s*([1-9][0-9]{0,9})\s*(?:\n|$)/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
