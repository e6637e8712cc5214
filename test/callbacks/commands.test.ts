// `bootstrap callback list`, `show` and `replay`: what waits, why, and sending it all the same; and what `doctor` says of damaged files.
import { describe, expect, test, type TestContext } from 'vitest';
import { runCli } from '../rig/cli.ts';
import type { World } from '../rig/world.ts';
import { startReceiver, status, type Receiver } from './receiver.ts';
import { countIn, desired, newServer } from './server.ts';

// Each runs the command line some times, beside the others.
const TIME_LIMIT_MS = 60_000;
const TOKEN = 'T0ken';

/** A server whose receiver answers 500, with two deliveries in its outbox. */
async function stuck(context: TestContext, code = 500): Promise<readonly [World, Receiver]> {
  const receiver = await startReceiver(context);
  receiver.act(status(code));
  const world = newServer(context, { callbacks: `[{url: "${receiver.url}?token=${TOKEN}"}]` });
  await runCli(world, ['apply', '--yes']);
  return [world, receiver];
}

async function json(world: World, ...args: readonly string[]): Promise<Listed> {
  const { stdout } = await runCli(world, [...args, '--format', 'json']);
  expect(stdout).not.toContain(TOKEN);
  return JSON.parse(stdout) as Listed;
}

interface Listed {
  readonly deliveries: readonly {
    readonly id: string;
    readonly kind: string;
    readonly state: string;
    readonly tries: number;
    readonly arrived?: boolean;
    readonly last: { readonly said: string };
    readonly event?: object;
  }[];
  readonly damaged: readonly object[];
  readonly standing: object | null;
}

describe.concurrent('callback list', { timeout: TIME_LIMIT_MS }, () => {
  test('of a server that tells nobody is empty', async (context) => {
    const world = newServer(context, { callbacks: '[]' });
    await runCli(world, ['apply', '--yes']);
    expect(await runCli(world, ['callback', 'list'])).toEqual({
      exitCode: 0,
      stdout: 'No callbacks.\n',
      stderr: '',
    });
    expect(world.list().filter((path) => /callbacks|outbox|sent/.test(path))).toEqual([]);
  });

  test('shows what waits, how often it was tried, and why it did not arrive', async (context) => {
    const [world, receiver] = await stuck(context);
    const { stdout } = await runCli(world, ['callback', 'list']);
    const [head, ...rows] = stdout.trim().split('\n');
    expect(head).toMatch(/^EVENT +KIND +RECEIVER +STATE +TRIES +NEXT TRY +LAST TRY$/);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(
      new RegExp(`^\\S+\\.1  started +${receiver.host}  waiting  1 +2\\S+Z  it answered 500$`),
    );
    expect(stdout).not.toContain(TOKEN);
    const { deliveries, standing } = await json(world, 'callback', 'list');
    expect(deliveries.map(({ kind, state }) => [kind, state])).toEqual([
      ['started', 'waiting'],
      ['succeeded', 'waiting'],
    ]);
    expect(standing).toBeNull();
  });

  test('names what was told and is not over, and files that are damaged', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, { version: '1bad', callbacks: `[{url: "${receiver.url}"}]` });
    await runCli(world, ['apply', '--yes']);
    const [sent = ''] = world.list().filter((path) => path.startsWith('var/bootstrap/sent/'));
    world.put({ [sent]: '{' });
    const { stdout } = await runCli(world, ['callback', 'list']);
    expect(stdout).toMatch(/^\S+\.2 +failed .* sent .* it answered 200$/m);
    expect(stdout).toMatch(/^\S+\.json: it is damaged \(not JSON\)$/m);
    expect(stdout).toMatch(/^Receivers were told by \S+\.2 that not all is well\.$/m);
  });
});

describe.concurrent('callback show', { timeout: TIME_LIMIT_MS }, () => {
  test('shows an event as it is sent, by enough of its id', async (context) => {
    const [world, receiver] = await stuck(context);
    const { deliveries } = await json(world, 'callback', 'list');
    const id = deliveries[0]?.id ?? '';
    const { stdout } = await runCli(world, ['callback', 'show', id.slice(-6)]);
    expect(stdout).toMatch(/^\S+\.1  started: started\n {2}127\.0\.0\.1:\d+: waiting after/);
    expect(stdout).not.toContain(TOKEN);
    const shown = await json(world, 'callback', 'show', id);
    expect(shown.deliveries).toHaveLength(1);
    const body = receiver.got.find(({ headers }) => headers['webhook-id'] === id)?.body;
    expect(shown.deliveries[0]?.event).toEqual(JSON.parse(body ?? 'null'));
  });

  test('of no event, or of more than one, is wrong usage with a hint', async (context) => {
    const [world] = await stuck(context);
    const none = await runCli(world, ['callback', 'show', 'nonsense']);
    expect(none.exitCode).toBe(64);
    expect(none.stderr).toContain('there is no callback "nonsense"');
    const many = await runCli(world, ['callback', 'show', '2']);
    expect(many.exitCode).toBe(64);
    expect(many.stderr).toMatch(/more than one callback is "2"\nfix: did you mean 2/);
  });
});

describe.concurrent('callback replay', { timeout: TIME_LIMIT_MS }, () => {
  test('sends everything that was not delivered, before its time', async (context) => {
    const [world, receiver] = await stuck(context);
    receiver.act(status(200));
    const { exitCode, stdout } = await runCli(world, ['callback', 'replay']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^(sent: \S+\.[12] to \S+: it answered 200\n){2}2 of 2 sent\.\n$/);
    expect(receiver.kinds()).toBe('started succeeded');
    expect([countIn(world, 'outbox'), countIn(world, 'sent')]).toEqual([0, 2]);
    const again = await runCli(world, ['callback', 'replay']);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'Nothing is undelivered.\n' });
  });

  test('that does not arrive is exit 1, and counts as no try of the schedule', async (context) => {
    const [world, receiver] = await stuck(context);
    const before = await json(world, 'callback', 'list');
    const { exitCode, stdout } = await runCli(world, ['callback', 'replay']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^not sent: \S+\.1 to \S+: it answered 500\n/);
    expect(stdout).toMatch(/^not sent: \S+\.2 to \S+: not tried: the one before it failed\n/m);
    expect(stdout).toMatch(/0 of 2 sent\.\n$/);
    const after = await json(world, 'callback', 'list');
    expect(after.deliveries.map(({ tries }) => tries)).toEqual(
      before.deliveries.map(({ tries }) => tries),
    );
    expect(receiver.kinds()).toBe('');
  });

  test('sends one event once more, with the same id and the same body', async (context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, { callbacks: `[{url: "${receiver.url}"}]` });
    await runCli(world, ['apply', '--yes']);
    const [, id = ''] = receiver.ids();
    expect((await runCli(world, ['callback', 'replay', id])).exitCode).toBe(0);
    expect(receiver.ids().slice(1)).toEqual([id, id]);
    expect(receiver.got[2]?.body).toBe(receiver.got[1]?.body);
    expect(countIn(world, 'sent')).toBe(2);
    expect((await runCli(world, ['callback', 'replay', 'nonsense'])).exitCode).toBe(64);
  });

  test('takes a receiver back that was gone', async (context) => {
    const [world, receiver] = await stuck(context, 410);
    await runCli(world, ['apply', '--yes']);
    expect([countIn(world, 'outbox'), countIn(world, 'dead')]).toEqual([0, 2]);
    expect((await runCli(world, ['callback', 'replay'])).exitCode).toBe(1);
    receiver.act(status(200));
    const { deliveries } = await json(world, 'callback', 'list');
    const first = deliveries.find(({ kind }) => kind === 'started')?.id ?? '';
    expect((await runCli(world, ['callback', 'replay', first])).exitCode).toBe(0);
    const callbacks = `[{url: "${receiver.url}?token=${TOKEN}"}]`;
    world.put({ 'desired-state.yaml': desired({ version: '2', callbacks }) });
    await runCli(world, ['apply', '--yes']);
    expect(receiver.kinds()).toBe('started started succeeded');
    expect(countIn(world, 'dead')).toBe(1);
  });
});

test('doctor names a damaged delivery and a damaged record, and sets them aside', async (context) => {
  const [world, receiver] = await stuck(context);
  const [waiting = ''] = world.list().filter((path) => path.startsWith('var/bootstrap/outbox/'));
  world.put({
    [waiting]: '{',
    'var/bootstrap/callbacks.json': '{"schema":"bootstrap.callbacks/1"}',
  });
  const ran = await runCli(world, ['apply', '--yes']);
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toMatch(
    /^warning: callbacks: cannot read \S+callbacks\.json: it is damaged \(it counts no events\)$/m,
  );
  const found = await runCli(world, ['doctor']);
  expect(found.exitCode).toBe(1);
  expect(found.stdout).toContain('callbacks.json');
  expect(found.stdout).toContain(waiting);
  expect((await runCli(world, ['doctor', '--fix'])).exitCode).toBe(0);
  expect((await runCli(world, ['doctor'])).exitCode).toBe(0);
  receiver.act(status(200));
  expect((await runCli(world, ['callback', 'replay'])).exitCode).toBe(0);
  expect(receiver.kinds()).toBe('succeeded');
});
