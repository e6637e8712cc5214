// What receivers get, and what becomes of it where they do not take it: through the command line, to real servers on loopback.
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import { startReceiver, status, type Answer } from './receiver.ts';
import { countIn, desired, makeDue, newServer } from './server.ts';

// Each runs the command line some times, beside the others.
const TIME_LIMIT_MS = 60_000;
const SECRETS = [
  'whsec_Ym9vdHN0cmFwLXRlc3Qtc2VjcmV0LTMyLWJ5dGVzISE=',
  'the next one, as people write it',
] as const;

describe.concurrent('a receiver', { timeout: TIME_LIMIT_MS }, () => {
  test('gets the start and the end of a run, as the SDK of CloudEvents reads it', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    const ran = await runCli(world, ['apply', '--yes']);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).not.toContain('callback');
    const events = receiver.got.map(({ headers, body }) => HTTP.toEvent({ headers, body }));
    expect(events).toMatchObject([
      { type: 'io.bootstrap.apply.started.v1', sequence: '0000000001', data: { outcome: null } },
      {
        type: 'io.bootstrap.apply.succeeded.v1',
        sequence: '0000000002',
        source: expect.stringMatching(/^urn:bootstrap:[0-9a-f]{32}$/),
        data: {
          outcome: 'changed',
          exitCode: 0,
          products: [{ name: 'web', verdict: 'succeeded' }],
        },
      },
    ]);
    for (const event of events) expect(event instanceof CloudEvent && event.validate()).toBe(true);
    for (const { method, headers } of receiver.got)
      expect([method, headers['content-type'], headers['webhook-signature']]).toEqual([
        'POST',
        'application/cloudevents+json; charset=utf-8',
        undefined,
      ]);
    await runCli(world, ['apply', '--yes']);
    expect(receiver.kinds()).toBe('started succeeded');
    expect([countIn(world, 'outbox'), countIn(world, 'sent')]).toEqual([0, 2]);
  });

  test('verifies each of two signatures', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(
      context,
      { callbacks: `[{url: "${receiver.url}", secret: [{fromFile: /key}, {fromEnv: NEXT}]}]` },
      { key: `${SECRETS[0]}\n` },
    );
    world.chmod({ key: '0600' });
    await runCli(world, ['apply', '--yes'], { NEXT: SECRETS[1] });
    expect(receiver.kinds()).toBe('started succeeded');
    for (const { headers, body } of receiver.got) {
      const signed = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      );
      const now = new Webhook(SECRETS[0]).verify(body, signed);
      expect(new Webhook(SECRETS[1], { format: 'raw' }).verify(body, signed)).toEqual(now);
      expect(now).toMatchObject({ id: headers['webhook-id'] });
    }
  });

  test('is one of several, each told by itself, two addresses of one host too', async (context) => {
    const [first, second] = [await startReceiver(context), await startReceiver(context)];
    await first.stop();
    const world = newServer(context, {
      callbacks: `[{url: "${first.url}"}, {url: "${second.url}"}, {url: "${second.url}/b"}, {url: "${second.url}", format: query}]`,
    });
    const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^warning: callback to ${first.host}: connection refused; the next try is due at 2\\S+Z$`,
        'm',
      ),
    );
    expect(second.got.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual([
      'GET /hook?status=valid&message=applied',
      'POST /hook',
      'POST /hook',
      'POST /hook/b',
      'POST /hook/b',
    ]);
    expect([countIn(world, 'outbox'), countIn(world, 'sent')]).toEqual([2, 5]);
    await first.start();
    makeDue(world);
    await runCli(world, ['apply', '--yes']);
    expect(first.kinds()).toBe('started succeeded');
    expect([countIn(world, 'outbox'), countIn(world, 'sent')]).toEqual([0, 7]);
  });

  test('is told of a failure once, of its consequences not, and of the recovery', async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { version: '1bad', callbacks });
    for (let time = 0; time < 3; time++)
      expect((await runCli(world, ['apply', '--yes'])).exitCode).not.toBe(0);
    expect(receiver.kinds()).toBe('started failed');
    world.put({ 'desired-state.yaml': desired({ callbacks }) });
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(0);
    expect(receiver.kinds()).toBe('started failed started succeeded recovered');
    const events = receiver.got.map(({ body }) => JSON.parse(body));
    expect(events[4]).toMatchObject({ data: { recovers: events[1].id } });
    expect(events[1]).toMatchObject({
      data: { failures: [{ code: 'left-invalid' }, { code: 'script-failed', products: ['web'] }] },
    });
    expect(JSON.stringify(events[1])).toContain('cannot: 1bad');
  });

  test('is told of a rollback, and nothing of what is held back after it', async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    await runCli(world, ['apply', '--yes']);
    world.put({ 'desired-state.yaml': desired({ version: '2bad', callbacks }) });
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(3);
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(6);
    world.put({ 'desired-state.yaml': desired({ callbacks }) });
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(0);
    expect(receiver.kinds()).toBe('started succeeded started rolledback recovered');
  });

  test('is told of a recovery by a run for a part too, where that proves the whole', async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    await runCli(world, ['apply', '--yes']);
    world.put({ 'desired-state.yaml': desired({ version: '2bad', callbacks }) });
    expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(3);
    world.put({ 'desired-state.yaml': desired({ version: '3', callbacks }) });
    expect((await runCli(world, ['apply', '--yes', '--only', 'web'])).exitCode).toBe(0);
    expect(receiver.kinds()).toBe(
      'started succeeded started rolledback started succeeded recovered',
    );
  });

  test('is told of ill health that comes and goes with nothing to do', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, {
      mode: 'production',
      callbacks: `[{url: "${receiver.url}"}]`,
    });
    await runCli(world, ['apply', '--yes']);
    world.put({ up: null });
    for (let time = 0; time < 3; time++)
      expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(1);
    world.put({ up: '' });
    for (let time = 0; time < 2; time++) await runCli(world, ['apply', '--yes']);
    expect(receiver.kinds()).toBe('started succeeded failed recovered');
  });
});

describe.concurrent('a receiver that does not take it', { timeout: TIME_LIMIT_MS }, () => {
  const drip: Answer = (response) => {
    response.writeHead(200);
    const drops = setInterval(() => response.write('.'), 50);
    response.on('close', () => clearInterval(drops));
  };
  const ANSWERS: { readonly [how: string]: readonly [Answer, RegExp] } = {
    hangs: [() => {}, /no answer in the time that an apply has for it/],
    drips: [drip, /no answer in the time that an apply has for it/],
    resets: [(response) => response.socket?.resetAndDestroy(), /connection reset|socket hang up/],
    'says 500': [status(500), /it answered 500/],
    'says 404': [status(404), /it answered 404/],
    'says 429': [status(429, { 'retry-after': '600' }), /it answered 429/],
    'says 301': [status(301, { location: '/else' }), /it answered 301/],
    'says 307': [status(307, { location: '/else' }), /it answered 307/],
  };

  test.for(Object.keys(ANSWERS))(
    'because it %s changes nothing of the run, and gets it later, once, with the same id',
    async (how, context) => {
      const [answer, why] = ANSWERS[how] ?? expect.unreachable();
      const receiver = await startReceiver(context);
      const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
      receiver.act(answer);
      const { exitCode, stdout, stderr } = await runCli(world, ['apply', '--yes']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(why);
      expect(stdout).toMatch(/^Applied: 3 succeeded in [\d.]+m?s\.$/m);
      expect(countIn(world, 'outbox')).toBe(2);
      expect(receiver.got.every(({ url }) => url === '/hook')).toBe(true);
      receiver.act(status(200));
      makeDue(world);
      await runCli(world, ['apply', '--yes']);
      expect(receiver.kinds()).toBe('started succeeded');
      const bodies = new Map<string, Set<string>>();
      for (const { headers, body } of receiver.got) {
        const id = String(headers['webhook-id']);
        bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
      }
      expect([...bodies.values()].map(({ size }) => size)).toEqual([1, 1]);
      expect([countIn(world, 'outbox'), countIn(world, 'sent')]).toEqual([0, 2]);
    },
  );

  test('for a while is not asked before then, not for newer events either', async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    receiver.act(status(429, { 'retry-after': '3600' }));
    await runCli(world, ['apply', '--yes']);
    receiver.act(status(200));
    const asked = receiver.got.length;
    world.put({ 'desired-state.yaml': desired({ version: '2', callbacks }) });
    await runCli(world, ['apply', '--yes']);
    expect(receiver.got).toHaveLength(asked);
    expect(countIn(world, 'outbox')).toBe(4);
  });

  test('any more is left alone: 410', async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    receiver.act(status(410));
    const { stdout } = await runCli(world, ['apply', '--yes']);
    expect(stdout).toMatch(
      /^warning: callback to \S+: .*410.*; given up: bootstrap callback replay/m,
    );
    world.put({ 'desired-state.yaml': desired({ version: '2', callbacks }) });
    await runCli(world, ['apply', '--yes']);
    await runCli(world, ['apply', '--yes']);
    expect(receiver.got).toHaveLength(1);
    expect([countIn(world, 'outbox'), countIn(world, 'dead')]).toEqual([0, 4]);
  });

  test('although it answers with more than anybody reads has taken it', async (context) => {
    const receiver = await startReceiver(context);
    let written = 0;
    receiver.act((response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384;
      };
      response.on('drain', more);
      more();
    });
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('callback');
    expect(countIn(world, 'sent')).toBe(2);
    expect(written).toBeLessThan(50 * 1024 * 1024);
  });
});

describe.concurrent('an address', { timeout: TIME_LIMIT_MS }, () => {
  test.for([
    'http://169.254.169.254/latest',
    'http://0xa9fe.0xa9fe/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://93.184.216.34/',
    'https://user:pass@ops.example/',
    'file:///etc/passwd',
  ])('%s is refused at validate, with its place', async (url, context) => {
    const world = newServer(context, { callbacks: `[{url: "${url}"}]` });
    const { exitCode, stderr } = await runCli(world, ['validate']);
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/^desired-state\.yaml:5:\d+: error\[(callback-address|malformed-url)\]/);
    expect(stderr).not.toContain('at Object');
  });

  test('that a name leads to is judged too, and so is bootstrap.ini', async (context) => {
    const receiver = await startReceiver(context);
    const byName = receiver.url.replace('127.0.0.1', 'localhost');
    const world = newServer(context, { callbacks: `[{url: "${byName}"}]` });
    const ini = world.text('etc/bootstrap/bootstrap.ini') ?? '';
    world.put({
      'etc/bootstrap/bootstrap.ini': `[bootstrap]\ncallback-allow = 10.0.0.0/8\n${ini}`,
    });
    const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^warning: callback to localhost:\d+: localhost: \S+ is not among what callback-allow of bootstrap\.ini names;/m,
    );
    expect(receiver.got).toEqual([]);
    world.put({ 'etc/bootstrap/bootstrap.ini': ini });
    makeDue(world);
    await runCli(world, ['apply', '--yes']);
    expect(receiver.kinds()).toBe('started succeeded');
  });
});

describe.concurrent('a secret', { timeout: TIME_LIMIT_MS }, () => {
  test('that cannot be had holds a message back: unsigned it is never sent', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, {
      callbacks: `[{url: "${receiver.url}?token=T0ken", secret: {fromFile: /key}}]`,
    });
    const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/the secret fromFile \/key cannot be had: there is no such secret/);
    expect(stdout).not.toContain('T0ken');
    expect(receiver.got).toEqual([]);
    world.put({ key: 'too short' });
    world.chmod({ key: '0600' });
    makeDue(world);
    const second = await runCli(world, ['apply', '--yes']);
    expect(second.stdout).toMatch(/shorter than 24 bytes/);
    world.put({ key: SECRETS[0] });
    world.chmod({ key: '0600' });
    makeDue(world);
    await runCli(world, ['apply', '--yes']);
    expect(receiver.kinds()).toBe('started succeeded');
  });

  test('stands in no file, event, journal or line, though a script prints it', async (context) => {
    const receiver = await startReceiver(context);
    const canary = 'whsec_Q2FuYXJ5IGluIHRoZSBtaW5lLCBzaW5naW5nISE=';
    const world = newServer(
      context,
      { version: '1bad', callbacks: `[{url: "${receiver.url}", secret: {fromFile: /key}}]` },
      { key: canary, 'etc/bootstrap/upgrade': '#!/bin/sh\ncat "$BOOTSTRAP_ROOT/key"; exit 3\n' },
    );
    world.chmod({ key: '0600' });
    const { stdout, stderr } = await runCli(world, ['apply', '--yes', '--format', 'json']);
    const listed = await runCli(world, ['callback', 'list', '--format', 'json']);
    expect(receiver.kinds()).toBe('started failed');
    const written = world.list().filter((path) => path !== 'key');
    const everything = [
      stdout,
      stderr,
      listed.stdout,
      ...written.map((path) => world.text(path)),
      ...receiver.got.map(({ body, headers }) => body + JSON.stringify(headers)),
    ].join('\n');
    expect(everything).toContain('***');
    expect(everything).not.toContain('Q2FuYXJ5');
  });
});

test('a run waits five seconds at most for all of its receivers, and its own time is not longer', async (context) => {
  const receivers = await Promise.all([1, 2, 3].map(async () => await startReceiver(context)));
  for (const receiver of receivers) receiver.act(() => {});
  const callbacks = `[${receivers.map(({ url }) => `{url: "${url}"}`).join(', ')}]`;
  const world = newServer(context, { callbacks });
  const startedMs = performance.now();
  const { stdout, exitCode } = await runCli(world, ['apply', '--yes', '--format', 'json']);
  const tookMs = performance.now() - startedMs;
  const [last = ''] = stdout.trim().split('\n').slice(-1);
  console.log(
    `three that hang: ${Math.round(tookMs)} ms in all, of which the run ${JSON.parse(last).durationMs} ms`,
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(last)).toMatchObject({ type: 'run.finished', outcome: 'changed' });
  // Its own end is not what it waits for.
  expect(JSON.parse(last).durationMs).toBeLessThan(tookMs - 4_500);
  expect(tookMs).toBeLessThan(25_000);
  await until(() => receivers.every(({ got }) => got.length === 1));
});
