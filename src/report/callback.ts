import { TRY_TIMEOUT_MS, type TryEnd } from '../core/delivery.ts';
import { callbackMessage, isGood } from '../core/render/callback-text.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import { signingKey, webhookHeaders } from '../core/webhook-signature.ts';
import type { Host } from '../host/host.ts';
import type { HttpPost } from '../host/network.ts';
import type { AddressAllowance } from '../model/address.ts';
import type { CallbackEvent, Delivery } from '../model/callback.ts';
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
const LIMITS = { timeoutMs: TRY_TIMEOUT_MS, bodyBytesMax: ANSWER_BYTES_MAX };

/** Sends an event to its receiver once, and says how that ended. A message that is to be signed is not sent without its signatures. */
export async function tryDelivery(
  host: Machine,
  { event, receiver }: Delivery,
  { allow, secretOf, signal }: Sending,
): Promise<TryEnd> {
  if (receiver.format === 'query') {
    const visit = { url: receiver.url, query: queryOf(event) };
    return await visitWithQuery(host, visit, { allow, signal });
  }
  const post = signedPost(host, event, receiver.secrets.map(secretOf));
  if (!post.ok) return { kind: 'none', why: post.error };
  const limits = { ...LIMITS, allow, signal };
  return tryEndOf(await host.net.visit(receiver.url, { ...limits, post: post.value }));
}

/** A query parameter: its name and its value. */
export type QueryParameter = readonly [name: string, value: string];

/** An address, and what is said to it. */
export interface QueryVisit {
  readonly url: string;
  /** Goes before parameters of these names that the address has; its others stay. */
  readonly query: readonly QueryParameter[];
}

/** Visits an address once with query parameters, as the old tool did, and says how that ended. */
export async function visitWithQuery(
  { net }: Pick<Machine, 'net'>,
  { url, query }: QueryVisit,
  { allow, signal }: Omit<Sending, 'secretOf'>,
): Promise<TryEnd> {
  const address = new URL(url);
  for (const [name, value] of query) address.searchParams.set(name, value);
  const limits = { ...LIMITS, allow, signal };
  return tryEndOf(await net.visit(address.href, { ...limits, post: undefined }));
}

function tryEndOf(result: Awaited<ReturnType<Host['net']['visit']>>): TryEnd {
  if (result.kind !== 'answer') return { kind: 'none', why: result.why };
  const { status, headers } = result.value;
  return { kind: 'answer', status, retryAfter: headers.get('retry-after') };
}

// The old tool's words: `valid` or `invalid`, and a line.
function queryOf(event: CallbackEvent): QueryVisit['query'] {
  return [
    ['status', isGood(event) ? 'valid' : 'invalid'],
    ['message', callbackMessage(event)],
  ];
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
