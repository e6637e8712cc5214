import { valueOf } from '../model/fact.ts';
import type { HeartbeatProbe, ProcessIdentity, Sample } from '../model/heartbeat.ts';
import { hostPath } from '../model/ids.ts';
import { answered, failed, type LookHost, type LookRequest } from './look.ts';

type HaproxyProbe = Extract<HeartbeatProbe, { kind: 'haproxy' }>;

/** Who it is, and a line of CSV for each backend: of any proxy (-1) those of type 2, and any server (HAProxy Management Guide, "show stat"). */
const QUESTION = 'show info;show stat -1 2 -1\n';
// About 500 bytes a backend.
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const NAMES_SHOWN_MAX = 5;

/** Passes when HAProxy answers on its stats socket, is not on its way out, and has no backend that is down, by another process than before the apply. */
export async function lookAtHaproxy(
  host: LookHost,
  { socket }: HaproxyProbe,
  { root, timeoutMs, signal, oldProcess }: LookRequest,
): Promise<Sample> {
  const beganAtMs = host.clock.monotonicMs();
  const answer = await host.net.ask(
    { socket: hostPath(root, socket) },
    { text: QUESTION, answerBytesMax: ANSWER_BYTES_MAX, timeoutMs, signal },
  );
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, answer.why);
    case 'answer': {
      const fault = faultIn(answer.value);
      if (fault !== undefined) return failed(host, beganAtMs, fault);
      const identity = workerOf(host, answer.value);
      return answered(host, beganAtMs, { identity, oldProcess });
    }
  }
}

function faultIn(answer: string): string | undefined {
  const rows = backendsIn(answer);
  if (infoOf(answer, 'Pid') === undefined || rows === undefined)
    return `answered ${JSON.stringify(answer.slice(0, 60))}, which is not HAProxy's`;
  if (infoOf(answer, 'Stopping') === '1') return 'it is stopping';
  const down = rows.filter(({ status }) => status.startsWith('DOWN')).map(({ name }) => name);
  if (down.length === 0) return undefined;
  const shown = down.slice(0, NAMES_SHOWN_MAX).join(', ');
  const more = down.length > NAMES_SHOWN_MAX ? ` and ${down.length - NAMES_SHOWN_MAX} more` : '';
  return `down: ${shown}${more}`;
}

function infoOf(answer: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(answer)?.[1];
}

interface Backend {
  readonly name: string;
  readonly status: string;
}

/** Undefined where there is no table. The fields that are read stand before those that may hold a comma. */
function backendsIn(answer: string): readonly Backend[] | undefined {
  const lines = answer.split('\n');
  const head = lines.findIndex((line) => line.startsWith('# pxname,'));
  const column = lines[head]?.split(',').indexOf('status') ?? -1;
  if (column === -1) return undefined;
  return lines.slice(head + 1).map((line) => {
    const fields = line.split(',');
    return { name: fields[0] ?? '', status: fields[column] ?? '' };
  });
}

/** The process that answered; undefined where its pid is none of ours, as from within a container. */
function workerOf(host: LookHost, answer: string): ProcessIdentity | undefined {
  return valueOf(host.processes.identify(Number(infoOf(answer, 'Pid'))));
}
