import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  Socket,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNet } from '../../src/host/net.ts';
import { ALLOWED_BY_DEFAULT, ipRanges } from '../../src/model/address.ts';
import { durationMs } from '../../src/model/duration.ts';
import { hostPath, type HostPath } from '../../src/model/ids.ts';
import { until } from './until.ts';

const net = createNet();
const request = { timeoutMs: durationMs(5_000), bodyBytesMax: 1_000 };
const servers: TcpServer[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function listen<T extends TcpServer | Server>(
  server: T,
  address = '127.0.0.1',
): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return (server.address() as AddressInfo).port;
}
const serve = async (answer: RequestListener) =>
  `http://127.0.0.1:${await listen(createServer(answer))}/`;

/** A port that nobody listens on: one that was just given back. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  servers.pop();
  return port;
}

describe('get', () => {
  test('gives status, headers and body, whatever the status', async () => {
    const url = await serve((_, answer) =>
      answer
        .writeHead(503, [
          ['X-One', 'a'],
          ['x-one', 'b'],
        ])
        .end('grüße'),
    );
    const got = await net.get(url, request);
    expect(got).toMatchObject({ kind: 'answer', value: { status: 503, body: 'grüße' } });
    expect(got.kind === 'answer' && got.value.headers.get('x-one')).toBe('a, b');
  });

  test('asks by its own name and keeps no connection', async () => {
    let headers: unknown;
    const url = await serve((asked, answer) => {
      headers = asked.headers;
      answer.end();
    });
    await net.get(url, request);
    expect(headers).toMatchObject({ 'user-agent': 'bootstrap', connection: 'close' });
    expect(headers).not.toHaveProperty('accept-encoding');
  });

  test('follows no redirect', async () => {
    const asked: string[] = [];
    const url = await serve(({ url: path = '' }, answer) => {
      asked.push(path);
      answer.writeHead(302, { location: '/elsewhere' }).end('moved');
    });
    expect(await net.get(url, request)).toMatchObject({
      kind: 'answer',
      value: { status: 302, body: 'moved' },
    });
    expect(asked).toEqual(['/']);
  });

  test('reads a body up to its cap, and hangs up on the rest', async () => {
    let hungUp = false;
    const url = await serve((_, answer) => {
      const more = () => {
        while (!answer.destroyed && answer.write('x'.repeat(10_000)));
      };
      answer.on('drain', more).on('close', () => (hungUp = true));
      more();
    });
    expect(await net.get(url, request)).toMatchObject({
      kind: 'answer',
      value: { status: 200, body: 'x'.repeat(1_000) },
    });
    await until(() => hungUp);
  });

  test.each([
    ['that never answers', () => {}],
    [
      'whose body drips',
      (answer: { write(text: string): unknown }) => {
        const drip = setInterval(() => answer.write('.'), 20);
        setTimeout(() => clearInterval(drip), 3_000).unref();
      },
    ],
  ])('gives up on a server %s', async (_, act) => {
    const url = await serve((_asked, answer) => {
      act(answer);
      answer.on('close', () => answer.destroy());
    });
    const startedMs = performance.now();
    expect(await net.get(url, { ...request, timeoutMs: durationMs(300) })).toEqual({
      kind: 'refused',
      why: 'no answer within 300ms',
    });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test('refused: nobody listens, a name nobody has, a hang-up, no HTTP', async () => {
    const whyOf = async (url: string) => {
      const result = await net.get(url, request);
      return result.kind === 'answer' ? 'answer' : `${result.kind}: ${result.why}`;
    };
    const rude = await listen(createTcpServer((socket) => socket.resetAndDestroy()));
    const other = await listen(
      createTcpServer((socket) =>
        socket
          .resume()
          .on('error', () => {})
          .end('SSH-2.0-x\r\n'),
      ),
    );
    const cut = await serve((_, answer) => {
      answer.writeHead(200, { 'content-length': '100' }).write('only this', () => answer.destroy());
    });
    expect(await whyOf(`http://127.0.0.1:${await freePort()}/?token=secret`)).toBe(
      'refused: connection refused',
    );
    expect(await whyOf(`http://localhost:${await freePort()}/`)).toBe(
      'refused: connection refused',
    );
    expect(await whyOf('http://no-such-name.invalid/')).toMatch(
      /^(refused|error): (getaddrinfo|temporary)/,
    );
    expect(await whyOf(`http://127.0.0.1:${rude}/?token=secret`)).toMatch(
      /^refused: (connection reset by peer|socket hang up)$/,
    );
    expect(await whyOf(`http://127.0.0.1:${other}/?token=secret`)).toMatch(/^refused: Parse Error/);
    expect(await whyOf(`${cut}?token=secret`)).toMatch(/^refused: (?!.*secret)/);
  });

  test('error: what is no URL to ask', async () => {
    for (const url of [
      '',
      'nonsense',
      '127.0.0.1:80',
      'file:///etc/passwd',
      'data:,x',
      'ftp://x/',
      'http://u:p@127.0.0.1/',
      'http://x:99999/',
    ]) {
      expect(await net.get(url, request), url).toMatchObject({ kind: 'error' });
    }
  });

  test('error: called off, before or meanwhile', async () => {
    const url = await serve(() => {});
    expect(await net.get(url, { ...request, signal: AbortSignal.abort() })).toEqual({
      kind: 'error',
      why: 'cancelled',
    });
    const off = new AbortController();
    const asking = net.get(url, { ...request, signal: off.signal });
    setTimeout(() => off.abort(), 50);
    expect(await asking).toEqual({ kind: 'error', why: 'cancelled' });
  });
});

describe('visit', () => {
  const visiting = { ...request, allow: ALLOWED_BY_DEFAULT, post: undefined };
  /** Names of a made-up world; `ask` counts on 127.0.0.1 being the only one that answers. */
  const visitor = createNet(async (name) => {
    const addresses: Record<string, string[]> = {
      'good.test': ['127.0.0.1'],
      'mixed.test': ['169.254.169.254', '93.184.216.34', '127.0.0.1'],
      'metadata.test': ['169.254.169.254'],
      'public.test': ['93.184.216.34'],
      'none.test': [],
    };
    return (addresses[name] ?? []).map((address) => ({ address, family: 4 }));
  });

  test('reaches a loopback address, by number or by name', async () => {
    const url = await serve((_, answer) => answer.end('thanks'));
    const { port } = new URL(url);
    for (const visited of [url, `http://localhost:${port}/`]) {
      expect(await net.visit(visited, visiting), visited).toMatchObject({
        kind: 'answer',
        value: { body: 'thanks' },
      });
    }
    // An address that is refused is passed over, not connected to.
    for (const visited of [`http://good.test:${port}/`, `http://mixed.test:${port}/`]) {
      expect(await visitor.visit(visited, visiting), visited).toMatchObject({
        kind: 'answer',
        value: { body: 'thanks' },
      });
    }
  });

  test('judges the address that a name is resolved to', async () => {
    expect(await visitor.visit('https://metadata.test/latest', visiting)).toEqual({
      kind: 'error',
      why: 'metadata.test: 169.254.169.254 is a metadata address',
    });
    expect(await visitor.visit('http://public.test/', visiting)).toEqual({
      kind: 'error',
      why: 'public.test: 93.184.216.34 is neither loopback nor private, and may be asked over https only',
    });
    expect(await visitor.visit('http://none.test/', visiting)).toEqual({
      kind: 'refused',
      why: 'the name has no address',
    });
  });

  test('goes where bootstrap.ini lets it go, and nowhere else', async () => {
    const url = await serve((_, answer) => answer.end('thanks'));
    const { port } = new URL(url);
    const nowhere = { https: false, private: false, ranges: [] };
    expect(
      await visitor.visit(`http://good.test:${port}/`, { ...visiting, allow: nowhere }),
    ).toEqual({
      kind: 'error',
      why: 'good.test: 127.0.0.1 is not among what callback-allow of bootstrap.ini names',
    });
    const named = { ...nowhere, ranges: ipRanges(['127.0.0.0/30']) };
    expect(
      await visitor.visit(`http://good.test:${port}/`, { ...visiting, allow: named }),
    ).toMatchObject({ kind: 'answer' });
  });

  test('posts a body as it is, and follows no redirect with it', async () => {
    const asked: string[] = [];
    const url = await serve((request, answer) => {
      const { method, headers } = request;
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        asked.push(`${method} ${headers['content-type']} ${String(headers['x-one'])} ${body}`);
        answer.writeHead(307, { location: '/elsewhere' }).end();
      });
    });
    const headers = { 'content-type': 'application/json', 'x-one': '1' };
    const post = { headers, body: '{"a":"grüße"}' };
    expect(await net.visit(url, { ...visiting, post })).toMatchObject({
      kind: 'answer',
      value: { status: 307 },
    });
    expect(asked).toEqual(['POST application/json 1 {"a":"grüße"}']);
  });

  test('refuses numbers in any spelling, and other schemes', async () => {
    const refused = [
      'http://169.254.169.254/',
      'http://0xa9fea9fe/',
      'http://2852039166/',
      'https://[::ffff:a9fe:a9fe]/',
      'https://[64:ff9b::a9fe:a9fe]/',
      'http://0/',
      'https://user@example.com/',
      'file:///etc/passwd',
      'http://93.184.216.34/',
    ];
    for (const url of refused)
      expect(await net.visit(url, visiting), url).toMatchObject({ kind: 'error' });
  });
});

describe('a unix socket', () => {
  const { timeoutMs } = request;

  test('is asked over HTTP, connected to, and asked in its own words', async () => {
    const socket = await listenAt(
      createServer((asked, answer) => answer.end(`${asked.headers.host} ${asked.url}`)),
    );
    expect(await net.get('http://web/x', { ...request, socket })).toMatchObject({
      kind: 'answer',
      value: { status: 200, body: 'web /x' },
    });
    expect(await net.connect({ socket }, { timeoutMs })).toEqual({
      kind: 'answer',
      value: undefined,
    });
    const text = 'GET /y HTTP/1.0\r\n\r\n';
    const asked = await net.ask({ socket }, { timeoutMs, text, answerBytesMax: 1000 });
    expect(asked).toMatchObject({ kind: 'answer', value: expect.stringMatching(/ \/y$/) });
    const start = await net.ask({ socket }, { timeoutMs, text, answerBytesMax: 8 });
    expect(start).toEqual({ kind: 'answer', value: 'HTTP/1.1' });
  });

  test('that never answers is out of time; one that is not there, or nobody listens on, is refused', async () => {
    const socket = await listenAt(
      createTcpServer((silent) => silent.resume().on('error', () => {})),
    );
    const ask = { text: 'x', answerBytesMax: 10, timeoutMs: durationMs(100) };
    expect(await net.ask({ socket }, ask)).toEqual({
      kind: 'refused',
      why: 'no answer within 100ms',
    });
    expect(await net.ask({ socket }, { ...ask, signal: AbortSignal.abort() })).toEqual({
      kind: 'error',
      why: 'cancelled',
    });
    expect(await net.connect({ socket: hostPath('', `${socket}.not`) }, { timeoutMs })).toEqual({
      kind: 'refused',
      why: 'no such file or directory',
    });
    fs.writeFileSync(`${socket}.file`, '');
    expect(await net.connect({ socket: hostPath('', `${socket}.file`) }, { timeoutMs })).toEqual({
      kind: 'refused',
      why: 'connection refused',
    });
  });

  test('of a path too long is not asked: cut off, it could be another one', async () => {
    const socket = hostPath('', `/tmp/${'a'.repeat(103)}`);
    const tooLong = { kind: 'error', why: expect.stringContaining('at most 107 bytes') };
    expect(await net.connect({ socket }, { timeoutMs })).toEqual(tooLong);
    expect(await net.get('http://web/', { ...request, socket })).toEqual(tooLong);
    const fits = hostPath('', `/tmp/${'a'.repeat(102)}`);
    expect(await net.connect({ socket: fits }, { timeoutMs })).toMatchObject({ kind: 'refused' });
  });

  let folder = '';
  beforeEach(() => (folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-net-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  async function listenAt(server: TcpServer | Server): Promise<HostPath> {
    servers.push(server);
    const path = hostPath('', join(folder, 'a.sock'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  }
});

describe('connect', () => {
  const { timeoutMs } = request;

  test('is content with a connection, and closes it', async () => {
    let closed = 0;
    const port = await listen(
      createTcpServer((socket) =>
        socket
          .resume()
          .on('error', () => {})
          .on('close', () => (closed += 1)),
      ),
    );
    expect(await net.connect({ host: '127.0.0.1', port: port }, { timeoutMs })).toEqual({
      kind: 'answer',
      value: undefined,
    });
    expect(await net.connect({ host: 'localhost', port: port }, { timeoutMs })).toMatchObject({
      kind: 'answer',
    });
    await until(() => closed === 2);
  });

  test('tells refused, out of time, called off and impossible apart', async () => {
    expect(await net.connect({ host: '127.0.0.1', port: await freePort() }, { timeoutMs })).toEqual(
      {
        kind: 'refused',
        why: 'connection refused',
      },
    );
    expect(await net.connect({ host: '127.0.0.1', port: 99_999 }, { timeoutMs })).toMatchObject({
      kind: 'error',
    });
    expect(
      await net.connect({ host: '127.0.0.1', port: 1 }, { timeoutMs, signal: AbortSignal.abort() }),
    ).toEqual({
      kind: 'error',
      why: 'cancelled',
    });
    const full = await listenWithoutAccepting();
    try {
      expect(
        await net.connect({ host: '127.0.0.1', port: full.port }, { timeoutMs: durationMs(200) }),
      ).toEqual({
        kind: 'refused',
        why: 'no answer within 200ms',
      });
    } finally {
      full.end();
    }
  });

  /** A port whose queue is full, so that the next connection waits. */
  async function listenWithoutAccepting(): Promise<{ port: number; end(): void }> {
    const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port); process.kill(process.pid, 'SIGSTOP'); })`;
    const child = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = Number(String((await once(child.stdout, 'data'))[0]));
    await until(() => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '));
    const fillers = Array.from({ length: 8 }, () =>
      new Socket().on('error', () => {}).connect(port, '127.0.0.1'),
    );
    await until(() => fillers.some((socket) => socket.readyState === 'open'));
    return {
      port,
      end() {
        for (const socket of fillers) socket.destroy();
        child.kill('SIGKILL');
      },
    };
  }
});

test('without file handles left it is an error, and nothing keeps the process alive', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'bootstrap-net-'));
  const main = join(folder, 'main.mts');
  fs.writeFileSync(
    main,
    `import { openSync } from 'node:fs';
    import { createServer } from 'node:http';
    import { createNet } from ${JSON.stringify(join(process.cwd(), 'src/host/net.ts'))};
    const server = createServer((_, answer) => answer.end('x'.repeat(100_000))).listen(0, '127.0.0.1', async () => {
      const { port } = server.address() as { port: number };
      const url = 'http://127.0.0.1:' + port;
      const request = { timeoutMs: 5000, bodyBytesMax: 10 } as never;
      const kinds = [(await createNet().get(url, request)).kind];
      try { for (;;) openSync('/dev/null', 'r'); } catch {}
      const found = await createNet().get(url, request);
      const connected = await createNet().connect({ host: '127.0.0.1', port }, request);
      console.log(JSON.stringify([...kinds, found, connected]));
      server.close();
    });`,
  );
  const esbuild = join(process.cwd(), 'node_modules/.bin/esbuild');
  const built = join(folder, 'main.mjs');
  spawnSync(esbuild, [
    main,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--log-level=error',
    `--outfile=${built}`,
  ]);
  const ran = spawnSync('/usr/bin/prlimit', ['--nofile=60', process.execPath, built], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  fs.rmSync(folder, { recursive: true });
  const tooMany = { kind: 'error', why: 'too many open files' };
  expect([ran.stderr, JSON.parse(ran.stdout), ran.status]).toEqual([
    '',
    ['answer', tooMany, tooMany],
    0,
  ]);
});
