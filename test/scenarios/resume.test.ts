// A saved plan that failed or was interrupted half-way is gone on with by --resume: what is left of it is done, nothing else.
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, type World } from '../rig/world.ts';

const desired = (comment = ''): string => `apiVersion: bootstrap/v1
server: {mode: production}
policy: {onFailure: stop}
products:
  a: {version: "2"}
  b: {version: "2", dependsOn: [a], settings: {port: 2}}
  c: {settings: {port: 1}}
${comment}`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: a]
upgrade-script = /etc/bootstrap/upgrade

[product: b]
upgrade-script = /etc/bootstrap/upgrade
config-file    = /etc/b.ini
config-format  = ini

[product: c]
config-file   = /etc/c.ini
config-format = ini
`,
  'etc/bootstrap/upgrade': `#!/bin/sh
echo "$BOOTSTRAP_PRODUCT $2" >>"$BOOTSTRAP_ROOT/log"
tries=500
until [ ! -e "$BOOTSTRAP_ROOT/wait" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done
[ ! -e "$BOOTSTRAP_ROOT/fail-$BOOTSTRAP_PRODUCT" ]
`,
  'desired-state.yaml': desired().replaceAll('"2"', '"1"'),
};

describe.concurrent('a saved plan of which a step failed', () => {
  test('is refused, and with --resume what is left of it is done', async (context) => {
    const world = await brokenOff(context);
    expect(world.text('log')).toBe('a 2\nb 2\n');
    const again = await runCli(world, ['apply', 'plan.json', '--yes']);
    expect(again.exitCode).toBe(5);
    expect(again.stderr).toContain('one that was interrupted goes on with --resume\n');
    world.put({ 'fail-b': null, log: '' });
    const resumed = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('log')).toBe('b 2\n');
    expect(world.text('etc/b.ini')).toContain('port = 2\n');
    expect(world.text('var/bootstrap/products/b/status')).toBe('valid\n');
    expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
    const done = await runCli(world, ['apply', 'plan.json', '--resume']);
    expect(done).toEqual({
      exitCode: 0,
      stdout: 'No changes. The server matches desired-state.yaml.\n',
      stderr: '',
    });
  });

  test('can fail again, and be resumed again', async (context) => {
    const world = await brokenOff(context);
    const failed = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(failed.exitCode).toBe(4);
    world.put({ 'fail-b': null, log: '' });
    const resumed = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('log')).toBe('b 2\n');
  });

  test('is resumed though what was to be done moved by being done', async (context) => {
    const world = await brokenOff(context);
    world.put({ 'fail-b': null });
    const shown = await runCli(world, ['show', 'plan.json']);
    expect(shown.stdout).toContain('This plan was applied already, or begun.\n');
    const resumed = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('or that was interrupted, is gone on with as well', async (context) => {
    const world = await plannedWorld(context);
    world.put({ wait: '' });
    const run = startCli(world, ['apply', 'plan.json', '--yes']);
    context.onTestFinished(() => run.kill('SIGKILL'));
    await until(() => world.text('log') === 'a 2\n');
    run.kill('SIGINT');
    await until(() => run.stderr().includes('SIGINT: nothing new is started'));
    world.put({ wait: null });
    expect((await run.ended).exitCode).toBe(7);
    expect(world.text('log')).toBe('a 2\n');
    expect((await runCli(world, ['apply', 'plan.json', '--yes'])).exitCode).toBe(5);
    const resumed = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('log')).toBe('a 2\nb 2\n');
    expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
  });

  test.for<readonly [what: string, path: string, text: string, moved: string]>([
    [
      'the desired state moved',
      'desired-state.yaml',
      desired('# more\n'),
      'desired ROOT/desired-state.yaml: is changed',
    ],
    [
      'a script moved',
      'etc/bootstrap/upgrade',
      '#!/bin/sh\n',
      'scripts ROOT/etc/bootstrap/upgrade: is changed',
    ],
    [
      'more is to be done than it said',
      'etc/c.ini',
      'port = 3\n',
      'action c/set: the plan did not say it',
    ],
    [
      'a protection came that it does not lift',
      'var/bootstrap/products/c/protect',
      'yes\n',
      'action c/set: the plan did not say it',
    ],
  ])('is not resumed when %s', async ([, path, text, moved], context) => {
    const world = await brokenOff(context);
    world.put({ 'fail-b': null, log: '', [path]: text });
    const refused = await runCli(world, ['apply', 'plan.json', '--resume', '--yes']);
    expect(redact(refused.stderr, world.root)).toBe(
      `error: the saved plan is stale: nothing was done\n  ${moved}\nfix: look at a new plan: bootstrap plan --out FILE\n`,
    );
    expect(refused.exitCode).toBe(5);
    expect(world.text('log')).toBe('');
    expect(world.text('var/bootstrap/products/b/status')).toBe('invalid\n');
  });
});

/** A world at version 1, and a plan to version 2. */
async function plannedWorld({ onTestFinished }: TestContext): Promise<World> {
  const world = createWorld(SERVER);
  onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
  world.put({ 'desired-state.yaml': desired(), log: '' });
  expect(await runCli(world, ['plan', '--out', 'plan.json'])).toMatchObject({ exitCode: 0 });
  return world;
}

/** The same, of which the script of `b` failed. */
async function brokenOff(context: TestContext): Promise<World> {
  const world = await plannedWorld(context);
  world.put({ 'fail-b': '' });
  expect(await runCli(world, ['apply', 'plan.json', '--yes'])).toMatchObject({ exitCode: 4 });
  expect(world.text('var/bootstrap/server-mode')).toBe('invalid\n');
  return world;
}
