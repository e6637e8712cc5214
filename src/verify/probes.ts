import type { Heartbeat, Sample } from '../model/heartbeat.ts';
import { lookAtExec } from './exec.ts';
import { lookAtFile } from './file.ts';
import { lookAtHaproxy } from './haproxy.ts';
import { lookAtHttp } from './http.ts';
import type { LookHost, LookRequest } from './look.ts';
import { lookAtMonit } from './monit.ts';
import { lookAtProcess } from './process.ts';
import { lookAtSystemd } from './systemd.ts';
import { lookAtTcp } from './tcp.ts';
import { lookAtUnix } from './unix.ts';

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
    case 'unix':
      return lookAtUnix(host, probe, look);
    case 'process':
      return lookAtProcess(host, probe, look);
    case 'exec':
      return lookAtExec(host, probe, look);
    case 'systemd':
      return lookAtSystemd(host, probe, look);
    case 'monit':
      return lookAtMonit(host, probe, look);
    case 'haproxy':
      return lookAtHaproxy(host, probe, look);
    case 'file':
      return lookAtFile(host, probe, look);
  }
}
