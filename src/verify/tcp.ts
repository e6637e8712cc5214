import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

type TcpProbe = Extract<HeartbeatProbe, { kind: 'tcp' }>;

/** Passes when the port accepts a connection; nothing is sent. */
export async function lookAtTcp(
  host: LookHost,
  probe: TcpProbe,
  look: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const { timeoutMs, signal } = look;
  const answer = await host.net.connect(probe.host, probe.port, { timeoutMs, signal });
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, answer.why);
    case 'answer':
      return passed(host, beganAtMs);
  }
}
