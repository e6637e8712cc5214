import { canonical } from '../core/canonical.ts';
import type { HttpAnswer } from '../host/network.ts';
import type { HeartbeatProbe, JsonExpectation, Sample } from '../model/heartbeat.ts';
import { hostPath } from '../model/ids.ts';
import { failed, passed, type LookHost, type LookRequest } from './look.ts';

// A health page is a few lines; a body beyond this is not read to its end.
const BODY_BYTES_MAX = 65_536;
// Enough of an answer to recognise it in a message.
const CHARACTERS_SHOWN = 60;

type HttpProbe = Extract<HeartbeatProbe, { kind: 'http' }>;

/** Passes when the answer is as expected: status, headers, body, values in its JSON. No redirect is followed; a certificate that does not verify is a fail. */
export async function lookAtHttp(
  host: LookHost,
  probe: HttpProbe,
  { root, timeoutMs, signal }: LookRequest,
): Promise<Sample> {
  const bad = badPattern([probe.body ?? '', ...probe.header.map(({ pattern }) => pattern)]);
  if (bad !== undefined) return { verdict: 'error', reason: `no regular expression: ${bad}` };

  const beganAtMs = host.clock.monotonicMs();
  const answer = await host.net.get(probe.url, {
    timeoutMs,
    signal,
    bodyBytesMax: BODY_BYTES_MAX,
    socket: probe.socket === undefined ? undefined : hostPath(root, probe.socket),
  });
  switch (answer.kind) {
    case 'error':
      return { verdict: 'error', reason: answer.why };
    case 'refused':
      return failed(host, beganAtMs, answer.why);
    case 'answer': {
      const fault = faultOf(probe, answer.value);
      return fault === undefined ? passed(host, beganAtMs) : failed(host, beganAtMs, fault);
    }
  }
}

function badPattern(patterns: readonly string[]): string | undefined {
  return patterns.find((pattern) => {
    try {
      new RegExp(pattern, 'u');
      return false;
    } catch {
      return true;
    }
  });
}

function faultOf(probe: HttpProbe, answer: HttpAnswer): string | undefined {
  if (answer.status !== probe.status) return `answered ${answer.status}, not ${probe.status}`;
  return headerFault(probe, answer) ?? bodyFault(probe, answer) ?? jsonFault(probe, answer);
}

function headerFault({ header }: HttpProbe, { headers }: HttpAnswer): string | undefined {
  for (const { name, pattern } of header) {
    const value = headers.get(name.toLowerCase());
    if (value === undefined) return `answered without the header ${name}`;
    if (!new RegExp(pattern, 'u').test(value))
      return `answered ${name}: ${shorten(JSON.stringify(value))}, which does not match ${pattern}`;
  }
  return undefined;
}

function bodyFault({ body }: HttpProbe, answer: HttpAnswer): string | undefined {
  if (body === undefined || new RegExp(body, 'u').test(answer.body)) return undefined;
  return `answered ${showStart(answer.body)}, which does not match ${body}`;
}

function jsonFault({ json }: HttpProbe, { body }: HttpAnswer): string | undefined {
  if (json.length === 0) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return `answered ${showStart(body)}, which is no JSON of at most ${BODY_BYTES_MAX} bytes`;
  }
  return json.map((each) => valueFault(each, document)).find((fault) => fault !== undefined);
}

function valueFault({ pointer, value }: JsonExpectation, document: unknown): string | undefined {
  const found = canonical(valueAt(document, pointer));
  const wanted = canonical(value) ?? '';
  if (found === wanted) return undefined;
  const place = pointer === '' ? 'as JSON' : `at ${pointer}`;
  const seen = found === undefined ? 'nothing' : shorten(found);
  return `answered ${seen} ${place}, not ${shorten(wanted)}`;
}

/** What a JSON pointer leads to (RFC 6901); undefined where it leads nowhere. */
function valueAt(document: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((at: unknown, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null) return undefined;
    const isNoIndex = Array.isArray(at) && !/^(?:0|[1-9][0-9]*)$/.test(key);
    return isNoIndex ? undefined : Object.getOwnPropertyDescriptor(at, key)?.value;
  }, document);
}

function showStart(text: string): string {
  return JSON.stringify(text.slice(0, CHARACTERS_SHOWN));
}

function shorten(json: string): string {
  return json.length > CHARACTERS_SHOWN ? `${json.slice(0, CHARACTERS_SHOWN)}…` : json;
}
