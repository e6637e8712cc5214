import { valueOf } from '../model/fact.ts';
import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { answered, failed, type LookHost, type LookRequest } from './look.ts';
import { readMonitService, type MonitService } from './monit-status.ts';

type MonitProbe = Extract<HeartbeatProbe, { kind: 'monit' }>;

const CONTROL_FILE = '/etc/monit/monitrc';
const PORT_DEFAULT = 2812;
// About 1500 bytes a service.
const STATUS_BYTES_MAX = 4 * 1024 * 1024;

/** Passes when monit, asked over HTTP, watches the service and has nothing against it. Its word is as old as its last cycle: where it names a process that has ended since, that does not pass. */
export async function lookAtMonit(
  host: LookHost,
  { service }: MonitProbe,
  { root, timeoutMs, signal, oldProcess }: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const { port, socket } = addressOfMonit(host, root);
  const url = `http://127.0.0.1:${port}/_status?format=xml&level=full`;
  const request = { timeoutMs, signal, socket, bodyBytesMax: STATUS_BYTES_MAX };
  const answer = await host.net.get(url, request);
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, `monit does not answer: ${answer.why}`);
    case 'answer': {
      const { status, body } = answer.value;
      if (status !== 200) return { verdict: 'error', reason: whyNotTold(status) };
      const found = readMonitService(body, service);
      const fault = found === undefined ? 'is not known to it' : faultOf(host, found);
      if (fault !== undefined) return failed(host, beganAtMs, `monit: ${service} ${fault}`);
      const identity =
        found?.pid === undefined ? undefined : valueOf(host.processes.identify(found.pid));
      return answered(host, beganAtMs, { identity, oldProcess });
    }
  }
}

function whyNotTold(status: number): string {
  return status === 401
    ? 'monit wants a password: add `allow localhost` to its `set httpd`'
    : `monit answered ${status}, not 200`;
}

interface MonitAddress {
  readonly port: number;
  readonly socket: HostPath | undefined;
}

/** Where monit listens, as its control file says; at the usual port where that cannot be read, or does not say. Files that it includes are not read. */
function addressOfMonit(host: LookHost, root: string): MonitAddress {
  const text = valueOf(host.files.read(hostPath(root, CONTROL_FILE))) ?? '';
  const lines = text.replaceAll(/#.*/g, '');
  const [, httpd = ''] =
    /\bset\s+httpd\s(.*?)(?=^\s*(?:set|check|include)\s|(?!.))/ims.exec(lines) ?? [];
  const [, port] = /\bport\s+([0-9]{1,5})\b/i.exec(httpd) ?? [];
  const [, socket] = /\bunixsocket\s+"?(\/[^\s"]+)/i.exec(httpd) ?? [];
  if (port !== undefined) return { port: Number(port), socket: undefined };
  return { port: PORT_DEFAULT, socket: socket === undefined ? undefined : hostPath(root, socket) };
}

function faultOf(host: LookHost, { fault, pid }: MonitService): string | undefined {
  if (fault !== undefined || pid === undefined) return fault;
  const isThere = host.processes.identify(pid).kind !== 'absent';
  return isThere ? undefined : `was process ${pid}, which has ended since it looked`;
}
