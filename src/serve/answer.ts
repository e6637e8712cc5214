import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Outlet, Route } from './route.ts';

/** Room for what a forge sends of a push with a thousand commits; what is longer is read, and not kept. */
const BODY_BYTES_MAX = 1024 * 1024;
/** What waits for one who reads a stream slowly. */
const STREAM_WAITING_BYTES_MAX = 256 * 1024;
/** For what people look at in a browser, should a proxy bring it there; a route that sends a page says what that may load. */
const HEADERS_OF_ALL: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // Whoever asks once a minute gains nothing by a connection that is kept, and who means harm a place to wait.
  connection: 'close',
};

/** Answers one request by the routes, and says what an operator should know of it; a route that throws is answered with 500. Never throws. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, report }: { readonly routes: readonly Route[]; readonly report: (why: string) => void },
): Promise<void> {
  const body = request.method === 'POST' ? await readBody(request) : NO_BODY;
  if (body === 'gone') return;
  let answer: Answer;
  try {
    answer = body === 'too-large' ? plain(413) : choose(request, { routes, body });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    answer = { ...plain(500), problem: `a bug in the answer to ${request.url}: ${why}` };
  }
  if (answer.kind === 'text' && answer.problem !== undefined) report(answer.problem);
  send(response, answer);
}

const NO_BODY = new Uint8Array();

/** What is too large is read to its end all the same: cut off, the sender would see no answer. The time for a request bounds that. */
function readBody(request: IncomingMessage): Promise<Uint8Array | 'too-large' | 'gone'> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) chunks = [];
      else chunks.push(chunk);
    });
    request.once('end', () =>
      resolve(length > BODY_BYTES_MAX ? 'too-large' : Buffer.concat(chunks)),
    );
    request.once('error', () => resolve('gone'));
    request.once('close', () => resolve('gone'));
  });
}

function choose(
  { method = '', url = '', headers }: IncomingMessage,
  { routes, body }: { readonly routes: readonly Route[]; readonly body: Uint8Array },
): Answer {
  if (!URL.canParse(url, BASE)) return plain(400);
  const { pathname, searchParams: query } = new URL(url, BASE);
  const here = routes.filter(({ path }) => path === pathname);
  if (here.length === 0) return plain(404);
  const route = here.find((each) => methodsOf(each).includes(method));
  if (route === undefined)
    return { ...plain(405), headers: { allow: here.flatMap(methodsOf).join(', ') } };
  const named = Object.entries(headers).map(([name, value = '']): [string, string] => [
    name,
    typeof value === 'string' ? value : value.join(', '),
  ]);
  return route.answer({ query, headers: new Map(named), body });
}

const BASE = 'http://localhost';

function methodsOf({ method }: Route): readonly string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

const WORDS = {
  400: 'bad request',
  404: 'not found',
  405: 'not with this method',
  413: 'too large',
  500: 'internal error',
} as const;

function plain(status: keyof typeof WORDS): Extract<Answer, { kind: 'text' }> {
  return { kind: 'text', status, text: `${WORDS[status]}\n` };
}

function send(response: ServerResponse, answer: Answer): void {
  response.on('error', () => {}); // one who has left
  if (answer.kind === 'stream') {
    response.writeHead(200, { ...HEADERS_OF_ALL, 'content-type': answer.type });
    if (response.req.method === 'HEAD') response.end();
    else stream(response, answer.begin);
    return;
  }
  const { status, type = 'text/plain; charset=utf-8', text, headers } = answer;
  const length = Buffer.byteLength(text);
  const own = { 'content-type': type, 'content-length': length, ...headers };
  response.writeHead(status, { ...HEADERS_OF_ALL, ...own }).end(text);
}

function stream(response: ServerResponse, begin: (outlet: Outlet) => void): void {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  response.flushHeaders();
  response.socket?.setTimeout(0); // nothing may happen for hours
  begin({
    closed: closed.signal,
    send: (text) => {
      if (closed.signal.aborted) return;
      response.write(text);
      if (response.writableLength > STREAM_WAITING_BYTES_MAX) response.destroy();
    },
  });
}
