// What a control plane is told of the old tool's verbs, and when.
import { describe, expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { startReceiver, status } from '../callbacks/receiver.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { DESIRED, OLD_TREE, startControlPlane, wishedVersion, worldFor } from './control-plane.ts';

describe.concurrent('a verb with a callback', () => {
  test('returns at once, and tells of its end when the work is done', async (context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context);
    world.put({ slow: '2' });
    const ran = await runCli(world, ['product.upgrade', 'gateway', '2.0', plane.url]);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(plane.visits()).toEqual([]);
    await until(() => plane.visits().length > 0, 20_000);
    expect(plane.visits()).toEqual([
      { at: 'GET /told', product: 'gateway', version: '2.0', status: 'valid' },
    ]);
    expect(world.text('log')).toBe('upgrade <trunk> <2.0> <production>\nend 2.0\n');
    expect(wishedVersion(world)).toBe('2.0');
  });

  test('tells once the lock is free: its answer may be the next verb', async (context) => {
    const world = worldFor(context);
    const locks: (string | null)[] = [];
    const plane = await startControlPlane(context, () =>
      locks.push(world.text('run/bootstrap/lock')),
    );
    await runCli(world, ['product.upgrade', 'gateway', '2.0', 'nospawn', plane.url]);
    expect(locks).toEqual([null]);
  });

  test('keeps the parameters that the URL has', async (context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context);
    await runCli(world, ['server.provision', 'nospawn', `${plane.url}?id=7&status=new`]);
    expect(plane.visits()).toEqual([{ at: 'GET /told', id: '7', status: 'idle' }]);
  });

  test('that cannot be reached changes nothing about the verb, and is said', async (context) => {
    const world = worldFor(context);
    const words = ['server.mode', 'nospawn', 'idle', 'http://127.0.0.1:1/told'];
    expect(await runCli(world, words)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'warning: callback to 127.0.0.1:1: connection refused\n',
    });
    expect(world.text('var/bootstrap/server-mode')).toBe('idle\n');
  });
});

test('receivers of the desired state are told through the outbox, once the lock is free', async (context) => {
  const receiver = await startReceiver(context);
  const world = worldFor(context, {
    ...OLD_TREE,
    [DESIRED]: `apiVersion: bootstrap/v1
server: {mode: production}
products: {gateway: {version: "1.0"}}
callbacks: [{url: "${receiver.url}"}]
`,
  });
  receiver.act(() => {});
  const verb = startCli(world, ['product.upgrade', 'gateway', '2.0']);
  let isOver = false;
  const ended = verb.ended.finally(() => (isOver = true));
  await until(() => world.text('log')?.includes('end 2.0') === true);
  // The receiver hangs, and is waited for at the end of the verb.
  await until(() => world.text('run/bootstrap/lock') === null && receiver.got.length > 0);
  const next = await runCli(world, ['product.set', 'gateway', 'repository', 'branches']);
  expect({ next, isOver }).toMatchObject({ next: { exitCode: 0, stderr: '' }, isOver: false });
  receiver.act(status(200));
  expect((await ended).exitCode).toBe(0);
  expect((await runCli(world, ['callback', 'replay'])).exitCode).toBe(0);
  expect(receiver.kinds()).toBe('started succeeded');
});

const FAILED =
  /^gateway\/upgrade: .*\/etc\/bootstrap\/upgrade failed with exit code 3: no room left/;

describe.concurrent('a control plane is told', () => {
  test.for<readonly [words: string, exitCode: number, told: object]>([
    [
      'product.upgrade gateway 2.0 nospawn',
      0,
      { product: 'gateway', version: '2.0', status: 'valid' },
    ],
    [
      'product.upgrade gateway bad nospawn',
      1,
      {
        product: 'gateway',
        version: 'bad',
        status: 'invalid',
        message: expect.stringMatching(FAILED),
      },
    ],
    [
      'product.upgrade nope 1.0 nospawn',
      1,
      { product: 'nope', version: '1.0', status: 'invalid-product', message: 'nope' },
    ],
    ['server.provision nospawn', 0, { status: 'idle' }],
    ['server.mode nospawn idle', 0, { status: 'idle', message: 'Server mode is now idle' }],
    [
      'server.mode nospawn asleep',
      1,
      { status: 'invalid-mode', message: 'asleep is not a valid mode' },
    ],
  ])('%s', async ([words, exitCode, told], context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context);
    world.put({ 'fails-bad': '' });
    expect(await runCli(world, [...words.split(' '), plane.url])).toMatchObject({
      exitCode,
      stdout: '',
    });
    expect(plane.visits()).toEqual([{ at: 'GET /told', ...told }]);
  });

  test('of a mode-script that failed, by the old word', async (context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context, { ...OLD_TREE, 'etc/bootstrap/mode': '#!/bin/sh\nexit 4\n' });
    await runCli(world, ['server.mode', 'nospawn', 'idle', plane.url]);
    expect(plane.visits()).toEqual([
      {
        at: 'GET /told',
        status: 'script-error',
        message: expect.stringContaining('/etc/bootstrap/mode failed with exit code 4') as string,
      },
    ]);
  });

  test('also of what it asked for without waiting, whatever is wrong with it', async (context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context);
    expect(await runCli(world, ['server.mode', 'asleep', plane.url])).toMatchObject({
      exitCode: 0,
    });
    await until(() => plane.visits().length > 0);
    expect(plane.visits()).toMatchObject([{ status: 'invalid-mode' }]);
    expect(world.text(DESIRED)).toBeNull();
  });
});

test('whoever comes while somebody is at work is told so, by the callback too', async (context) => {
  const plane = await startControlPlane(context);
  const world = worldFor(context);
  world.put({ slow: '4' });
  await runCli(world, ['product.upgrade', 'gateway', '2.0', plane.url]);
  await until(() => world.text('log') !== null, 20_000);
  const busy = 'Another command is already running';
  expect(await runCli(world, ['product.upgrade', 'gateway', '3.0', 'nospawn', plane.url])).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `invalid-operation: ${busy}\n`,
  });
  expect(plane.visits()).toEqual([
    {
      at: 'GET /told',
      product: 'gateway',
      version: '3.0',
      status: 'invalid-operation',
      message: busy,
    },
  ]);
  // What was set counts only once it was brought about.
  const asked = await runCli(world, ['product.get', 'gateway', 'version']);
  expect(asked.stdout).toBe('1.0\n');
  await until(() => plane.visits().length === 2, 20_000);
  expect(plane.visits()[1]).toMatchObject({ version: '2.0', status: 'valid' });
  expect(wishedVersion(world)).toBe('2.0');
});
