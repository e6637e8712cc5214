import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitHeartbeat, lookOnce } from '../../src/verify/heartbeat.ts';
import { closedPort, heartbeatOf, host, httpProbe, scripts, withHttp } from './world.ts';

const healthz = (port: number) => httpProbe(`http://127.0.0.1:${port}/healthz`, { body: '^ok' });

describe('a heartbeat', () => {
  test('passes as soon as enough looks in a row have', async () => {
    const { asked, wait } = await serve(['500', '200', '500', '200', '200', '500'], (port) =>
      awaitAt(port, { successes: 2 }),
    );
    expect(wait).toMatchObject({ ok: true });
    expect(asked).toBe(5);
  });

  test('passes only when it stays so', async () => {
    const { asked, wait } = await serve(['200', '500', '200'], (port) =>
      awaitAt(port, { intervalMs: 30, stableMs: 100 }),
    );
    expect(wait).toMatchObject({ ok: true });
    expect(wait.waitedMs).toBeGreaterThanOrEqual(150);
    expect(asked).toBeGreaterThanOrEqual(5);
  });

  test('waits for a daemon that takes its time to listen', async () => {
    const port = await closedPort();
    const server = createServer((_, response) => response.end('ok'));
    setTimeout(() => server.listen(port, '127.0.0.1'), 150);
    const wait = await awaitHeartbeat(host, heartbeatOf(healthz(port)), request());
    expect(wait).toMatchObject({ ok: true });
    expect(wait.waitedMs).toBeGreaterThanOrEqual(140);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  test('fails at its deadline, and says what it saw last', async () => {
    const { wait } = await serve(['500'], (port) => awaitAt(port, { deadlineMs: 1000 }));
    expect(wait).toMatchObject({ ok: false, lastSeen: 'answered 500, not 200' });
    expect(wait.waitedMs).toBeGreaterThanOrEqual(1000);
    expect(wait.waitedMs).toBeLessThan(10_000);
  });

  test('fails at its deadline even when a look would take longer', async () => {
    const wait = await withHttp(
      () => {},
      (port) =>
        awaitHeartbeat(
          host,
          heartbeatOf(healthz(port), { timeoutMs: 60_000, deadlineMs: 200 }),
          request(),
        ),
    );
    expect(wait).toMatchObject({ ok: false, lastSeen: expect.stringContaining('no answer') });
    expect(wait.waitedMs).toBeLessThan(15_000);
  });

  test('does not look while the grace lasts', async () => {
    const { asked, wait } = await serve(['200'], (port) =>
      awaitAt(port, { graceMs: 200, deadlineMs: 150 }),
    );
    expect(wait).toMatchObject({
      ok: false,
      lastSeen: 'the deadline passed before the first look',
    });
    expect(asked).toBe(0);
  });

  test.each([
    ['between two looks', '500', { intervalMs: 60_000, deadlineMs: 120_000 }],
    ['during a look', 'silence', { timeoutMs: 60_000, deadlineMs: 120_000 }],
  ])('ends at once when it is stopped %s', async (_, answer, timing) => {
    const { wait } = await serve([answer], (port) =>
      awaitAt(port, timing, AbortSignal.timeout(150)),
    );
    expect(wait.ok).toBe(false);
    expect(wait.waitedMs).toBeLessThan(15_000);
  });

  test('that was stopped before it began is not looked at', async () => {
    const { asked, wait } = await serve(['200'], (port) => awaitAt(port, {}, AbortSignal.abort()));
    expect(wait).toMatchObject({ ok: false, lastSeen: 'no look was made' });
    expect(asked).toBe(0);
  });
});

describe('a process that dies while it is waited for', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'verify-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  const heartbeat = heartbeatOf(
    { kind: 'process', pidFile: '/web.pid' },
    { successes: 1000, deadlineMs: 30_000 },
  );

  test('has failed 2 s later, long before the deadline', async () => {
    const child = await sleeper(root);
    setTimeout(() => child.kill('SIGKILL'), 300);
    const wait = await awaitHeartbeat(host, heartbeat, { ...request(), root });
    expect(wait).toEqual({
      ok: false,
      waitedMs: expect.any(Number),
      lastSeen: `it ran, but has ended for good: process ${child.pid} of /web.pid is not running`,
    });
    expect(wait.waitedMs).toBeGreaterThanOrEqual(2000);
    expect(wait.waitedMs).toBeLessThan(20_000);
  });

  test('has not when another one takes its place', async () => {
    const child = await sleeper(root);
    const replaced = once(child, 'exit').then(async () => await sleeper(root));
    setTimeout(() => child.kill('SIGKILL'), 300);
    const signal = AbortSignal.timeout(3000);
    const wait = await awaitHeartbeat(host, heartbeat, { ...request(signal), root });
    expect(wait).toMatchObject({ ok: false, lastSeen: 'passed' });
    expect(wait.waitedMs).toBeGreaterThanOrEqual(2900);
    (await replaced).kill('SIGKILL');
  });
});

async function sleeper(root: string): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  writeFileSync(join(root, 'web.pid'), `${child.pid}\n`);
  return child;
}

test('one look is one look, with its own time limit', async () => {
  const { asked, wait } = await serve(['500', '200'], (port) =>
    lookOnce(host, heartbeatOf(healthz(port)), request()),
  );
  expect(wait).toMatchObject({ verdict: 'fail', reason: 'answered 500, not 200' });
  expect(asked).toBe(1);
  const silent = await serve(['silence'], (port) =>
    lookOnce(host, heartbeatOf(healthz(port), { timeoutMs: 80 }), request()),
  );
  expect(silent.wait).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('80ms') });
});

/** A server that gives these answers one after the other, the last one for ever, while it is looked at. */
async function serve<T>(
  answers: readonly string[],
  look: (port: number) => Promise<T>,
): Promise<{ readonly asked: number; readonly wait: T }> {
  let asked = 0;
  return withHttp(
    (_, response) => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer !== 'silence') response.writeHead(Number(answer)).end('ok');
    },
    async (port) => {
      const wait = await look(port);
      return { asked, wait };
    },
  );
}

async function awaitAt(
  port: number,
  timing: Parameters<typeof heartbeatOf>[1],
  signal?: AbortSignal,
) {
  return awaitHeartbeat(host, heartbeatOf(healthz(port), timing), request(signal));
}

function request(signal: AbortSignal = new AbortController().signal) {
  return { root: '', signal, onSample: () => {}, ...scripts };
}
