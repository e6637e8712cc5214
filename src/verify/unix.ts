import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { hostPath } from '../model/ids.ts';
import { lookAtConnection } from './connection.ts';
import type { LookHost, LookRequest } from './look.ts';

type UnixProbe = Extract<HeartbeatProbe, { kind: 'unix' }>;

/** Passes when the socket accepts a connection; one that is not there, or that nobody listens on any more, is a fail. */
export async function lookAtUnix(
  host: LookHost,
  probe: UnixProbe,
  look: LookRequest,
): Promise<Sample> {
  return lookAtConnection(host, { socket: hostPath(look.root, probe.path) }, look);
}
