// Who may say "look now": signed by the vectors that GitHub and Standard Webhooks publish, and by everybody else.
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hostPath } from '../../src/model/ids.ts';
import { hookRoute } from '../../src/serve/hook.ts';
import { isSigned } from '../../src/serve/signature.ts';
import { host, serving } from './world.ts';

const BODY = '{"ref":"refs/heads/main"}';
const KEY = 'a key of more than sixteen bytes';
const WHSEC = 'whsec_Ym9vdHN0cmFwLXRlc3Qtc2VjcmV0LTMyLWJ5dGVzISE=';
const hex = (key: string, body = BODY) => createHmac('sha256', key).update(body).digest('hex');

interface HookServer {
  post(headers: Record<string, string>, body?: string | Uint8Array<ArrayBuffer>): Promise<number>;
  readonly looks: () => number;
  readonly reports: readonly string[];
  readonly keyPath: string;
  readonly url: string;
}

async function hooked(key: string | undefined, mode = 0o600): Promise<HookServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keyPath = hostPath(folder, 'hook.key');
  if (key !== undefined) writeFileSync(keyPath, key);
  if (key !== undefined) chmodSync(keyPath, mode);
  let looks = 0;
  const route = hookRoute(host, { keyPath, onHook: () => (looks += 1) });
  const { url, reports } = await serving([route]);
  return {
    post: async (headers, body = BODY) => {
      const answer = await fetch(`${url}hook`, { method: 'POST', headers, body });
      await answer.text();
      return answer.status;
    },
    looks: () => looks,
    reports,
    keyPath,
    url,
  };
}

/** As a sender per Standard Webhooks does it, at this time. */
function webhook(
  key: string | Buffer,
  { body = BODY, atMs = Date.now() } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signed = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signed}`,
  };
}

describe('a signed hook is a look', () => {
  test.each([
    ['GitHub, Gitea, Forgejo', () => ({ 'x-hub-signature-256': `sha256=${hex(KEY)}` })],
    ['in capitals', () => ({ 'X-Hub-Signature-256': `SHA256=${hex(KEY).toUpperCase()}` })],
    ['Bitbucket', () => ({ 'x-hub-signature': `sha256=${hex(KEY)}` })],
    ['GitLab', () => ({ 'x-gitlab-token': KEY })],
    ['Standard Webhooks', () => webhook(KEY)],
    [
      'while the key is changed',
      () => {
        const { 'webhook-signature': signature, ...rest } = webhook(KEY);
        return { ...rest, 'webhook-signature': `v1a,xyz v1,AAAA ${signature ?? ''}` };
      },
    ],
  ])('%s', async (_, headers) => {
    const hook = await hooked(`${KEY}\n`);
    expect(await hook.post(headers())).toBe(202);
    expect([hook.looks(), hook.reports]).toEqual([1, []]);
  });

  test('a key of Standard Webhooks is bytes in base64; for the others it is its text', async () => {
    const hook = await hooked(WHSEC);
    const bytes = Buffer.from(WHSEC.slice('whsec_'.length), 'base64');
    expect(await hook.post(webhook(bytes))).toBe(202);
    expect(await hook.post(webhook(WHSEC))).toBe(401);
    expect(await hook.post({ 'x-hub-signature-256': `sha256=${hex(WHSEC)}` })).toBe(202);
    expect(hook.looks()).toBe(2);
  });

  test('its bytes are judged, not what they mean', async () => {
    const hook = await hooked(KEY);
    const body = new Uint8Array([0xff, 0xfe, 0, 13, 10]);
    const signed = createHmac('sha256', KEY).update(body).digest('hex');
    expect(await hook.post({ 'x-hub-signature-256': `sha256=${signed}` }, body)).toBe(202);
  });

  test('a new key counts at once', async () => {
    const hook = await hooked(KEY);
    writeFileSync(hook.keyPath, `${KEY}, the next`);
    expect(await hook.post({ 'x-gitlab-token': KEY })).toBe(401);
    expect(await hook.post({ 'x-gitlab-token': `${KEY}, the next` })).toBe(202);
  });
});

describe('any other is refused, and not told why', () => {
  const LATE_MS = 5 * 60_000 + 5_000;
  test.each([
    ['not signed', () => ({})],
    ['signed with another key', () => ({ 'x-hub-signature-256': `sha256=${hex(`${KEY}.`)}` })],
    ['of another body', () => ({ 'x-hub-signature-256': `sha256=${hex(KEY, `${BODY} `)}` })],
    ['cut off', () => ({ 'x-hub-signature-256': `sha256=${hex(KEY).slice(0, -1)}` })],
    ['with an empty signature', () => ({ 'x-hub-signature-256': 'sha256=' })],
    [
      'by SHA-1',
      () => ({
        'x-hub-signature': `sha1=${createHmac('sha1', KEY).update(BODY).digest('hex')}`,
      }),
    ],
    ['with part of the token', () => ({ 'x-gitlab-token': KEY.slice(0, -1) })],
    ['with an empty token', () => ({ 'x-gitlab-token': '' })],
    ['sent again later', () => webhook(KEY, { atMs: Date.now() - LATE_MS })],
    ['from the future', () => webhook(KEY, { atMs: Date.now() + LATE_MS })],
    ['of another time', () => ({ ...webhook(KEY), 'webhook-timestamp': `${Date.now()}` })],
    ['of no time', () => ({ ...webhook(KEY), 'webhook-timestamp': 'now' })],
    ['of another id', () => ({ ...webhook(KEY), 'webhook-id': 'msg_2' })],
  ])('%s', async (_, headers) => {
    const hook = await hooked(KEY);
    const answer = await fetch(`${hook.url}hook`, {
      method: 'POST',
      headers: headers(),
      body: BODY,
    });
    expect([answer.status, await answer.text()]).toEqual([401, 'not signed\n']);
    expect(answer.headers.get('www-authenticate')).toBe('HMAC-SHA256');
    expect(hook.looks()).toBe(0);
    expect(hook.reports).toEqual([
      `a POST to /hook was refused: it is not signed with the key in ${hook.keyPath}`,
    ]);
  });

  test.each([
    ['there is no key', undefined, 0o600, 404, 'to know the sender by'],
    ['others may read the key', KEY, 0o640, 503, 'chmod 600'],
    ['the key is short', 'fifteen bytes..', 0o600, 503, 'a key of 15 bytes'],
    ['the key is only a newline', '\n', 0o600, 503, 'a key of 0 bytes'],
    ['the key is short once decoded', 'whsec_c2hvcnQ=', 0o600, 503, 'a key of 5 bytes'],
  ])('where %s', async (_, key, mode, status, why) => {
    const hook = await hooked(key, mode);
    const token = (key ?? '').trim();
    expect(await hook.post({ 'x-gitlab-token': token })).toBe(status);
    expect(hook.looks()).toBe(0);
    expect(hook.reports).toEqual([expect.stringContaining(why)]);
  });
});

describe('what others publish verifies', () => {
  const judge = (key: string, bytes: Buffer, now: Date) =>
    ({ key: { text: key, bytes }, now, crypto: host.crypto }) as const;
  const asked = (headers: Record<string, string>, body: string) => ({
    query: new URLSearchParams(),
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(body),
  });

  test('of GitHub, "Testing the webhook payload validation"', () => {
    const secret = "It's a Secret to Everybody";
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const request = asked({ 'x-hub-signature-256': signature }, 'Hello, World!');
    expect(isSigned(request, judge(secret, Buffer.from(secret), new Date()))).toBe(true);
  });

  test('of Standard Webhooks, five minutes early and late, and not a second more', () => {
    const bytes = Buffer.from(WHSEC.slice('whsec_'.length), 'base64');
    const headers = {
      'webhook-id': 'msg_01J0000000000000000000TEST',
      'webhook-timestamp': '1700000000',
      'webhook-signature': 'v1,si4clnbMlhSoyr6JA+F1AHzspo1jYr+XEbo7fbhw1Y8=',
    };
    const body =
      '{"type":"bootstrap.apply.completed","timestamp":"2023-11-14T22:13:20Z","data":{"ok":true}}';
    const at = (seconds: number) =>
      isSigned(asked(headers, body), judge(WHSEC, bytes, new Date(seconds * 1000)));
    expect([-301, -300, 0, 300, 301].map((offset) => at(1_700_000_000 + offset))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
