import { TRY_TIMEOUT_MS, type TryEnd } from '../core/delivery.ts';
import { callbackMessage, isGood } from '../core/render/callback-text.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import { signingKey, webhookHeaders } from '../core/webhook-signature.ts';
import type { Host } from '../host/host.ts';
import type { HttpPost, Net } from '../host/network.ts';
import type { AddressAllowance } from '../model/address.ts';
import type { CallbackEvent, Delivery } from '../model/callback.ts';
import { durationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';

/** What sending takes, beside the machine. */
export interface Sending {
  readonly allow: AddressAllowance;
  /** The value of a secret, for the moment of signing. */
  readonly secretOf: (secret: Secret) => Result<string, Failure>;
  /** Aborted: a try under way is cut off. */
  readonly signal: AbortSignal;
}

type Machine = Pick<Host, 'clock' | 'crypto' | 'net'>;

// What a receiver answers is of no use beyond its status.
const ANSWER_BYTES_MAX = 64 * 1024;

/** Sends an event to its receiver once, and says how that ended. A message that is to be signed is not sent without its signatures. */
export async function tryDelivery(
  host: Machine,
  { event, receiver }: Delivery,
  { allow, secretOf, signal }: Sending,
): Promise<TryEnd> {
  const limits = { timeoutMs: TRY_TIMEOUT_MS, bodyBytesMax: ANSWER_BYTES_MAX, signal, allow };
  if (receiver.format === 'query')
    return tryEndOf(
      await host.net.visit(withQuery(receiver.url, queryOf(event)), { ...limits, post: undefined }),
    );
  const post = signedPost(host, event, receiver.secrets.map(secretOf));
  if (!post.ok) return { kind: 'none', why: post.error };
  return tryEndOf(await host.net.visit(receiver.url, { ...limits, post: post.value }));
}

function tryEndOf(result: Awaited<ReturnType<Host['net']['visit']>>): TryEnd {
  if (result.kind !== 'answer') return { kind: 'none', why: result.why };
  const { status, headers } = result.value;
  return { kind: 'answer', status, retryAfter: headers.get('retry-after') };
}

// The old tool's words: `valid` or `invalid`, and a line.
function queryOf(event: CallbackEvent): readonly QueryParameter[] {
  return [
    ['status', isGood(event) ? 'valid' : 'invalid'],
    ['message', callbackMessage(event)],
  ];
}

/** A query parameter: its name and its value. */
export type QueryParameter = readonly [name: string, value: string];

// Over those that the address has.
function withQuery(url: string, query: readonly QueryParameter[]): string {
  const address = new URL(url);
  for (const [name, value] of query) address.searchParams.set(name, value);
  return address.href;
}

/** An address that is visited once, whatever comes of it. */
export interface SingleVisit {
  readonly url: string;
  /** Over the parameters that the URL has. */
  readonly query: readonly QueryParameter[];
  readonly allow: AddressAllowance;
}

// As long as an apply waits for its receivers (CONTRACT 8).
const VISIT_TIMEOUT_MS = durationMs(5000);

/** Visits an address with these query parameters; returns a line where it was not reached. */
export async function visitOnce(
  net: Pick<Net, 'visit'>,
  { url, query, allow }: SingleVisit,
): Promise<readonly string[]> {
  const result = await net.visit(withQuery(url, query), {
    timeoutMs: VISIT_TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
    allow,
    post: undefined,
  });
  const { host } = new URL(url);
  if (result.kind !== 'answer') return [`callback to ${host}: ${result.why}`];
  const { status } = result.value;
  return status >= 200 && status < 300 ? [] : [`callback to ${host}: it answered ${status}`];
}

function signedPost(
  { clock, crypto }: Pick<Machine, 'clock' | 'crypto'>,
  event: CallbackEvent,
  secrets: readonly Result<string, Failure>[],
): Result<HttpPost, string> {
  const keys: Uint8Array[] = [];
  for (const secret of secrets) {
    if (!secret.ok) return err(renderFailureLine(secret.error));
    const key = signingKey(secret.value);
    if (!key.ok) return err(`the secret it is signed with cannot be used: ${key.error}`);
    keys.push(key.value);
  }
  const body = JSON.stringify(event);
  const signing = { id: event.id, now: clock.now(), body, keys };
  const hmac = (key: Uint8Array, text: string): string =>
    crypto.hmacSha256Of(new TextEncoder().encode(text), { key, encoding: 'base64' });
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...webhookHeaders({ ...signing, hmac }),
  };
  return ok({ headers, body });
}
