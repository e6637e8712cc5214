import type { Heartbeat, Sample } from '../model/heartbeat.ts';
import { lookAtHttp } from './http.ts';
import type { LookHost, LookRequest } from './look.ts';
import { lookAtProcess } from './process.ts';
import { lookAtTcp } from './tcp.ts';

/** One look at a heartbeat. Refused connections and time-outs are fails; a look that could not be made is an error. */
export async function takeSample(
  host: LookHost,
  heartbeat: Heartbeat,
  look: LookRequest,
): Promise<Sample> {
  const { probe } = heartbeat;
  switch (probe.kind) {
    case 'http':
      return lookAtHttp(host, probe, look);
    case 'tcp':
      return lookAtTcp(host, probe, look);
    case 'process':
      return lookAtProcess(host, probe, look);
  }
}
