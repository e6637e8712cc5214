import { err, ok, type Result } from '../model/result.ts';

/** What is signed, and with what. */
export interface Signing {
  readonly id: string;
  /** Of this try. */
  readonly now: Date;
  readonly body: string;
  /** Each key signs, so that a receiver may know any of them; []: unsigned. */
  readonly keys: readonly Uint8Array[];
  /** The HMAC-SHA-256 of a text, in base64. */
  readonly hmac: (key: Uint8Array, text: string) => string;
}

/** The headers of a message. Source: Standard Webhooks 1.0.0, "Webhook headers", "Signature scheme". */
export function webhookHeaders({
  id,
  now,
  body,
  keys,
  hmac,
}: Signing): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  const signatures = keys.map((key) => `v1,${hmac(key, `${id}.${timestamp}.${body}`)}`);
  return keys.length === 0 ? headers : { ...headers, 'webhook-signature': signatures.join(' ') };
}

const PREFIX = 'whsec_';
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// Standard Webhooks: "At least 24 bytes (192 bits, 512 maximum)". A longer text is a good key all the same: HMAC digests it first.
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

/** The key that a secret stands for: the bytes behind `whsec_`, written in base64, or those of the text itself; or why it is none. The words hold nothing of it. */
export function signingKey(secret: string): Result<Uint8Array, string> {
  const isEncoded = secret.startsWith(PREFIX);
  const encoded = secret.slice(PREFIX.length);
  if (isEncoded && !base64.test(encoded)) return err(`behind ${PREFIX} stands no base64`);
  // Which bytes another letter is, is not agreed: libraries of receivers differ.
  if (!/^[ -~]*$/.test(secret)) return err('it holds more than printable ASCII');
  const bytes = isEncoded ? atob(encoded) : secret;
  if (bytes.length < KEY_BYTES_MIN)
    return err(
      `it is shorter than ${KEY_BYTES_MIN} bytes: openssl rand -base64 32 makes a good one`,
    );
  if (isEncoded && bytes.length > KEY_BYTES_MAX)
    return err(`behind ${PREFIX} stand more than ${KEY_BYTES_MAX} bytes`);
  return ok(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
