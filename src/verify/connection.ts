import type { Address } from '../host/network.ts';
import type { Sample } from '../model/heartbeat.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

/** Passes when a connection is accepted; nothing is sent. */
export async function lookAtConnection(
  host: LookHost,
  to: Address,
  { timeoutMs, signal }: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const answer = await host.net.connect(to, { timeoutMs, signal });
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, answer.why);
    case 'answer':
      return passed(host, beganAtMs);
  }
}
