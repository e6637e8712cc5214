import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { lookAtConnection } from './connection.ts';
import type { LookHost, LookRequest } from './look.ts';

type TcpProbe = Extract<HeartbeatProbe, { kind: 'tcp' }>;

/** Passes when the port accepts a connection. */
export async function lookAtTcp(
  host: LookHost,
  probe: TcpProbe,
  look: LookRequest,
): Promise<Sample> {
  return lookAtConnection(host, { host: probe.host, port: probe.port }, look);
}
