import type { Host } from '../host/host.ts';
import type { HostPath } from '../model/ids.ts';
import { readHookKey } from './hook-key.ts';
import type { Answer, Route } from './route.ts';
import { isSigned } from './signature.ts';

/** Whose word counts, and what it brings about. */
export interface HookOptions {
  readonly keyPath: HostPath;
  /** Called for each signed request; what is in it is not looked at. */
  readonly onHook: () => void;
}

/**
 * `POST /hook`, "look now": 202 for a signed request, else 401, without a word of why. Without a key there is no such route: 404; with one that
 * cannot be used, 503. The key is read for each request, so that a new one counts at once.
 */
export function hookRoute(
  host: Pick<Host, 'clock' | 'crypto' | 'files'>,
  { keyPath, onHook }: HookOptions,
): Route {
  return {
    method: 'POST',
    path: '/hook',
    answer: (asked) => {
      const key = readHookKey(host.files, keyPath);
      switch (key.kind) {
        case 'absent':
          return refusal(404, 'not found', `there is no ${keyPath} to know the sender by`);
        case 'unreadable':
          return refusal(503, 'not now', key.why);
        case 'known': {
          const judging = { key: key.value, now: host.clock.now(), crypto: host.crypto };
          if (!isSigned(asked, judging))
            return refusal(401, 'not signed', `it is not signed with the key in ${keyPath}`);
          onHook();
          return { kind: 'text', status: 202, text: 'looking\n' };
        }
      }
    },
  };
}

function refusal(status: 401 | 404 | 503, text: string, why: string): Answer {
  // A 401 must say how one is known (RFC 9110, 11.6.1).
  const headers = status === 401 ? { 'www-authenticate': 'HMAC-SHA256' } : {};
  const problem = `a POST to /hook was refused: ${why}`;
  return { kind: 'text', status, text: `${text}\n`, headers, problem };
}
