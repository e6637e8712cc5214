// Signatures of Standard Webhooks, against published vectors, and verified by a library that is not ours.
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signingKey, webhookHeaders } from '../../src/core/webhook-signature.ts';
import { createCrypto } from '../../src/host/machine.ts';

const crypto = createCrypto();
const hmac = (key: Uint8Array, text: string): string =>
  crypto.hmacSha256Of(Buffer.from(text), { key, encoding: 'base64' });
const SECRET = 'whsec_Ym9vdHN0cmFwLXRlc3Qtc2VjcmV0LTMyLWJ5dGVzISE=';
const PLAIN = 'a secret that people chose';

function keyOf(secret: string): Uint8Array {
  const key = signingKey(secret);
  return key.ok ? key.value : expect.unreachable(key.error);
}

const signed = (body: string, ...secrets: readonly string[]): Readonly<Record<string, string>> =>
  webhookHeaders({ id: 'R.1', now: new Date(), body, keys: secrets.map(keyOf), hmac });

// The first is that of the libraries of Standard Webhooks.
test.each([
  {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: SECRET,
    id: 'msg_01J0000000000000000000TEST',
    timestamp: '1700000000',
    body: '{"type":"bootstrap.apply.completed","timestamp":"2023-11-14T22:13:20Z","data":{"ok":true}}',
    signature: 'v1,si4clnbMlhSoyr6JA+F1AHzspo1jYr+XEbo7fbhw1Y8=',
  },
])('the vector: the signature of $id', ({ secret, id, timestamp, body, signature }) => {
  const now = new Date(Number(timestamp) * 1000 + 999);
  expect(webhookHeaders({ id, now, body, keys: [keyOf(secret)], hmac })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  });
});

describe('the library', () => {
  const body = '{"a":"grüße"}';

  test('verifies a key behind whsec_, and one that is a text', () => {
    expect(new Webhook(SECRET).verify(body, signed(body, SECRET))).toEqual({ a: 'grüße' });
    expect(new Webhook(PLAIN, { format: 'raw' }).verify(body, signed(body, PLAIN))).toEqual({
      a: 'grüße',
    });
  });

  test('verifies each of two keys while one takes the place of the other', () => {
    const headers = signed(body, PLAIN, SECRET);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const webhook of [new Webhook(SECRET), new Webhook(PLAIN, { format: 'raw' })])
      expect(webhook.verify(body, headers)).toEqual({ a: 'grüße' });
  });

  test('refuses another body, another id, another key', () => {
    const headers = signed(body, SECRET);
    const webhook = new Webhook(SECRET);
    expect(() => webhook.verify(`${body} `, headers)).toThrow();
    expect(() => webhook.verify(body, { ...headers, 'webhook-id': 'R.2' })).toThrow();
    expect(() => new Webhook(PLAIN, { format: 'raw' }).verify(body, headers)).toThrow();
  });
});

test('without a key nothing is signed', () => {
  expect(Object.keys(signed('{}'))).toEqual(['webhook-id', 'webhook-timestamp']);
});

describe('a secret is no key', () => {
  const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
  test.each([
    ['that is empty', '', 'shorter than 24 bytes'],
    ['that is short', 'correct horse', 'shorter than 24 bytes'],
    ['with other letters', 'a secret that people chose: grüße', 'more than printable ASCII'],
    ['of 23 bytes', `whsec_${base64(23)}`, 'shorter than 24 bytes'],
    ['of 65 bytes', `whsec_${base64(65)}`, 'more than 64 bytes'],
    ['that is no base64', `whsec_${'?'.repeat(44)}`, 'no base64'],
    ['of base64 for URLs', `whsec_${base64(32).replace('=', '-')}`, 'no base64'],
    ['with nothing behind whsec_', 'whsec_', 'shorter than 24 bytes'],
  ])('%s, and what is said holds nothing of it', (_, secret, why) => {
    const key = signingKey(secret);
    expect(key.ok ? undefined : key.error).toContain(why);
    if (secret.length > 6) expect(key.ok ? '' : key.error).not.toContain(secret.slice(6));
  });

  test.each([24, 64])('but one of %d bytes is', (bytes) => {
    expect(keyOf(`whsec_${base64(bytes)}`)).toEqual(new Uint8Array(bytes).fill(7));
  });
});
