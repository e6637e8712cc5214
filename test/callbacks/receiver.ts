import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'vitest';
import type { CallbackEvent } from '../../src/model/callback.ts';

/** A request that a receiver got whole. */
export interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody who is told, on loopback. */
export interface Receiver {
  readonly url: string;
  readonly host: string;
  /** In the order in which they came. */
  readonly got: readonly Got[];
  /** The kinds of the events that it took (2xx), in their order: `started succeeded`. */
  readonly kinds: () => string;
  /** Their ids. */
  readonly ids: () => readonly string[];
  /** From now on it answers so. */
  readonly act: (answer: Answer) => void;
  /** It goes down; comes up again at the same port. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** What is done about a request once it is there. */
export type Answer = (response: ServerResponse, got: Got) => void;

/** An answer of this status and these headers, with a few words. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(code, headers).end('words');
}

/** Starts a receiver that takes everything; it ends with the test. */
export async function startReceiver({
  onTestFinished,
}: Pick<TestContext, 'onTestFinished'>): Promise<Receiver> {
  const got: Got[] = [];
  const taken: CallbackEvent[] = [];
  let answer: Answer = status(200);
  const open = (): Server =>
    createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const whole = { method, url, headers, body };
        got.push(whole);
        response.on('finish', () => {
          if (response.statusCode < 300 && method === 'POST')
            taken.push(JSON.parse(body) as CallbackEvent);
        });
        answer(response, whole);
      });
    });
  let server = open();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    host: `127.0.0.1:${port}`,
    got,
    kinds: () => taken.map(({ type }) => type.split('.')[3]).join(' '),
    ids: () => taken.map(({ id }) => id),
    act: (next) => (answer = next),
    stop,
    start: async () => {
      server = open();
      await listen(server, port);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
