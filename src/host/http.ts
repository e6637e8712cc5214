import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import fetch from 'node-fetch';
import { err, ok, type Result } from '../model/result.ts';
import { refuseAddress, refuseForm, refuseLiteral, type Resolve } from './address-policy.ts';
import { startDeadline } from './deadline.ts';
import type { GetRequest, HttpAnswer, HttpPost, NetResult, VisitRequest } from './network.ts';
import { readStart } from './read-start.ts';
import { refuseSocketPath } from './socket-path.ts';

const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/** Net.get: see there. */
export async function httpGet(url: string, request: GetRequest): Promise<NetResult<HttpAnswer>> {
  const target = parseTarget(url);
  return target.ok
    ? ask(target.value, { ...request, post: undefined, resolve: undefined })
    : { kind: 'error', why: target.error };
}

/** Net.visit: see there. The address that is judged is the one connected to: a name cannot change its mind in between. */
export async function httpVisit(
  url: string,
  request: VisitRequest,
  resolve: Resolve = resolveBySystem,
): Promise<NetResult<HttpAnswer>> {
  const target = parseTarget(url);
  if (!target.ok) return { kind: 'error', why: target.error };
  const { hostname, protocol } = target.value;
  const literal = refuseLiteral(target.value, request.allow);
  if (literal !== undefined) return { kind: 'error', why: literal };
  const refusals: string[] = [];
  const resolveAllowed: Resolve = async () => {
    const found = await resolve(hostname);
    const allowed = found.filter(({ address }) => {
      const refusal = refuseAddress(address, protocol, request.allow);
      if (refusal !== undefined) refusals.push(refusal);
      return refusal === undefined;
    });
    if (allowed.length > 0) refusals.length = 0;
    return allowed;
  };
  const answer = await ask(target.value, { ...request, resolve: resolveAllowed });
  const [refusal] = refusals;
  return refusal === undefined ? answer : { kind: 'error', why: `${hostname}: ${refusal}` };
}

/** The words leave out the URL itself, which may hold what is not to be shown. */
function parseTarget(url: string): Result<URL, string> {
  if (!URL.canParse(url)) return err('it is not an http or https URL');
  const target = new URL(url);
  const refusal = refuseForm(target);
  return refusal === undefined ? ok(target) : err(refusal);
}

interface Asking extends GetRequest {
  readonly post: HttpPost | undefined;
  /** Undefined: as the system does it. */
  readonly resolve: Resolve | undefined;
}

async function ask(target: URL, request: Asking): Promise<NetResult<HttpAnswer>> {
  const { socket: socketPath, post, resolve } = request;
  const refusal = socketPath === undefined ? undefined : refuseSocketPath(socketPath);
  if (refusal !== undefined) return { kind: 'error', why: refusal };
  const options = {
    keepAlive: false,
    ...(resolve && { lookup: lookupBy(resolve) }),
    ...(socketPath !== undefined && { socketPath }),
  };
  const agent = target.protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
  const deadline = startDeadline(request.timeoutMs, request.signal);
  try {
    const { status, headers, body } = await fetch(target, {
      agent,
      redirect: 'manual',
      compress: false, // the cap is then one on what is received, and a body is what was sent
      signal: deadline.signal,
      method: post === undefined ? 'GET' : 'POST',
      headers: { 'user-agent': 'bootstrap', ...post?.headers },
      ...(post && { body: post.body }),
    });
    const start = body === null ? '' : await readStart(body, request.bodyBytesMax);
    return { kind: 'answer', value: { status, headers: new Map(headers), body: start } };
  } catch (thrown) {
    return deadline.noAnswer(thrown);
  } finally {
    deadline.end();
    agent.destroy(); // also what is left of a body that was too long
  }
}

/** What a connection asks for addresses: one, or all of them in order to try one after the other. */
function lookupBy(resolve: Resolve): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        if (first === undefined) callback(new Error('the name has no address'), '');
        else if (all === true) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (thrown: Error) => callback(thrown, ''),
    );
  };
}
