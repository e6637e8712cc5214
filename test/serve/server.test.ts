// The server over real connections: what it answers, whom it gives up on, and how it ends.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { durationMs } from '../../src/model/duration.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';
import { healthRoutes } from '../../src/serve/health.ts';
import type { Asked, Outlet, Route } from '../../src/serve/route.ts';
import { startServer } from '../../src/serve/server.ts';
import { until } from '../host/until.ts';
import { host, serving, wireTo } from './world.ts';

const hello: Route = {
  method: 'GET',
  path: '/hello',
  answer: ({ query }) => ({ kind: 'text', status: 200, text: `hello ${query.get('to') ?? ''}\n` }),
};
const GET = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

describe('it answers by its table', () => {
  test('GET, with what every answer has, and no more on this connection', async () => {
    const { url } = await serving([hello]);
    const answer = await fetch(`${url}hello?to=you`);
    expect([answer.status, await answer.text()]).toEqual([200, 'hello you\n']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
  });

  test('HEAD, with the same headers and no text', async () => {
    const { url, port } = await serving([hello]);
    const answer = await fetch(`${url}hello`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '7']);
    const wire = await wireTo(port, GET.replace('GET', 'HEAD'));
    await until(wire.isClosed);
    expect(wire.received()).toMatch(/\r\n\r\n$/);
  });

  test('what is not in it, and what is there for others', async () => {
    const put: Route = { ...hello, method: 'POST', path: '/put' };
    const { url } = await serving([hello, put]);
    const outcome = async (method: string, path: string) => {
      const answer = await fetch(`${url}${path}`, { method });
      return [answer.status, answer.headers.get('allow'), await answer.text()];
    };
    expect(await outcome('GET', 'nowhere')).toEqual([404, null, 'not found\n']);
    expect(await outcome('GET', 'hello/')).toEqual([404, null, 'not found\n']);
    expect(await outcome('POST', 'hello')).toEqual([405, 'GET, HEAD', 'not with this method\n']);
    expect(await outcome('OPTIONS', 'hello')).toEqual([405, 'GET, HEAD', 'not with this method\n']);
    expect(await outcome('GET', 'put')).toEqual([405, 'POST', 'not with this method\n']);
  });

  test('a POST with its body as it came, up to a mebibyte', async () => {
    const bodies: Asked['body'][] = [];
    const put: Route = {
      method: 'POST',
      path: '/put',
      answer: ({ body }) => {
        bodies.push(body);
        return { kind: 'text', status: 202, text: '', headers: { 'x-own': 'yes' } };
      },
    };
    const { url } = await serving([put]);
    const largest = new Uint8Array(1024 * 1024).fill(255);
    for (const body of [new Uint8Array([0, 255, 13, 10]), largest])
      expect((await fetch(`${url}put`, { method: 'POST', body })).headers.get('x-own')).toBe('yes');
    expect(bodies.map((body) => body.length)).toEqual([4, largest.length]);
    expect([...(bodies[0] ?? [])]).toEqual([0, 255, 13, 10]);
    const larger = new Uint8Array(largest.length + 1);
    const refused = await fetch(`${url}put`, { method: 'POST', body: larger });
    expect([refused.status, await refused.text()]).toEqual([413, 'too large\n']);
    expect(bodies.length).toBe(2);
  });

  test('a route that throws with 500, says so in the log, and goes on', async () => {
    const broken: Route = {
      method: 'GET',
      path: '/broken',
      answer: () => {
        throw new Error('no snapshot');
      },
    };
    const { url, reports } = await serving([hello, broken]);
    const answer = await fetch(`${url}broken`);
    expect([answer.status, await answer.text()]).toEqual([500, 'internal error\n']);
    expect(reports).toEqual(['a bug in the answer to /broken: no snapshot']);
    expect((await fetch(`${url}hello`)).status).toBe(200);
  });

  test('health, as it is at the moment of asking', async () => {
    const state = { alive: true, ready: false };
    const { url } = await serving(
      healthRoutes({ isAlive: () => state.alive, isReady: () => state.ready }),
    );
    const outcomes = async () => {
      const answers = await Promise.all(['healthz', 'readyz'].map((path) => fetch(url + path)));
      return await Promise.all(answers.map(async (each) => [each.status, await each.text()]));
    };
    expect(await outcomes()).toEqual([
      [200, 'alive\n'],
      [503, 'the first look is not done yet\n'],
    ]);
    Object.assign(state, { alive: false, ready: true });
    expect(await outcomes()).toEqual([
      [503, 'the loop does not turn\n'],
      [200, 'ready\n'],
    ]);
  });
});

describe('what is no request does not hurt it', () => {
  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['no host', 'GET /hello HTTP/1.1\r\n\r\n', 400],
    ['a path that is none', 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a name of 20 KiB', `GET /hello HTTP/1.1\r\nHost: x\r\n${'x'.repeat(20_000)}: 1\r\n\r\n`, 431],
    ['two lengths', `${GET.slice(0, -2)}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ])('%s', async (_, said, status) => {
    const { url, port, reports } = await serving([hello]);
    const wire = await wireTo(port, said);
    await until(wire.isClosed);
    expect(wire.received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect([(await fetch(`${url}hello`)).status, reports]).toEqual([200, []]);
  });

  test('a second request on the same connection is not answered', async () => {
    const { port } = await serving([hello]);
    const wire = await wireTo(port, GET + GET);
    await until(wire.isClosed);
    expect(wire.received().match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('a sender that leaves in the middle', async () => {
    const { url, port } = await serving([{ ...hello, method: 'POST' }]);
    const wire = await wireTo(
      port,
      'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1',
    );
    wire.socket.resetAndDestroy();
    expect((await fetch(`${url}hello`, { method: 'POST' })).status).toBe(200);
  });
});

describe('who dawdles is given up on', () => {
  test('who says nothing, never ends its headers, or never sends its body', async () => {
    const { url, port } = await serving([hello, { ...hello, method: 'POST', path: '/put' }]);
    const silent = await wireTo(port);
    const header = await wireTo(port, 'GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const body = await wireTo(port, 'POST /put HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n');
    const wires = [silent, header, body];
    const drip = setInterval(() => [header, body].forEach(({ socket }) => socket.write('x')), 500);
    onTestFinished(() => clearInterval(drip));
    await until(() => wires.every((wire) => wire.isClosed()), 30_000);
    for (const wire of wires) expect(wire.received()).toMatch(/^HTTP\/1\.1 408 /);
    expect((await fetch(`${url}hello`)).status).toBe(200);
  }, 40_000);

  test('more than 64 at a time are not let in, and there is room again when they leave', async () => {
    const { url, port } = await serving([hello]);
    const wires = await Promise.all(Array.from({ length: 64 }, () => wireTo(port)));
    const one = await wireTo(port, GET);
    await until(one.isClosed);
    expect(one.received()).toBe('');
    for (const { socket } of wires) socket.destroy();
    await until(() => wires.every((wire) => wire.isClosed()));
    for (let status = 0; status !== 200;)
      status = await fetch(`${url}hello`).then(
        (answer) => answer.status,
        () => 0,
      );
  });
});

describe('an answer that goes on', () => {
  const streaming = (): { readonly route: Route; readonly outlets: Outlet[] } => {
    const outlets: Outlet[] = [];
    const begin = (outlet: Outlet) => outlets.push(outlet);
    const answer = () => ({ kind: 'stream', type: 'text/event-stream', begin }) as const;
    return { route: { method: 'GET', path: '/events', answer }, outlets };
  };
  const ASK = 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n';

  test('comes piece by piece, until the other side has left', async () => {
    const { route, outlets } = streaming();
    const { port } = await serving([route]);
    const wire = await wireTo(port, ASK);
    await until(() => wire.received().includes('text/event-stream'));
    outlets[0]?.send('data: 1\n\n');
    await until(() => wire.received().includes('data: 1\n\n'));
    outlets[0]?.send('data: 2\n\n');
    await until(() => wire.received().includes('data: 2\n\n'));
    expect(outlets[0]?.closed.aborted).toBe(false);
    wire.socket.destroy();
    await until(() => outlets[0]?.closed.aborted === true);
    outlets[0]?.send('data: 3\n\n');
  });

  test('is cut where nobody reads it', async () => {
    const { route, outlets } = streaming();
    const { port } = await serving([route]);
    const wire = await wireTo(port, ASK);
    wire.socket.pause();
    await until(() => outlets.length === 1);
    const page = 'x'.repeat(64 * 1024);
    await until(() => {
      outlets[0]?.send(page);
      return outlets[0]?.closed.aborted === true;
    });
  });

  test('is only its headers for HEAD', async () => {
    const { route, outlets } = streaming();
    const { port } = await serving([route]);
    const wire = await wireTo(port, ASK.replace('GET', 'HEAD'));
    await until(wire.isClosed);
    expect(wire.received()).toMatch(/text\/event-stream[\s\S]*\r\n\r\n$/);
    expect(outlets).toEqual([]);
  });

  test('ends with the server, at once, and so does a request half said', async () => {
    const { route, outlets } = streaming();
    const { port, url, close } = await serving([route]);
    const wires = [await wireTo(port, ASK), await wireTo(port, 'GET /ev'), await wireTo(port)];
    await until(() => outlets.length === 1);
    await close();
    await until(() => wires.every((wire) => wire.isClosed()));
    expect(outlets[0]?.closed.aborted).toBe(true);
    await expect(fetch(`${url}events`)).rejects.toThrow('fetch failed');
  });
});

describe('where it listens', () => {
  test('on IPv6', async () => {
    const { url } = await serving([hello], { kind: 'port', host: '::1', port: 0 });
    expect(url).toMatch(/^http:\/\/\[::1\]:[1-9]\d*\/$/);
    expect((await fetch(`${url}hello`)).status).toBe(200);
  });

  test('not where another one does, nor where this machine is not', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const taken = other.address();
    const port = typeof taken === 'object' && taken !== null ? taken.port : 0;
    expect(await failed({ kind: 'port', host: '127.0.0.1', port })).toEqual({
      code: 'listen-failed',
      address: `http://127.0.0.1:${port}/`,
      why: 'address already in use',
    });
    const elsewhere = { kind: 'port', host: '192.0.2.1', port: 9810 } as const;
    expect(await failed(elsewhere)).toMatchObject({ why: 'address not available' });
    const unknown = { ...elsewhere, host: 'no-such-name.invalid' };
    expect(await failed(unknown)).toMatchObject({ code: 'listen-failed' });
  });

  test('on a unix socket that is for its owner only', async () => {
    const path = hostPath('', `${newFolder()}/http.sock`);
    const { url, close } = await serving([hello], { kind: 'socket', path });
    expect(url).toBe(`unix:${path}`);
    expect(await host.net.get('http://here/hello', ask(path))).toMatchObject({
      value: { status: 200, body: 'hello \n' },
    });
    expect(statSync(path).mode & 0o022).toBe(0);
    await close();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('on the socket that a killed one left, but not on that of a living one', async () => {
    const path = hostPath('', `${newFolder()}/http.sock`);
    const program = `require('net').createServer((s) => s.on('error', () => {}).end('mine')).listen(process.argv[1], () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout, 'data');
    const why = 'address already in use';
    expect(await failed({ kind: 'socket', path })).toMatchObject({ address: `unix:${path}`, why });
    const wire = await wireTo(path);
    await until(() => wire.received() === 'mine');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await serving([hello], { kind: 'socket', path });
    expect(await host.net.get('http://here/hello', ask(path))).toMatchObject({ kind: 'answer' });
  });

  test('not in place of a file, nor at a path too long', async () => {
    const path = hostPath('', `${newFolder()}/notes`);
    writeFileSync(path, 'mine');
    expect(await failed({ kind: 'socket', path })).toMatchObject({ why: 'address already in use' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    const long = hostPath('', `${path}${'x'.repeat(120)}`);
    expect(await failed({ kind: 'socket', path: long })).toMatchObject({
      why: expect.stringContaining('at most 107 bytes'),
    });
  });
});

test('the log gets ten lines a minute, whoever asks how often', async () => {
  const refused: Route = {
    ...hello,
    answer: () => ({ kind: 'text', status: 401, text: '', problem: 'refused' }),
  };
  const { url, reports } = await serving([refused]);
  for (let count = 0; count < 30; count += 1) expect((await fetch(`${url}hello`)).status).toBe(401);
  expect(reports).toEqual(Array.from({ length: 10 }, () => 'refused'));
});

test('a client that keeps connections is told not to', async () => {
  const { port } = await serving([hello]);
  const asked = httpRequest({ port, path: '/hello', headers: { connection: 'keep-alive' } }).end();
  const [answer] = await once(asked, 'response');
  expect(answer.headers.connection).toBe('close');
  answer.resume();
  await once(answer, 'close');
});

async function failed(address: Parameters<typeof startServer>[1]): Promise<unknown> {
  const started = await startServer(host, address, { routes: [], report: () => {} });
  if (!started.ok) return started.error;
  await started.value.close();
  return 'it listens';
}

function ask(socket: HostPath) {
  return { socket, timeoutMs: durationMs(5_000), bodyBytesMax: 1_000 };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
