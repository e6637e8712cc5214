import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One comment on the one pull request there is. */
export interface Comment {
  readonly id: number;
  readonly author: Author;
  readonly body: string;
}
type Author = 'pipeline' | 'stranger';

/** What GitHub and GitLab have in common here: comments on pull request 7, over HTTP on the loopback. */
export interface Forge extends AsyncDisposable {
  readonly url: string;
  readonly comments: () => readonly Comment[];
  readonly say: (author: Author, body: string) => void;
  /** Whether it answers questions with 503 from now on, though it still takes comments. */
  readonly setDown: (value: boolean) => void;
}

/** The number of the pull request, and of the merge request. */
export const PULL = 7;
/** GitLab's token for comments. */
export const GITLAB_TOKEN = 'a token that may comment';
const COMMENT_LENGTH_MAX = 65_536;
const PERSON = {
  pipeline: { id: 70, login: 'github-actions[bot]' },
  stranger: { id: 71, login: 'stranger' },
} as const;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const DOWN: Answer = { status: 503, body: 'down' };

/** Starts a forge without comments; it ends when disposed of. */
export async function openForge(): Promise<Forge> {
  const comments: Comment[] = [];
  let isDown = false;
  const write = (body: string, id?: number): Answer => {
    if (body === '' || body.length > COMMENT_LENGTH_MAX) return { status: 422, body: 'no body' };
    const at = comments.findIndex((comment) => comment.id === id);
    if (id === undefined) {
      comments.push({ id: 1000 + comments.length, author: 'pipeline', body });
      return { status: 201, body: {} };
    }
    const before = comments[at];
    if (before?.author !== 'pipeline') return { status: 403, body: 'not yours' };
    comments[at] = { ...before, body };
    return { status: 200, body: {} };
  };
  const server = createServer((request, response) => {
    read(request).then(
      (text) => {
        const isRefused = isDown && request.method === 'GET';
        const { status, body } = isRefused ? DOWN : answerTo(request, text, { comments, write });
        response.writeHead(status).end(JSON.stringify(body));
      },
      (thrown: Error) => response.destroy(thrown),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    comments: () => comments,
    say: (author, body) => comments.push({ id: 1000 + comments.length, author, body }),
    setDown: (value) => {
      isDown = value;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

interface Store {
  readonly comments: readonly Comment[];
  readonly write: (body: string, id?: number) => Answer;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

function answerTo(request: IncomingMessage, text: string, store: Store): Answer {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://forge');
  const route = `${request.method} ${pathname.replace(/\d+$/, 'ID')}`;
  const id = Number(/\d+$/.exec(pathname)?.[0]);
  const page = pageOf(store.comments, searchParams);
  const { authorization = '', 'private-token': token } = request.headers;
  const mayRead = authorization !== '' || token === GITLAB_TOKEN;
  if (!mayRead) return { status: 401, body: 'no token' };
  // The token of a GitHub job here is the list of its permissions.
  const mayWrite = authorization.includes('pull-requests: write') || token === GITLAB_TOKEN;
  if (request.method !== 'GET' && !mayWrite) return { status: 403, body: 'not with this token' };
  switch (route) {
    case `GET /repos/ops/web-1/issues/${PULL}/comments`:
      return { status: 200, body: page.map((c) => ({ ...c, user: PERSON[c.author] })) };
    case `POST /repos/ops/web-1/issues/${PULL}/comments`:
      return store.write(jsonBody(text));
    case 'PATCH /repos/ops/web-1/issues/comments/ID':
      return store.write(jsonBody(text), id);
    case 'GET /api/v4/user':
      return { status: 200, body: PERSON.pipeline };
    case `GET /api/v4/projects/1/merge_requests/${PULL}/notes`:
      return { status: 200, body: page.map((c) => ({ ...c, author: PERSON[c.author] })) };
    case `POST /api/v4/projects/1/merge_requests/${PULL}/notes`:
      return store.write(formBody(text));
    case `PUT /api/v4/projects/1/merge_requests/${PULL}/notes/ID`:
      return store.write(formBody(text), id);
    default:
      return { status: 404, body: route };
  }
}

function pageOf(comments: readonly Comment[], asked: URLSearchParams): readonly Comment[] {
  const size = Number(asked.get('per_page') ?? 20);
  const start = (Number(asked.get('page') ?? 1) - 1) * size;
  return comments.slice(start, start + size);
}

function jsonBody(text: string): string {
  return (JSON.parse(text) as { readonly body: string }).body;
}

function formBody(text: string): string {
  return new URLSearchParams(text).get('body') ?? '';
}
