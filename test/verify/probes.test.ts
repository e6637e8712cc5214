import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { durationMs } from '../../src/model/duration.ts';
import type { HeartbeatProbe, ProcessIdentity, Sample } from '../../src/model/heartbeat.ts';
import { takeSample } from '../../src/verify/probes.ts';
import { closedPort, heartbeatOf, host, httpProbe, scripts, withHttp, withHttps } from './world.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'verify-'));
  mkdirSync(join(root, 'run'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('http', () => {
  test.each([
    ['the status is the one expected', 200, 'ok', { status: 200, body: undefined }],
    ['another status is expected and comes', 503, 'draining', { status: 503, body: undefined }],
    ['the body matches', 200, 'ok store 1\n', { status: 200, body: '^ok store' }],
    ['a redirect is expected: it is not followed', 302, '', { status: 302, body: undefined }],
  ])('passes when %s', async (_, status, body, expected) => {
    const sample = await withHttp(
      (_request, response) => response.writeHead(status, { location: '/elsewhere' }).end(body),
      (port) => look(httpProbe(`http://127.0.0.1:${port}/healthz`, expected)),
    );
    expect(sample).toMatchObject({ verdict: 'pass', identity: undefined });
  });

  test.each([
    ['another status comes', 500, 'ok', { status: 200, body: undefined }, 'answered 500, not 200'],
    ['a redirect comes', 302, '', { status: 200, body: undefined }, 'answered 302, not 200'],
    [
      'the body does not match',
      200,
      'not\nok',
      { status: 200, body: '^ok' },
      'answered "not\\nok", which does not match ^ok',
    ],
    [
      'the body matches in another case only',
      200,
      'OK',
      { status: 200, body: '^ok' },
      'does not match',
    ],
  ])('fails when %s', async (...[, status, body, expected, reason]) => {
    const sample = await withHttp(
      (_request, response) => response.writeHead(status, { location: '/elsewhere' }).end(body),
      (port) => look(httpProbe(`http://127.0.0.1:${port}/`, expected)),
    );
    expect(sample).toMatchObject({ verdict: 'fail', reason: expect.stringContaining(reason) });
  });

  test('fails when nobody listens', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    expect(await look(httpProbe(url))).toMatchObject({
      verdict: 'fail',
    });
  });

  test('fails when the answer takes too long, also one that has begun', async () => {
    for (const begin of [false, true]) {
      const sample = await withHttp(
        (_request, response) => void (begin && response.writeHead(200).write('o')),
        (port) => look(httpProbe(`http://127.0.0.1:${port}/`), { timeoutMs: 100 }),
      );
      expect(sample).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('100ms') });
      expect(sample.verdict === 'fail' && sample.latencyMs).toBeLessThan(10_000);
    }
  });

  test('reads no more than the beginning of an endless body', async () => {
    const sample = await withHttp(
      (_request, response) => {
        response.write(`ok${'x'.repeat(200_000)}`);
        const flow = setInterval(() => response.write('x'.repeat(100_000)), 1);
        response.on('close', () => clearInterval(flow));
      },
      (port) => look(httpProbe(`http://127.0.0.1:${port}/`, { body: '^ok' })),
    );
    expect(sample).toMatchObject({ verdict: 'pass' });
  });

  test('fails on a certificate that nobody vouches for', async () => {
    const sample = await withHttps(selfSigned(), (port) =>
      look(httpProbe(`https://127.0.0.1:${port}/`)),
    );
    expect(sample).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/self.signed/i),
    });
  });

  test.each([
    ['a pattern that is none', { url: 'http://127.0.0.1:1/', body: '(' }],
    ['a URL that is none', { url: 'nonsense', body: undefined }],
  ])('is an error with %s', async (_, { url, body }) => {
    expect(await look(httpProbe(url, { body }))).toMatchObject({
      verdict: 'error',
    });
  });

  test('is an error when it is cut short', async () => {
    const sample = await withHttp(
      () => {},
      (port) => look(httpProbe(`http://127.0.0.1:${port}/`), { signal: AbortSignal.timeout(50) }),
    );
    expect(sample).toMatchObject({ verdict: 'error' });
  });
});

describe('tcp', () => {
  test('passes when the port accepts, fails when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await look({ kind: 'tcp', host: '127.0.0.1', port })).toMatchObject({ verdict: 'pass' });
    server.close();
    await once(server, 'close');
    expect(await look({ kind: 'tcp', host: '127.0.0.1', port })).toMatchObject({ verdict: 'fail' });
  });
});

describe('process', () => {
  const probe: HeartbeatProbe = { kind: 'process', pidFile: '/run/store.pid' };

  test('passes when the pid file, under the root, names a running process; fails once that is gone', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    writePid(`${child.pid}\n`);
    const sample = await look(probe);
    expect(sample).toMatchObject({ verdict: 'pass', identity: { pid: child.pid } });

    const oldProcess = identityOf(sample);
    expect(await look(probe, { oldProcess })).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^StaleInstance/),
    });
    const another = { ...oldProcess, startTicks: oldProcess.startTicks - 1 };
    expect(await look(probe, { oldProcess: another })).toMatchObject({ verdict: 'pass' });

    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await look(probe)).toMatchObject({
      verdict: 'fail',
      reason: `process ${child.pid} of /run/store.pid is not running`,
    });
  });

  test.each([
    ['', 'holds no process id'],
    ['\n', 'holds no process id'],
    ['store', 'holds no process id'],
    ['-1', 'holds no process id'],
    ['0', 'holds no process id'],
    ['12.5', 'holds no process id'],
    ['99999999999999', 'holds no process id'],
    ['4194305', 'is not running'],
  ])('fails when the file holds %j', async (text, reason) => {
    writePid(text);
    expect(await look(probe)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining(reason),
    });
  });

  test('reads the first line only, as some daemons write more', async () => {
    writePid(` ${process.pid} \n/var/lib/store\n5432\n`);
    expect(await look(probe)).toMatchObject({ verdict: 'pass', identity: { pid: process.pid } });
  });

  test('fails when there is no file, and is an error when it cannot be read', async () => {
    rmSync(join(root, 'run/store.pid'), { force: true });
    expect(await look(probe)).toMatchObject({
      verdict: 'fail',
      reason: 'there is no /run/store.pid',
    });
    mkdirSync(join(root, 'run/store.pid'));
    expect(await look(probe)).toMatchObject({ verdict: 'error' });
    rmSync(join(root, 'run/store.pid'), { recursive: true });
  });
});

interface LookWith {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly oldProcess?: ProcessIdentity;
}

async function look(
  probe: HeartbeatProbe,
  { timeoutMs = 2000, signal = new AbortController().signal, oldProcess }: LookWith = {},
): Promise<Sample> {
  return takeSample(host, heartbeatOf(probe), {
    root,
    timeoutMs: durationMs(timeoutMs),
    signal,
    oldProcess,
    ...scripts,
  });
}

function identityOf(sample: Sample): ProcessIdentity {
  if (sample.verdict !== 'pass' || sample.identity === undefined)
    throw new Error('no process was seen');
  return sample.identity;
}

function writePid(text: string): void {
  writeFileSync(join(root, 'run/store.pid'), text);
  chmodSync(join(root, 'run/store.pid'), 0o644);
}

function selfSigned(): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')];
  const newCertificate = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...newCertificate, ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
