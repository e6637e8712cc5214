// Scripts that outlive their engine, and daemons that they leave; and scripts that must not be run twice.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../../src/host/processes.ts';
import { until } from '../../host/until.ts';
import { leftRunning, type World } from '../../rig/world.ts';
import { buildEngine, type Engine } from './engine.ts';
import { APPLY, DESIRED, ini, script, serverWith, WAITS } from './one-script.ts';

const TEST_MS_MAX = 60_000;
const ONCE = ini('idempotent = no');
const UNLESS_THERE = '[ -e daemon ] ||';
const DAEMONS = [
  [
    'a daemon of its own session',
    `${UNLESS_THERE} { setsid sleep 50 </dev/null >/dev/null 2>&1 & echo $! >daemon; }`,
  ],
  [
    'one forked twice',
    `${UNLESS_THERE} (setsid sh -c 'sleep 50 & echo $! >daemon' </dev/null >/dev/null 2>&1 &)
until [ -s daemon ]; do sleep 0.02; done`,
  ],
  [
    'one of its own group',
    `${UNLESS_THERE} { sleep 50 </dev/null >/dev/null 2>&1 & echo $! >daemon; }`,
  ],
] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await buildEngine();
});
afterAll(async () => await engine.end());

describe.concurrent('after kill -9 of an engine whose script runs', () => {
  test.for(['', 'script.spawned:kill'])(
    'the next apply waits for it, and runs it again once it is gone %s',
    async (at, context) => {
      const server = serverWith(context, WAITS);
      await killedWhileRunning(server, at);
      const next = engine.start({ root: server.root, args: APPLY });
      const orphan = pidIn(server);
      await until(() => next.stdout().includes(`/etc/bootstrap/upgrade (pid ${orphan})`));
      expect(server.text('log')).toBe(`start ${orphan}  1 provisioning\n`);
      server.put({ gate: '' });
      const ended = await next.ended;
      expect(ended).toMatchObject({ exitCode: 0 });
      expect(ended.stdout).toContain('was interrupted in the upgrade-script of web');
      const [first, second, third, fourth, ...others] = linesOf(server);
      expect([first, second]).toEqual([`start ${orphan}  1 provisioning`, `end ${orphan}`]);
      expect([third, fourth]).toEqual([
        expect.stringContaining('start'),
        expect.stringContaining('end'),
      ]);
      expect(others).toEqual([]);
      await expectNothingToDo(server);
    },
  );

  test('SIGINT ends the wait for it, and leaves it alone', async (context) => {
    const server = serverWith(context, WAITS);
    await killedWhileRunning(server);
    const orphan = pidIn(server);
    const next = engine.start({ root: server.root, args: APPLY });
    await until(() => next.stdout().includes(`(pid ${orphan})`));
    next.kill('SIGINT');
    expect(await next.ended).toMatchObject({ exitCode: 7 });
    expect(identify(orphan).kind).toBe('known');
    server.put({ gate: '' });
    expect(await engine.start({ root: server.root, args: APPLY }).ended).toMatchObject({
      exitCode: 0,
    });
  });

  test(
    'one that is out of time is ended, with its whole group',
    { timeout: TEST_MS_MAX },
    async (context) => {
      // Deaf to SIGTERM, as is its child; the next one ends at once.
      const deaf = `[ -e ran ] && { echo "end $$" >>log; exit 0; }; touch ran; trap '' TERM; sleep 50 & echo $! >child; wait`;
      const server = serverWith(context, deaf, {
        'etc/bootstrap/bootstrap.ini': ini('timeout = 1s'),
      });
      await killedWhileRunning(server);
      await until(() => server.text('child') !== null);
      const [orphan, child] = [pidIn(server), Number(server.text('child'))];
      const next = await engine.start({ root: server.root, args: APPLY }).ended;
      expect(next).toMatchObject({ exitCode: 0 });
      expect([identify(orphan).kind, identify(child).kind]).toEqual(['absent', 'absent']);
    },
  );

  test.for(
    DAEMONS.flatMap((each) =>
      ['script.exited:kill', 'script.spawned:kill'].map((at) => [...each, at] as const),
    ),
  )('%s that it left is not waited for and not ended', async ([, daemon, at], context) => {
    await expectLeftAlone(serverWith(context, daemon), at);
  });

  test('nor is one that runs the script itself as a leader', async (context) => {
    const daemon = `[ "$1" = serve ] && while :; do sleep 1; done
[ -e daemon ] || { setsid "$0" serve </dev/null >/dev/null 2>&1 & echo $! >daemon; }`;
    const server = serverWith(context, daemon, {
      'etc/bootstrap/bootstrap.ini': ini('timeout = 1s'),
    });
    await expectLeftAlone(server, 'script.spawned:kill');
  });
});

describe.concurrent('with idempotent = no', () => {
  test('what was interrupted is held back until --redo, which runs it once', async (context) => {
    const server = serverWith(context, WAITS, { 'etc/bootstrap/bootstrap.ini': ONCE, gate: '' });
    await expectEnd(server, APPLY, 0);
    server.put({ gate: null, log: null, 'desired-state.yaml': DESIRED.replace('"1"', '"2"') });
    await expectHeldUntilRedo(server);
  });

  test('also where it was the first one', async (context) => {
    await expectHeldUntilRedo(serverWith(context, WAITS, { 'etc/bootstrap/bootstrap.ini': ONCE }));
  });

  test('nor does a script of another kind make that forgotten', async (context) => {
    const server = serverWith(context, WAITS, {
      'etc/bootstrap/bootstrap.ini': ini('mode-script = /etc/bootstrap/mode\nidempotent = no'),
      'etc/bootstrap/mode': script(''),
    });
    await killedWhileRunning(server);
    server.put({ gate: '', 'desired-state.yaml': DESIRED.replace('idle', 'production') });
    await until(() => identify(pidIn(server)).kind === 'absent');
    for (let applies = 0; applies < 2; applies += 1)
      expect(await engine.start({ root: server.root, args: APPLY }).ended).toMatchObject({
        exitCode: 6,
      });
    expect(linesOf(server).filter((line) => line.startsWith('start'))).toHaveLength(1);
  });
});

/** Kills an apply while the script that it has started runs, at a failpoint where one is named. */
async function killedWhileRunning(server: World, at = ''): Promise<void> {
  const run = engine.startAt(at, { root: server.root, args: APPLY });
  await until(() => server.text('log')?.startsWith('start') === true);
  if (at === '') run.kill('SIGKILL');
  expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
}

async function expectHeldUntilRedo(server: World): Promise<void> {
  await killedWhileRunning(server);
  server.put({ gate: '' });
  await until(() => identify(pidIn(server)).kind === 'absent');
  const log = server.text('log');
  const plan = await engine.start({ root: server.root, args: ['plan'] }).ended;
  expect(plan.stdout).toContain('must not be run twice (idempotent = no)');
  expect(plan.stdout).toContain('--redo web');
  for (let applies = 0; applies < 2; applies += 1) {
    await expectEnd(server, APPLY, 6);
    expect(server.text('log')).toBe(log);
  }
  await expectEnd(server, [...APPLY, '--redo', 'web'], 0);
  expect(linesOf(server).filter((line) => line.startsWith('start'))).toHaveLength(2);
  await expectNothingToDo(server);
}

async function expectEnd(server: World, args: readonly string[], exitCode: number): Promise<void> {
  const ended = await engine.start({ root: server.root, args }).ended;
  expect(ended, `${ended.stdout}${ended.stderr}`).toMatchObject({ exitCode });
}

/** Kills an apply, and lets the next one meet the daemon that its script has left. */
async function expectLeftAlone(server: World, at: string): Promise<void> {
  await engine.startAt(at, { root: server.root, args: APPLY }).ended;
  await until(
    () => server.text('daemon') !== null && linesOf(server).some((line) => line.startsWith('end')),
  );
  const pid = Number(server.text('daemon'));
  expect(identify(pid).kind).toBe('known');
  const next = await engine.start({ root: server.root, args: APPLY }).ended;
  expect(next).toMatchObject({ exitCode: 0 });
  expect(next.stdout).not.toContain('waiting for');
  expect(identify(pid).kind).toBe('known');
  expect(leftRunning(server.root)).toContain(pid);
}

function pidIn(server: World): number {
  return Number(/^start (\d+)/.exec(server.text('log') ?? '')?.[1]);
}

function linesOf(server: World): readonly string[] {
  return (server.text('log') ?? '').split('\n').filter((line) => line !== '');
}

async function expectNothingToDo(server: World): Promise<void> {
  const log = server.text('log');
  const ended = await engine.start({ root: server.root, args: ['apply'] }).ended;
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.stdout).toMatch(/^No changes\./);
  expect(server.text('log')).toBe(log);
}
