import type { Crypto } from '../host/host.ts';
import type { HookKey } from './hook-key.ts';
import type { Asked } from './route.ts';

/** An older one may have been listened to, and sent again (standard-webhooks.md, "Verifying webhook authenticity"). */
const AGE_MAX_MS = 5 * 60_000;
const hubSignature = /^sha256=([0-9a-f]{64})$/i;

/** What a request is judged by. */
export interface Judging {
  readonly key: HookKey;
  readonly now: Date;
  readonly crypto: Pick<Crypto, 'hmacSha256Of' | 'sameText'>;
}

/** Whether a request was made by one who has the key: signed as GitHub, Gitea, Forgejo and Bitbucket do it, or per Standard Webhooks (GitLab too), or with the key itself (GitLab's older way). */
export function isSigned(asked: Asked, judging: Judging): boolean {
  return [hasHubSignature, hasWebhookSignature, hasToken].some((holds) => holds(asked, judging));
}

/** Of the raw body. GitHub's own `X-Hub-Signature` is SHA-1, and not looked at; Bitbucket's is this one. */
function hasHubSignature({ headers, body }: Asked, { key, crypto }: Judging): boolean {
  const expected = crypto.hmacSha256Of(body, { key: Buffer.from(key.text), encoding: 'hex' });
  return ['x-hub-signature-256', 'x-hub-signature'].some((name) => {
    const [, given] = hubSignature.exec(headers.get(name) ?? '') ?? [];
    return given !== undefined && crypto.sameText(given.toLowerCase(), expected);
  });
}

/** Of id, time and raw body; while a key is changed there may be more than one. */
function hasWebhookSignature({ headers, body }: Asked, { key, now, crypto }: Judging): boolean {
  const id = headers.get('webhook-id') ?? '';
  const timestamp = headers.get('webhook-timestamp') ?? '';
  if (id === '' || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > AGE_MAX_MS) return false;
  const data = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const expected = `v1,${crypto.hmacSha256Of(data, { key: key.bytes, encoding: 'base64' })}`;
  const given = (headers.get('webhook-signature') ?? '').split(' ');
  return given.some((each) => crypto.sameText(each, expected));
}

function hasToken({ headers }: Asked, { key, crypto }: Judging): boolean {
  return crypto.sameText(headers.get('x-gitlab-token') ?? '', key.text);
}
