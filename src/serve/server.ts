import { createServer, type Server as HttpServer } from 'node:http';
import type { Host } from '../host/host.ts';
import { refuseSocketPath } from '../host/socket-path.ts';
import { errorCode, errorWords } from '../host/system-error.ts';
import type { Failure } from '../model/failure.ts';
import { folderOf } from '../model/layout.ts';
import { durationMs } from '../model/duration.ts';
import { err, ok, type Result } from '../model/result.ts';
import { showListenAddress, type ListenAddress } from './address.ts';
import { answerRequest } from './answer.ts';
import type { Route } from './route.ts';

// Who dawdles over a request gives way to who does not (slowloris); what is asked here fits into one packet, but for a hook.
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // Finds out that one who reads a stream is gone without a word.
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const;
/** For one who asks and does not read the answer. */
const IDLE_TIMEOUT_MS = 30_000;
/** A few people with a page open, a scraper, a forge. */
const CONNECTIONS_MAX = 64;
/** A forged hook a second must not fill the log. */
const REPORTS_PER_MINUTE = 10;
const MINUTE_MS = 60_000;
/** A socket of this machine answers at once, or is left over. */
const LEFTOVER_TIMEOUT_MS = durationMs(1_000);

/** A server that listens. */
export interface Server {
  /** Where, for people: the port is the real one also where 0 was asked for. */
  readonly address: string;
  /** Ends at once, what is being answered included. */
  readonly close: () => Promise<void>;
}

/** What a server answers by, and whom it tells of problems. */
export interface ServerOptions {
  readonly routes: readonly Route[];
  /** Gets a line for the log, at most ten a minute. */
  readonly report: (problem: string) => void;
}

/** Starts a server; fails as `listen-failed`, as where another program has the address. The unix socket that a dead one left is taken over; only its owner may use it. */
export async function startServer(
  host: Pick<Host, 'clock' | 'files' | 'net'>,
  address: ListenAddress,
  options: ServerOptions,
): Promise<Result<Server, Failure>> {
  const report = sparingly(host, options.report);
  const server = createServer(LIMITS, (request, response) => {
    answerRequest(request, response, { routes: options.routes, report }).catch((thrown: unknown) =>
      report(`a bug in the server: ${String(thrown)}`),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.setTimeout(IDLE_TIMEOUT_MS);
  const failed = await listenAt(host, server, address);
  if (failed !== undefined)
    return err({ code: 'listen-failed', address: showListenAddress(address), why: failed });
  server.on('error', (thrown) => report(`the server: ${thrown.message}`)); // no file handles left for one more
  const bound = server.address();
  const isPort = address.kind === 'port' && typeof bound === 'object' && bound !== null;
  return ok({
    address: showListenAddress(isPort ? { ...address, port: bound.port } : address),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  });
}

/** Why it cannot listen there; undefined where it does. */
async function listenAt(
  host: Pick<Host, 'files' | 'net'>,
  server: HttpServer,
  address: ListenAddress,
): Promise<string | undefined> {
  if (address.kind === 'port') {
    const thrown = await listen(server, { host: address.host, port: address.port });
    return thrown === undefined ? undefined : errorWords(thrown);
  }
  const { path } = address;
  const refusal = refuseSocketPath(path);
  if (refusal !== undefined) return refusal;
  const folder = folderOf(path);
  if (host.files.resolve(folder).kind === 'absent') return `there is no folder ${folder}`;
  const first = await listen(server, { path });
  if (first === undefined) return undefined;
  if (errorCode(first) !== 'EADDRINUSE' || !(await isLeftover(host, address)))
    return errorWords(first);
  const removed = host.files.remove(path);
  const second = removed.ok ? await listen(server, { path }) : first;
  return second === undefined ? undefined : errorWords(second);
}

/** Resolves with what was thrown; undefined where it listens. */
function listen(
  server: HttpServer,
  options: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<unknown> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(options, () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });
}

/** True for a socket on which nobody listens any more: never for a file that somebody put there. */
async function isLeftover(
  { files, net }: Pick<Host, 'files' | 'net'>,
  { path }: Extract<ListenAddress, { kind: 'socket' }>,
): Promise<boolean> {
  const found = files.inspect(path);
  if (found.kind !== 'known' || found.value.type !== 'other') return false;
  const answer = await net.connect({ socket: path }, { timeoutMs: LEFTOVER_TIMEOUT_MS });
  return answer.kind === 'refused';
}

function sparingly(
  { clock }: Pick<Host, 'clock'>,
  report: (problem: string) => void,
): (problem: string) => void {
  let beganAtMs = clock.monotonicMs();
  let count = 0;
  return (problem) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - beganAtMs >= MINUTE_MS) [beganAtMs, count] = [nowMs, 0];
    count += 1;
    if (count <= REPORTS_PER_MINUTE) report(problem);
  };
}
