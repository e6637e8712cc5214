import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import type { Repository } from './repository.ts';

/** A repository on a server of https: git's own, behind Node. */
export interface HttpsRemote {
  readonly url: string;
  /** The certificate, as a file that clients can trust. */
  readonly authority: string;
  /** What was asked of it: path, and credentials. */
  readonly asked: { readonly path: string; readonly credentials: string | undefined }[];
}

/** What is done with a request in place of answering it; false: nothing, it is answered. */
export type Instead = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves the remote of a repository on the loopback, until the test has finished. */
export async function serveHttps(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  { folder }: Pick<Repository, 'folder'>,
  instead: Instead = () => false,
): Promise<HttpsRemote> {
  const { key, cert, authority } = certificate(folder);
  const asked: { path: string; credentials: string | undefined }[] = [];
  const server: Server = createServer({ key, cert }, (request, response) => {
    asked.push({ path: request.url ?? '', credentials: request.headers.authorization });
    if (!instead(request, response)) answer(folder, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/remote.git`, authority, asked };
}

// git-http-backend(1): the request as CGI, the answer as headers and a body.
function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.once('close', () => {
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf('\r\n\r\n');
    for (const line of whole.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(whole.subarray(end + 4));
  });
}

function certificate(folder: string): Record<'key' | 'cert' | 'authority', string> {
  const [keyPath, authority] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const out = ['-days', '2', '-keyout', keyPath, '-out', authority];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, ...out], { stdio: 'ignore' });
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(authority, 'utf8'), authority };
}
