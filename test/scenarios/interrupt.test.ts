// A signal ends a run rung by rung: first nothing new is started, then scripts are told to end, then they are killed.
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { createWorld, type FileTexts } from '../rig/world.ts';

const INI = `
[product: a]
upgrade-script = /etc/bootstrap/waits
set-script     = /etc/bootstrap/set

[product: b]
depends-on     = a
upgrade-script = /etc/bootstrap/upgrade
`;
/** Waits for the file `gate`, ten seconds at most, after a line of its own about SIGTERM. */
const waits = (onTerm = '') => `#!/bin/sh
note() { echo "$BOOTSTRAP_PRODUCT $*" >>"$BOOTSTRAP_ROOT/log"; }
${onTerm}
note begin
tries=500
until [ -e "$BOOTSTRAP_ROOT/gate" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done
note end
`;
const NOTES = `#!/bin/sh
echo "$BOOTSTRAP_PRODUCT \${0##*/}" >>"$BOOTSTRAP_ROOT/log"
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': INI,
  'etc/bootstrap/waits': waits(),
  'etc/bootstrap/upgrade': NOTES,
  'etc/bootstrap/set': NOTES,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  a: {version: "1", settings: {size: 1}}
  b: {version: "1"}
`,
};
const FINISHED_BY_NEXT = 'a begin\na end\na set\nb upgrade\n';

describe.concurrent('an apply whose script runs', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'lets it finish after %s, starts nothing new, and the next apply goes on from there',
    async (signal, context) => {
      const { world, run } = await runningWorld(context);
      run.kill(signal);
      await until(() => run.stderr().includes(`${signal}: nothing new is started`));
      world.put({ gate: '' });
      const { exitCode, stdout, stderr } = await run.ended;
      expect(exitCode).toBe(7);
      expect(stderr).toContain(`error: interrupted by ${signal}: stopped cleanly\n`);
      expect(stderr).toContain('fix: bootstrap apply goes on from here\n');
      expect(stdout).toMatch(/^b\/provision: (skipped|not started)/m);
      expect(world.text('log')).toBe('a begin\na end\n');
      expect(world.text('var/bootstrap/products/a/version')).toBe('1\n');
      expect(world.text('var/bootstrap/products/b/version')).toBeNull();

      const next = await runCli(world, ['apply', '--yes']);
      expect(next).toMatchObject({ exitCode: 0, stderr: '' });
      expect(world.text('log')).toBe(FINISHED_BY_NEXT);
      expect(world.text('var/bootstrap/server-mode')).toBe('idle\n');
    },
  );

  test('lets it finish also where a terminal that is gone is told of twice', async (context) => {
    const { world, run } = await runningWorld(context);
    run.kill('SIGHUP');
    await until(() => run.stderr().includes('SIGHUP: nothing new is started'));
    run.kill('SIGHUP');
    world.put({ gate: '' });
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(7);
    expect(stderr).not.toContain('told the running scripts to end');
    expect(world.text('log')).toBe('a begin\na end\n');
  });

  test('tells it to end after a second SIGINT, and the next apply runs it again', async (context) => {
    const { world, run } = await runningWorld(context, {
      'etc/bootstrap/waits': waits("trap 'note terminated; exit 1' TERM"),
    });
    run.kill('SIGINT');
    await until(() => run.stderr().includes('SIGINT: nothing new is started'));
    run.kill('SIGINT');
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(7);
    expect(stderr).toContain('SIGINT: told the running scripts to end');
    expect(world.text('log')).toBe('a begin\na terminated\n');
    expect(world.text('var/bootstrap/products/a/version')).toBeNull();

    world.put({ gate: '', log: '' });
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('log')).toBe(FINISHED_BY_NEXT);
  });

  test('kills it after a third SIGINT, and says that its outcome is unknown', async (context) => {
    const { world, run } = await runningWorld(
      context,
      { 'etc/bootstrap/waits': waits("trap 'note deaf' TERM") },
      ['--format', 'json'],
    );
    run.kill('SIGINT');
    await until(() => run.stderr().includes('SIGINT: nothing new is started'));
    run.kill('SIGINT');
    await until(() => world.text('log')?.includes('a deaf') === true);
    run.kill('SIGINT');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(7);
    expect(world.text('log')).not.toContain('a end');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'action.failed', verdict: 'unknown' }),
    );
    expect(events.at(-1)).toMatchObject({ outcome: 'interrupted', exitCode: 7 });
  });
});

test('SIGINT ends the wait for a heartbeat, and the next apply waits for it again', async (context) => {
  const desired = (deadline: string): string => `apiVersion: bootstrap/v1
server: {mode: production}
products: {a: {version: "1", heartbeat: {process: /run/a.pid, interval: 50ms, deadline: ${deadline}}}}
`;
  const world = createWorld({ ...SERVER, gate: '', 'desired-state.yaml': desired('20s') });
  context.onTestFinished(() => world.end());
  const run = startCli(world, ['apply', '--yes']);
  await until(() => run.stdout().includes('a/verify: waiting'));
  run.kill('SIGINT');
  const { exitCode, stderr } = await run.ended;
  expect(exitCode).toBe(7);
  expect(stderr).toContain('error: interrupted by SIGINT');
  expect(world.text('var/bootstrap/products/a/status')).toBe('upgrading\n');

  world.put({ 'desired-state.yaml': desired('100ms'), 'run/a.pid': '4194304' });
  const next = await runCli(world, ['apply', '--yes']);
  expect(next.stderr).toContain('a is not healthy');
  expect(next.exitCode).toBe(4);
});

/** A world in which an apply runs the upgrade-script of `a`. */
async function runningWorld(
  context: TestContext,
  files: FileTexts = {},
  args: readonly string[] = [],
) {
  const world = createWorld({ ...SERVER, ...files });
  const run = startCli(world, ['apply', '--yes', ...args]);
  context.onTestFinished(() => {
    run.kill('SIGKILL');
    world.end();
  });
  await until(() => world.text('log') === 'a begin\n');
  return { world, run };
}
