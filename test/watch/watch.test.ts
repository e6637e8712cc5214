// `bootstrap watch` on real files: what it does at start, on changes, while things fail, and when it is told to end.
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';
import { startWatch, type SeenRun, type Watching } from './watching.ts';

const desired = (version: string, more = ''): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {version: "${version}"${more}}
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
config-file    = /etc/web.ini
config-format  = ini
`,
  // Waits at versions that end in "slow" until it is let go.
  'etc/bootstrap/upgrade': `#!/bin/sh
echo "$2" >>"$BOOTSTRAP_ROOT/upgrades"
case $2 in *slow) while [ ! -e "$BOOTSTRAP_ROOT/go" ]; do sleep 0.05; done;; *bad) exit 3;; esac
`,
  'desired-state.yaml': desired('1'),
};

const isDone = ({ exitCode }: SeenRun): boolean => exitCode === 0;
const failsWith =
  (code: string) =>
  ({ failures: [first] }: SeenRun): boolean =>
    first?.code === code;

function newWorld({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): World {
  const world = createWorld(SERVER);
  onTestFinished(() => world.end());
  return world;
}

function upgrades(world: World): readonly string[] {
  return world.text('upgrades')?.trim().split('\n') ?? [];
}

/** As an editor does it: a whole new file in place of the old one. */
function save(world: World, text: string): void {
  world.put({ 'desired-state.yaml.new': text });
  renameSync(join(world.root, 'desired-state.yaml.new'), join(world.root, 'desired-state.yaml'));
}

describe.concurrent('watch', () => {
  test('applies at start and on each change, and ends with exit 0 on SIGTERM', async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    save(world, desired('2'));
    await until(() => watch.runs().length === 2);
    save(world, desired('3', ', settings: {port: 1}'));
    await until(() => watch.runs().length === 3);
    expect(upgrades(world)).toEqual(['1', '2', '3']);
    expect(world.text('etc/web.ini')).toContain('port = 1');
    watch.kill('SIGTERM');
    expect(await watch.ended).toBe(0);
    expect(world.list().filter((path) => path.startsWith('run/'))).toEqual([]);
  });

  test('does nothing about a file that is only touched', async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    for (const seconds of [1, 2, 3])
      utimesSync(join(world.root, 'desired-state.yaml'), seconds, seconds);
    save(world, desired('1'));
    save(world, desired('2'));
    await until(() => watch.runs().length === 2);
    expect(upgrades(world)).toEqual(['1', '2']);
  });

  test('keeps what was applied last while the file is broken or gone, mends drift from it, and goes on with the next good one', async (context) => {
    const world = newWorld(context);
    save(world, desired('1', ', settings: {port: 1}'));
    const watch = startWatch(world, context, ['--interval', '200ms']);
    await until(() => watch.runs().length === 1);
    const config = world.text('etc/web.ini');
    save(world, 'products: {web: {vers');
    await watch.nextRun(failsWith('desired-invalid'));
    expect(world.text('var/bootstrap/status.json')).toMatch(/"SpecValid",\s*"status": "False"/);
    world.put({ 'etc/web.ini': 'by = hand\n' });
    await until(() => world.text('etc/web.ini') === config);
    world.put({ 'desired-state.yaml': null });
    await watch.nextRun(failsWith('desired-missing'));
    expect(world.text('etc/web.ini')).toBe(config);
    save(world, desired('2'));
    await watch.nextRun(isDone);
    expect(upgrades(world)).toEqual(['1', '2']);
    expect(world.text('var/bootstrap/status.json')).toMatch(/"SpecValid",\s*"status": "True"/);
  });

  test('changes nothing on a server where a broken file is all there ever was', async (context) => {
    const world = newWorld(context);
    save(world, 'products: {web');
    const watch = startWatch(world, context, ['--interval', '200ms']);
    await until(() => watch.runs().length > 2);
    expect(watch.runs().every(failsWith('desired-invalid'))).toBe(true);
    expect(world.text('upgrades')).toBeNull();
    expect(world.text('var/bootstrap/status.json')).toMatch(/"SpecValid",\s*"status": "False"/);
  });

  test('lets a running script end, and then goes for the newest desired state only', async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    save(world, desired('2slow'));
    await until(() => upgrades(world).includes('2slow'));
    save(world, desired('3'));
    save(world, desired('4'));
    // Another script of this test would be seen; what is running is not ended.
    world.put({ go: '' });
    await watch.nextRun(isDone);
    await until(() => upgrades(world).includes('4'));
    expect(upgrades(world).filter((version) => version !== '3')).toEqual(['1', '2slow', '4']);
    expect(world.text('var/bootstrap/products/web/version')).toBe('4\n');
  });

  test('does not wait for a heartbeat of what is not wanted any more', async (context) => {
    const world = newWorld(context);
    const working = (version: string, beat: string): string =>
      desired(version, `, heartbeat: ${beat}`).replace('idle', 'production');
    save(world, working('1', '{file: /up, deadline: 300s, interval: 50ms}'));
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.events().some(({ type }) => type === 'verify.started'));
    world.put({ up: '' });
    save(world, working('2', '{file: /up, deadline: 5s, interval: 50ms}'));
    const run = await watch.nextRun(isDone);
    expect(run.outcome).toBe('changed');
    expect(watch.runs().map(({ outcome }) => outcome)).toContain('changed');
  });

  test('tries what failed again with backoff, says when, and at once when it is asked', async (context) => {
    const world = newWorld(context);
    save(world, desired('1'));
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    // Root is refused too where a folder is in the way: nothing was begun, so nothing is taken back.
    world.put({ 'etc/web.ini/in-the-way': '' });
    save(world, desired('1', ', settings: {port: 1}'));
    await until(() => watch.runs().length >= 2);
    const said = watch.events().find(({ type }) => type === 'diagnostic');
    expect(said?.['message']).toMatch(/^try 1 failed: tried again at 2/);
    const status = await runCli(world, ['status']);
    expect(status.stdout).toMatch(
      /Reconciling=True {2}RetryScheduled: try 1 failed \(.+\); the next is at 2/,
    );
    world.put({ 'etc/web.ini': null });
    watch.kill('SIGHUP');
    await watch.nextRun(isDone);
    expect(world.text('etc/web.ini')).toContain('port = 1');
    expect(world.text('var/bootstrap/watch.json')).toBeNull();
  });

  test('does nothing while it is suspended, and goes on as soon as somebody resumes', async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    expect((await runCli(world, ['suspend', '--reason', 'disk swap'])).exitCode).toBe(0);
    save(world, desired('2'));
    await until(() => watch.runs().some(failsWith('suspended')));
    expect(upgrades(world)).toEqual(['1']);
    expect((await runCli(world, ['resume'])).exitCode).toBe(0);
    await until(() => upgrades(world).includes('2'));
  });

  test('goes on by itself when a suspension is over', async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    await runCli(world, ['suspend', '--reason', 'disk swap', '--until', '3s']);
    save(world, desired('2'));
    await until(() => watch.runs().some(failsWith('suspended')));
    await until(() => upgrades(world).includes('2'));
  });

  test.for([
    ['as it begins', ({ events }: Watching) => events().length > 0],
    ['later', ({ runs }: Watching) => runs().length === 1],
  ] as const)(
    'notices that bootstrap.ini and a template changed, %s',
    async ([, isTime], context) => {
      const world = newWorld(context);
      const withTemplate = SERVER['etc/bootstrap/bootstrap.ini'].replace(
        'format  = ini',
        'format  = template\nconfig-template = /etc/web.tmpl',
      );
      world.put({ 'etc/web.tmpl': 'version {{ version }}\n' });
      const watch = startWatch(world, context, ['--interval', '1h']);
      await until(() => isTime(watch));
      world.put({ 'etc/bootstrap/bootstrap.ini': withTemplate });
      await until(() => world.text('etc/web.ini')?.includes('version 1') === true);
      world.put({ 'etc/web.tmpl': 'now {{ version }}\n' });
      await until(() => world.text('etc/web.ini')?.includes('now 1') === true);
      expect(upgrades(world)).toEqual(['1']);
    },
  );

  test('waits for an apply by hand to end', async (context) => {
    const world = newWorld(context);
    save(world, desired('1slow'));
    const byHand = runCli(world, ['apply', '--yes']);
    await until(() => upgrades(world).includes('1slow'));
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.events().some(({ type }) => type === 'lock.waiting'));
    world.put({ go: '' });
    await until(() => watch.runs().length === 1);
    expect(watch.runs()[0]?.outcome).toBe('in-sync');
    expect((await byHand).exitCode).toBe(0);
  });

  test('leaves a server to the watch that is there already', async (context) => {
    const world = newWorld(context);
    const first = startWatch(world, context, ['--interval', '1h']);
    await until(() => first.runs().length === 1);
    const second = await runCli(world, ['watch']);
    expect(second.exitCode).toBe(75);
    expect(second.stderr).toContain(`pid ${first.pid} (watch)`);
    first.kill('SIGKILL');
    await first.ended;
    const third = startWatch(world, context, ['--interval', '1h']);
    await until(() => third.runs().length === 1);
  });

  test('starts a product again that died, though no look is due', async (context) => {
    const world = newWorld(context);
    world.put({
      'etc/bootstrap/bootstrap.ini': '[product: web]\nmode-script = /etc/bootstrap/mode\n',
      'etc/bootstrap/mode': `#!/bin/sh
[ "$1" = production ] || exit 0
echo started >>"$BOOTSTRAP_ROOT/starts"
sleep 300 &
echo $! >"$BOOTSTRAP_ROOT/web.pid"
`,
      'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: production}
products:
  web: {heartbeat: {process: /web.pid, interval: 100ms, deadline: 5s, restart: true}}
`,
    });
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    const first = Number(world.text('web.pid'));
    process.kill(first, 'SIGKILL');
    await watch.nextRun(isDone);
    expect(world.text('starts')).toBe('started\nstarted\n');
    expect(Number(world.text('web.pid'))).not.toBe(first);
  });

  test('with --once it looks once, and ends with the exit code of that run', async (context) => {
    const world = newWorld(context);
    expect((await runCli(world, ['watch', '--once'])).exitCode).toBe(0);
    expect(upgrades(world)).toEqual(['1']);
    save(world, 'no: yaml: at all');
    expect((await runCli(world, ['watch', '--once'])).exitCode).toBe(65);
  });

  test('prints a run that does nothing but once', async (context) => {
    const world = newWorld(context);
    const running = runCli(world, ['watch', '--interval', '50ms']);
    await until(() => world.text('var/bootstrap/status.json') !== null);
    const journals = (): number => world.list().filter((path) => path.includes('/runs/')).length;
    await until(() => journals() > 0);
    save(world, desired('2'));
    await until(() => world.text('var/bootstrap/products/web/version') === '2\n');
    const watch = await runCli(world, ['lock', 'show']);
    expect(watch.exitCode).toBe(0);
    process.kill(watcherOf(world), 'SIGTERM');
    const { stdout, exitCode } = await running;
    expect(exitCode).toBe(0);
    expect(stdout.match(/No changes/g)).toBeNull();
    expect(stdout.match(/^Applied: /gm)).toHaveLength(2);
  });
});

function watcherOf(world: World): number {
  const owner = world.list().find((path) => path.startsWith('run/bootstrap/watch/owner.'));
  const { pid } = JSON.parse(world.text(owner ?? '') ?? '{}') as { readonly pid: number };
  return pid;
}

describe.concurrent('a bad version', () => {
  // By hand and on the way to a release: 1,000 ticks (BOOTSTRAP_FAULTS=full).
  const TICKING_MS = 120_000;
  const TICKS = process.env['BOOTSTRAP_FAULTS'] === 'full' ? 1000 : 100;

  const kinds = [
    ['is rolled back once, and not touched again', ['1', '1bad', '1'], 'rolled-back', ''],
    ['that cannot be taken back is left alone', ['1', '1bad'], 'left-invalid', 'rollback = no\n'],
  ] as const;
  for (const [name, scripts, code, line] of kinds)
    test(`${name}, over many ticks and a kill -9`, { timeout: TICKING_MS * 2 }, async (context) => {
      const world = newWorld(context);
      const ini = SERVER['etc/bootstrap/bootstrap.ini'];
      world.put({ 'etc/bootstrap/bootstrap.ini': `${ini}${line}` });
      expect((await runCli(world, ['apply', '--yes'])).exitCode).toBe(0);
      save(world, desired('1bad'));
      const watch = startWatch(world, context, ['--interval', '1ms']);
      await until(() => watch.runs().some(failsWith(code)));
      const isQuiet = code === 'left-invalid';
      if (!isQuiet) await until(() => watch.runs().length >= TICKS / 2, TICKING_MS);
      watch.kill('SIGKILL');
      await watch.ended;
      const again = startWatch(world, context, ['--interval', '1ms']);
      if (!isQuiet) await until(() => again.runs().length >= TICKS / 2, TICKING_MS);
      // Looks that come to no run are not seen; they go on meanwhile.
      const status = await runCli(world, ['status']);
      expect(status.stdout).toMatch(isQuiet ? /Stalled=True/ : /RolledBack=True/);
      save(world, desired('2'));
      await again.nextRun(isDone);
      expect(upgrades(world).filter((version) => version !== '2')).toEqual(scripts);
      expect(world.text('var/bootstrap/products/web/version')).toBe('2\n');
    });
});
