// `bootstrap watch` and its receivers: told in the background, again by itself when it is time; never slowed.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import type { World } from '../rig/world.ts';
import { startWatch } from '../watch/watching.ts';
import { startReceiver, status } from './receiver.ts';
import { countIn, desired, newServer } from './server.ts';

function save(world: World, text: string): void {
  world.put({ 'desired-state.yaml.new': text });
  renameSync(join(world.root, 'desired-state.yaml.new'), join(world.root, 'desired-state.yaml'));
}

describe.concurrent('watch', () => {
  test('is not kept from its looks by a receiver that hangs, nor from its end', async (context) => {
    const receiver = await startReceiver(context);
    receiver.act(() => {});
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    const watch = startWatch(world, context, ['--interval', '1h']);
    for (const version of ['1', '2', '3']) {
      save(world, desired({ version, callbacks }));
      await until(() => world.text('var/bootstrap/products/web/version') === `${version}\n`);
    }
    await until(() => receiver.got.length > 0);
    // Each look has ended while the first message is still hanging.
    expect(receiver.got).toHaveLength(1);
    const startedMs = performance.now();
    watch.kill('SIGTERM');
    expect(await watch.ended).toBe(0);
    console.log(`ended ${Math.round(performance.now() - startedMs)} ms after SIGTERM`);
    // What was cut off was no try: nothing is held against the receiver.
    expect(world.text(`var/bootstrap/outbox/${outbox(world)[0] ?? ''}`)).toMatch(/"tries": 0,/);
    expect(world.list().filter((path) => path.startsWith('run/'))).toEqual([]);
  });

  test('sends what its receiver did not take by itself, when it is due', async (context) => {
    const receiver = await startReceiver(context);
    await receiver.stop();
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.stderr().includes('connection refused'));
    await receiver.start();
    // What is tried again is in no order: each is late by chance, so that servers do not try together.
    await until(() => receiver.ids().length === 2, 30_000);
    expect(receiver.kinds().split(' ').toSorted()).toEqual(['started', 'succeeded']);
    expect(watch.runs()).toHaveLength(1);
    expect(
      watch.stderr().match(/^warning: callback to .*: connection refused; the next try is/gm),
    ).toHaveLength(1);
    await until(() => countIn(world, 'outbox') === 0 && countIn(world, 'sent') === 2);
  }, 40_000);

  test('sends at its start what another process could not', async (context) => {
    const receiver = await startReceiver(context);
    receiver.act(status(503));
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    await runCli(world, ['apply', '--yes']);
    receiver.act(status(200));
    startWatch(world, context, ['--interval', '1h']);
    await until(() => receiver.ids().length === 2, 30_000);
    expect(receiver.kinds().split(' ').toSorted()).toEqual(['started', 'succeeded']);
  }, 40_000);

  test('with --once waits for its messages, as an apply does', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    expect((await runCli(world, ['watch', '--once'])).exitCode).toBe(0);
    expect(receiver.kinds()).toBe('started succeeded');
  });
});

function outbox(world: World): readonly string[] {
  const names = world.list().filter((path) => path.startsWith('var/bootstrap/outbox/'));
  return names.map((path) => path.split('/').at(-1) ?? '');
}
