import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { runCommand } from './command.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

type ExecProbe = Extract<HeartbeatProbe, { kind: 'exec' }>;

/** Passes when the program exits with 0, in the environment of scripts. One that cannot be started is an error. */
export async function lookAtExec(
  host: LookHost,
  { argv }: ExecProbe,
  look: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const end = await runCommand(host, argv, look);
  switch (end.kind) {
    case 'done':
      return passed(host, beganAtMs);
    case 'exit':
    case 'ended':
      return failed(host, beganAtMs, end.why);
    case 'unasked':
      return { verdict: 'error', reason: end.why };
  }
}
