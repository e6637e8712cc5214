import type { Host } from '../host/host.ts';
import type { HostPath } from '../model/ids.ts';
import type { ListenAddress } from './address.ts';
import { readHookKey } from './hook-key.ts';
import type { Answer, Asked, Route } from './route.ts';

/** Where a server listens, and which token counts there. */
export interface GuardOptions {
  readonly address: ListenAddress;
  readonly tokenPath: HostPath;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/**
 * Keeps a route to who may see it. On a socket: whoever may open that. On loopback: everybody there, asked by a name of loopback, so that no page
 * of another site gets in by a name of its own (DNS rebinding). Elsewhere: who shows the token, as `Authorization: Bearer` or as a password.
 */
export function guarded(
  host: Pick<Host, 'crypto' | 'files'>,
  route: Route,
  { address, tokenPath }: GuardOptions,
): Route {
  if (address.kind === 'socket') return route;
  const refuse = LOOPBACK.test(address.host)
    ? refuseName
    : (asked: Asked) => refuseStranger(host, asked, tokenPath);
  return { ...route, answer: (asked) => refuse(asked) ?? route.answer(asked) };
}

function refuseName({ headers }: Asked): Answer | undefined {
  const name = (headers.get('host') ?? '').replace(/:\d+$/, '');
  return LOOPBACK.test(name)
    ? undefined
    : { kind: 'text', status: 421, text: 'not by this name\n' };
}

function refuseStranger(
  { crypto, files }: Pick<Host, 'crypto' | 'files'>,
  { headers }: Asked,
  tokenPath: HostPath,
): Answer | undefined {
  const token = readHookKey(files, tokenPath);
  switch (token.kind) {
    case 'absent': {
      const problem = `somebody was refused: there is no ${tokenPath} to know them by`;
      return {
        kind: 'text',
        status: 403,
        text: `there is no ${tokenPath} on the server\n`,
        problem,
      };
    }
    case 'unreadable': {
      const problem = `somebody was refused: ${token.why}`;
      return { kind: 'text', status: 503, text: 'not now\n', problem };
    }
    case 'known': {
      const shown = shownToken(headers.get('authorization') ?? '');
      if (crypto.sameText(shown, token.value.text)) return undefined;
      // A browser asks for a name and a password, a program is told what to send (RFC 9110, 11.6.1).
      const known = { 'www-authenticate': 'Basic realm="bootstrap", charset="UTF-8", Bearer' };
      return { kind: 'text', status: 401, text: 'the token, please\n', headers: known };
    }
  }
}

/** RFC 6750 and RFC 7617; of a name and a password the password. */
function shownToken(authorization: string): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return scheme.toLowerCase() === 'basic' ? pair.slice(pair.indexOf(':') + 1) : '';
}
