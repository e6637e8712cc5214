import { HEARTBEAT_TIMING_DEFAULT, HTTP_PROBE_DEFAULTS } from '../core/normalise-heartbeat.ts';
import type { Heartbeat, HeartbeatProbe } from '../model/heartbeat.ts';
import { err, ok } from '../model/result.ts';
import { mapParsed, parsePath, splitWords, type Parsed } from './definition-values.ts';

const PORT_MAX = 65_535;

/** A heartbeat as bootstrap.ini writes one: a URL, or a kind and what it is asked of. The timing is the default, and it restarts nothing. */
export function parseHeartbeat(text: string): Parsed<Heartbeat> {
  const rest = { timing: HEARTBEAT_TIMING_DEFAULT, restart: false };
  return mapParsed(parseProbe(text), (probe) => ({ probe, ...rest }));
}

function parseProbe(text: string): Parsed<HeartbeatProbe> {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/.exec(text) ?? [];
  switch (scheme) {
    case 'http':
    case 'https':
      return parseHttp(text);
    case 'tcp':
      return parseTcp(text);
    case 'unix':
      return mapParsed(parseWhere(rest), (path) => ({ kind: 'unix', path }));
    case 'process':
      return mapParsed(parseWhere(rest), (pidFile) => ({ kind: 'process', pidFile }));
    case 'exec':
      return parseExec(rest);
    case 'systemd':
      return parseUnit(rest);
    case 'monit':
      return rest === ''
        ? heartbeatFault(`${text} names no service`, 'write monit:SERVICE')
        : ok({ kind: 'monit', service: rest });
    case 'haproxy':
      return mapParsed(parseWhere(rest), (socket) => ({ kind: 'haproxy', socket }));
    case 'file':
      return mapParsed(parseWhere(rest), (path) => ({ kind: 'file', path, maxAgeMs: undefined }));
    default:
      return heartbeatFault(
        `${text} is no heartbeat`,
        'write http://…, https://…, tcp://HOST:PORT, unix:/SOCKET, process:/PIDFILE, exec:COMMAND, systemd:UNIT, monit:SERVICE, haproxy:/SOCKET or file:/PATH',
      );
  }
}

/** A path, also as a URL without a host (RFC 8089): `/run/x.pid` or `///run/x.pid`. */
function parseWhere(text: string): Parsed<string> {
  const [, host, path = text] = /^\/\/([^/]*)(\/.*)?$/.exec(text) ?? [];
  return host === undefined || host === ''
    ? parsePath(path)
    : heartbeatFault(
        `${host} would be a host, and this is asked here`,
        `write one slash or three: /${host}`,
      );
}

function parseHttp(url: string): Parsed<HeartbeatProbe> {
  if (!/^https?:\/\/[^\s/]/.test(url) || !URL.canParse(url)) {
    return heartbeatFault(`${url} is no URL`, 'write it as in http://127.0.0.1:8404/healthz');
  }
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    return heartbeatFault('a password does not belong in bootstrap.ini', 'remove it from the URL');
  return ok({ kind: 'http', url, ...HTTP_PROBE_DEFAULTS });
}

function parseTcp(text: string): Parsed<HeartbeatProbe> {
  const [, bracketed, plain, digits] =
    /^tcp:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]@]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > PORT_MAX) {
    return heartbeatFault(
      `${text} is no address`,
      'write tcp://HOST:PORT, as in tcp://127.0.0.1:5432 or tcp://[::1]:5432',
    );
  }
  return ok({ kind: 'tcp', host, port });
}

function parseExec(text: string): Parsed<HeartbeatProbe> {
  const [program = '', ...args] = splitWords(text) ?? [];
  if (program !== '') return ok({ kind: 'exec', argv: [program, ...args] });
  return heartbeatFault(
    splitWords(text) === undefined ? 'a quote is not closed' : 'it names no program',
    'write exec:/PROGRAM WORD "ONE WORD"; no shell reads it',
  );
}

function parseUnit(unit: string): Parsed<HeartbeatProbe> {
  return /^[A-Za-z0-9:_.\\@-]{1,255}$/.test(unit)
    ? ok({ kind: 'systemd', unit })
    : heartbeatFault(
        `${JSON.stringify(unit)} is no name of a unit`,
        'write it as in systemd:web.service',
      );
}

function heartbeatFault(summary: string, fix: string): Parsed<never> {
  return err({ code: 'definition-heartbeat', summary, fix });
}
