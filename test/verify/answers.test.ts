// What an http heartbeat expects of the answer beyond its status, and the other ways to ask for one.
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { durationMs } from '../../src/model/duration.ts';
import type { HeartbeatProbe, Sample } from '../../src/model/heartbeat.ts';
import { takeSample } from '../../src/verify/probes.ts';
import { closedPort, heartbeatOf, host, httpProbe, scripts, withHttp } from './world.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'verify-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('http passes or fails by', () => {
  const health = { status: 'UP', queues: [{ depth: 0 }, { depth: 7 }], 'a/b': { '~': null }, n: 1 };

  test.each<[string, Parameters<typeof httpProbe>[1], string | undefined]>([
    ['a header', { header: [{ name: 'X-Web', pattern: '^two' }] }, undefined],
    ['every value of a header', { header: [{ name: 'x-web', pattern: 'words, and' }] }, undefined],
    [
      'a header that does not match',
      { header: [{ name: 'X-Web', pattern: '^Two' }] },
      'answered X-Web: "two words, and a third", which does not match ^Two',
    ],
    [
      'the second header',
      {
        header: [
          { name: 'X-Web', pattern: '' },
          { name: 'X-None', pattern: '' },
        ],
      },
      'answered without the header X-None',
    ],
    ['a value in the JSON', { json: [{ pointer: '/status', value: 'UP' }] }, undefined],
    ['a value in a list', { json: [{ pointer: '/queues/1/depth', value: 7 }] }, undefined],
    ['a key with a slash', { json: [{ pointer: '/a~1b/~0', value: null }] }, undefined],
    ['a list', { json: [{ pointer: '/queues', value: [{ depth: 0 }, { depth: 7 }] }] }, undefined],
    [
      'the whole, in any order',
      { json: [{ pointer: '', value: Object.fromEntries(Object.entries(health).toReversed()) }] },
      undefined,
    ],
    [
      'another value',
      { json: [{ pointer: '/status', value: 'DOWN' }] },
      'answered "UP" at /status, not "DOWN"',
    ],
    [
      'a value of another type',
      { json: [{ pointer: '/n', value: '1' }] },
      'answered 1 at /n, not "1"',
    ],
    [
      'a value that is not there',
      { json: [{ pointer: '/queues/2/depth', value: 0 }] },
      'answered nothing at /queues/2/depth, not 0',
    ],
    [
      'what every list and map has',
      {
        json: [
          { pointer: '/queues/length', value: 2 },
          { pointer: '/constructor', value: 0 },
        ],
      },
      'answered nothing at /queues/length, not 2',
    ],
    [
      'a status, before all else',
      { status: 204, json: [{ pointer: '/status', value: 'UP' }] },
      'answered 200, not 204',
    ],
  ])('%s', async (_, expected, reason) => {
    const sample = await withHttp(
      (_request, response) =>
        response
          .writeHead(200, [
            ['x-web', 'two words'],
            ['X-Web', 'and a third'],
          ])
          .end(JSON.stringify(health)),
      async (port) => await look(httpProbe(`http://127.0.0.1:${port}/`, expected)),
    );
    expect(sample).toMatchObject(
      reason === undefined ? { verdict: 'pass' } : { verdict: 'fail', reason },
    );
  });

  test.each([
    ['nonsense', 'answered "nonsense", which is no JSON of at most 65536 bytes'],
    [`"${'x'.repeat(70_000)}"`, 'which is no JSON of at most 65536 bytes'],
  ])('no JSON at all', async (body, reason) => {
    const probe = { json: [{ pointer: '', value: 1 }] };
    const sample = await withHttp(
      (_request, response) => response.end(body),
      async (port) => await look(httpProbe(`http://127.0.0.1:${port}/`, probe)),
    );
    expect(sample).toMatchObject({ verdict: 'fail', reason: expect.stringContaining(reason) });
  });

  test('a header pattern that is none is an error', async () => {
    const header = [{ name: 'x', pattern: '(' }];
    expect(await look(httpProbe(`http://127.0.0.1:${await closedPort()}/`, { header }))).toEqual({
      verdict: 'error',
      reason: 'no regular expression: (',
    });
  });
});

describe('a unix socket', () => {
  const path = '/web.sock';

  test('is asked over HTTP, under the root', async () => {
    const server = createServer((asked, response) =>
      response.end(`${asked.url} of ${asked.headers.host}`),
    );
    const probe = httpProbe('http://localhost/healthz', {
      socket: path,
      body: '^/healthz of localhost$',
    });
    await new Promise<void>((listening) => server.listen(join(root, path), listening));
    expect(await look(probe)).toMatchObject({ verdict: 'pass' });
    await new Promise((closed) => server.close(closed));
    expect(await look(probe)).toMatchObject({
      verdict: 'fail',
      reason: 'no such file or directory',
    });
  });

  test('passes while somebody listens', async () => {
    const server = createSocketServer((socket) => socket.destroy());
    await new Promise<void>((listening) => server.listen(join(root, path), listening));
    expect(await look({ kind: 'unix', path })).toMatchObject({ verdict: 'pass' });
    await new Promise((closed) => server.close(closed));
    expect(await look({ kind: 'unix', path })).toMatchObject({ verdict: 'fail' });
  });

  test('is an error where its path is too long for one', async () => {
    expect(await look({ kind: 'unix', path: `/${'a'.repeat(120)}` })).toMatchObject({
      verdict: 'error',
      reason: expect.stringContaining('at most 107 bytes'),
    });
  });
});

describe('haproxy (the real one is asked in daemons.test.ts)', () => {
  const path = '/haproxy.sock';
  const table = '# pxname,svname,status,\nweb,BACKEND,UP,\napi,BACKEND,DOWN,\n';

  test.each([
    ['that is stopping', `Pid: 1\nStopping: 1\n\n${table}`, 'it is stopping'],
    ['with a backend down', `Pid: 1\nStopping: 0\n\n${table}`, 'down: api'],
    [
      'with many down',
      `Pid: 1\n\n# pxname,svname,status,\n${'b,BACKEND,DOWN,\n'.repeat(7)}`,
      'down: b, b, b, b, b and 2 more',
    ],
    ['that is none', 'hello', 'answered "hello", which is not HAProxy\'s'],
    ['that may not tell', 'Pid: 1\nPermission denied\n', expect.stringContaining('not HAProxy')],
  ])('one %s fails', async (_, answer, reason) => {
    expect(await lookAt(answer)).toMatchObject({ verdict: 'fail', reason });
  });

  test('one of another name space of processes passes as nobody known', async () => {
    const sample = await lookAt('Pid: 4194305\n\n# pxname,svname,status,\nweb,BACKEND,UP,\n');
    expect(sample).toMatchObject({ verdict: 'pass', identity: undefined });
  });

  async function lookAt(answer: string): Promise<Sample> {
    const server = createSocketServer((socket) => socket.once('data', () => socket.end(answer)));
    await new Promise<void>((listening) => server.listen(join(root, path), listening));
    try {
      return await look({ kind: 'haproxy', socket: path });
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  }
});

describe('exec', () => {
  const exec = (...argv: [string, ...string[]]) => ({ kind: 'exec', argv }) as const;

  test('passes on exit 0, with nothing of a shell', async () => {
    expect(await look(exec('test', '$HOME', '=', '$' + 'HOME'))).toMatchObject({
      verdict: 'pass',
      identity: undefined,
    });
  });

  test('gets the environment of scripts and no other', async () => {
    const script =
      '[ "$(env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | tr "\\n" " ")" = "PATH=/usr/bin:/bin " ]';
    expect(await look(exec('sh', '-c', script))).toMatchObject({ verdict: 'pass' });
  });

  test.each([
    [
      'its exit code and first line',
      'echo; echo "  two\\033[1m"; echo three; exit 3',
      'exit 3: two\\x1b[1m',
    ],
    ['what stderr says', 'echo no >&2; exit 1', 'exit 1: no'],
    ['its exit code, when it says nothing', 'exit 7', 'exit 7'],
    ['the signal that ended it', 'kill -SEGV $$', 'ended by SIGSEGV'],
  ])('fails with %s', async (_, script, reason) => {
    expect(await look(exec('sh', '-c', script))).toMatchObject({ verdict: 'fail', reason });
  });

  test('shows no secret', async () => {
    const sample = await takeSample(host, heartbeatOf(exec('sh', '-c', 'echo hush-hush; exit 1')), {
      ...request(),
      mask: ['hush-hush'],
    });
    expect(sample).toMatchObject({ verdict: 'fail', reason: 'exit 1: ***' });
  });

  test('fails when its time is up, also where it minds no SIGTERM, and leaves nothing running', async () => {
    const script = `trap '' TERM; echo "$$" >'${root}/exec.pid'; echo waiting; while :; do sleep 0.1; done`;
    const began = performance.now();
    const sample = await look(exec('sh', '-c', script), 300);
    expect(sample).toMatchObject({ verdict: 'fail', reason: 'no answer within 300ms: waiting' });
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await look({ kind: 'process', pidFile: '/exec.pid' })).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('is not running'),
    });
  });

  test.each([
    ['that is not there', exec('/no/such/program'), '/no/such/program: no such file'],
    [
      'that is not on the PATH',
      exec('no-such-program'),
      'no-such-program: no such program on the PATH',
    ],
    ['that may not be run', exec('/etc/passwd'), expect.stringContaining('not executable')],
  ])('is an error with a program %s', async (_, probe, reason) => {
    expect(await look(probe)).toEqual({ verdict: 'error', reason });
  });

  test('is an error when it is cut short', async () => {
    const sample = await takeSample(host, heartbeatOf(exec('sleep', '60')), {
      ...request(),
      signal: AbortSignal.timeout(100),
    });
    expect(sample).toEqual({ verdict: 'error', reason: 'cancelled' });
  });
});

describe('file', () => {
  const probe = { kind: 'file', path: '/web.beat', maxAgeMs: undefined } as const;
  const young = { ...probe, maxAgeMs: durationMs(60_000) };
  const date = (secondsAhead: number) => {
    const seconds = Date.now() / 1000 + secondsAhead;
    writeFileSync(join(root, probe.path), '');
    utimesSync(join(root, probe.path), seconds, seconds);
  };

  test('passes when it is there, however old, and fails when not', async () => {
    expect(await look(probe)).toMatchObject({ verdict: 'fail', reason: 'there is no /web.beat' });
    date(-1e9);
    expect(await look(probe)).toMatchObject({ verdict: 'pass' });
    mkdirSync(join(root, 'folder'));
    expect(await look({ ...probe, path: '/folder' })).toMatchObject({
      verdict: 'fail',
      reason: '/folder is a folder',
    });
  });

  test.each([
    ['just written', 0, 'pass'],
    ['nearly too old', -55, 'pass'],
    ['too old', -65, 'fail'],
    ['dated by a clock that is a little ahead', 2, 'pass'],
    ['dated in the future', 60, 'fail'],
  ])('with a maxAge: %s', async (_, secondsAhead, verdict) => {
    date(secondsAhead);
    expect(await look(young)).toMatchObject({ verdict });
  });

  test('says the same of the same file at every look', async () => {
    date(-3600);
    const sample = await look(young);
    expect(sample).toMatchObject({
      reason: expect.stringMatching(/^\/web\.beat was last written at \S+Z, not within 1m$/),
    });
    expect(await look(young)).toMatchObject({ reason: 'reason' in sample && sample.reason });
  });

  test('is an error where it cannot be looked for', async () => {
    writeFileSync(join(root, 'loop.file'), '');
    expect(await look({ ...probe, path: `/${'a'.repeat(300)}` })).toMatchObject({
      verdict: 'error',
    });
  });
});

function request() {
  const { signal } = new AbortController();
  return { root, timeoutMs: durationMs(5000), signal, ...scripts };
}

async function look(probe: HeartbeatProbe, timeoutMs = 5000): Promise<Sample> {
  return await takeSample(host, heartbeatOf(probe), {
    ...request(),
    timeoutMs: durationMs(timeoutMs),
  });
}
