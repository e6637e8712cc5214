import type { HttpAnswer } from '../host/host.ts';
import type { HeartbeatProbe, Sample } from '../model/heartbeat.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

// A health page is a few lines; a body beyond this is not read to its end.
const BODY_BYTES_MAX = 65_536;
// Enough of a body to recognise it in a message.
const BODY_CHARACTERS_SHOWN = 60;

type HttpProbe = Extract<HeartbeatProbe, { kind: 'http' }>;

/** Passes when the answer has the expected status and a body that the pattern (flag u) matches. No redirect is followed; a certificate that does not verify is a fail. */
export async function lookAtHttp(
  host: LookHost,
  probe: HttpProbe,
  look: LookRequest,
): Promise<Sample> {
  const pattern = patternOf(probe);
  if (pattern === 'invalid')
    return { verdict: 'error', reason: `body is no regular expression: ${probe.body}` };

  const beganAtMs = host.clock.monotonicMs();
  const { timeoutMs, signal } = look;
  const answer = await host.net.get(probe.url, { timeoutMs, signal, bodyBytesMax: BODY_BYTES_MAX });
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, answer.why);
    case 'answer': {
      const fault = faultOf(probe, pattern, answer.value);
      return fault === undefined ? passed(host, beganAtMs) : failed(host, beganAtMs, fault);
    }
  }
}

function patternOf(probe: HttpProbe): RegExp | 'invalid' | undefined {
  if (probe.body === undefined) return undefined;
  try {
    return new RegExp(probe.body, 'u');
  } catch {
    return 'invalid';
  }
}

function faultOf(
  probe: HttpProbe,
  pattern: RegExp | undefined,
  answer: HttpAnswer,
): string | undefined {
  if (answer.status !== probe.status) return `answered ${answer.status}, not ${probe.status}`;
  if (pattern === undefined || pattern.test(answer.body)) return undefined;
  const shown = JSON.stringify(answer.body.slice(0, BODY_CHARACTERS_SHOWN));
  return `answered ${shown}, which does not match ${probe.body}`;
}
