// An apply on trial: the generation before it returns by itself, unless somebody confirms in time; also after kill -9 of everything.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { guardsOf, killGuards } from '../rig/guards.ts';
import { createWorld, type World } from '../rig/world.ts';

const desired = (port: number, beat = 'beat'): string => `apiVersion: bootstrap/v1
server: {mode: production}
products:
  web:
    settings: {port: ${port}}
    heartbeat: {process: /${beat}, interval: 50ms, deadline: 300ms}
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
mode-script   = /etc/bootstrap/mode
config-file   = /etc/web.ini
config-format = ini
`,
  // Any process that lives as long as the test will do; this one is ended with its world.
  'etc/bootstrap/mode': `#!/bin/sh
[ -e "$BOOTSTRAP_ROOT/beat" ] || { sleep 60 & echo $! >"$BOOTSTRAP_ROOT/beat"; }
`,
  'desired-state.yaml': desired(1),
};

describe.concurrent('what is on trial', () => {
  test('stays when it is confirmed, and is a good generation from then on', async (context) => {
    const world = await workingWorld(context);
    await onTrial(world, ['--confirm-within', '60s']);
    expect(outcomes(world)).toEqual(['good', 'trial']);
    const { stdout } = await runCli(world, ['status']);
    expect(stdout).toMatch(
      /^Reconciling=True {2}OnTrial: on trial until \S+Z: bootstrap confirm keeps it, else generation 1 returns$/m,
    );
    const other = await runCli(world, ['apply', '--yes']);
    expect(other.exitCode).toBe(6);
    expect(other.stderr).toContain('is on trial until ');
    const confirmed = await runCli(world, ['confirm']);
    expect(confirmed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcomes(world)).toEqual(['good', 'good']);
    expect(isOnTrial(world)).toBe(false);
    expect((await runCli(world, ['status'])).stdout).not.toContain('OnTrial');
    await until(() => guardsOf(world.root).length === 0);
    expect(world.text('etc/web.ini')).toContain('port = 2\n');
    const again = await runCli(world, ['confirm']);
    expect(again.exitCode).toBe(6);
    expect(again.stderr).toContain('nothing is on trial');
  });

  test('is taken back by its guard when nobody confirms', async (context) => {
    const world = await workingWorld(context);
    const before = world.text('etc/web.ini');
    await onTrial(world, ['--confirm-within', '500ms']);
    await until(() => guardsOf(world.root).length === 0);
    expect(world.text('etc/web.ini')).toBe(before);
    expect(isOnTrial(world)).toBe(false);
    expect(world.text('var/bootstrap/server-mode')).toBe('production\n');
    // What nobody wanted to keep is not tried again as it stands.
    const plan = await runCli(world, ['plan']);
    expect(plan.stdout).toContain('--redo web');
    const { stdout } = await runCli(world, ['status']);
    expect(stdout).toContain('RolledBack: web: not confirmed in time: back to generation 1\n');
    const late = await runCli(world, ['confirm']);
    expect(late.exitCode).toBe(6);
  });

  test('is taken back also after kill -9 of the guard: the next command starts another', async (context) => {
    const world = await workingWorld(context);
    const before = world.text('etc/web.ini');
    await onTrial(world, ['--confirm-within', '1s']);
    killGuards(world.root);
    await until(() => guardsOf(world.root).length === 0 && isOverdue(world));
    expect(world.text('etc/web.ini')).not.toBe(before);
    expect((await runCli(world, ['status'])).exitCode).toBe(0);
    await until(() => !isOnTrial(world));
    expect(world.text('etc/web.ini')).toBe(before);
  });

  test('confirms itself while every heartbeat passes', async (context) => {
    const world = await workingWorld(context);
    await onTrial(world, ['--confirm-within', '1s', '--confirm-auto']);
    await until(() => guardsOf(world.root).length === 0);
    expect(world.text('etc/web.ini')).toContain('port = 2\n');
    expect(outcomes(world)).toEqual(['good', 'good']);
  });

  test('does not confirm itself where a heartbeat fails once', async (context) => {
    const world = await workingWorld(context);
    const before = world.text('etc/web.ini');
    const beat = world.text('beat');
    await onTrial(world, ['--confirm-within', '2s', '--confirm-auto']);
    world.put({ beat: null });
    await until(() => isOverdue(world), 5000);
    world.put({ beat });
    await until(() => guardsOf(world.root).length === 0);
    expect(world.text('etc/web.ini')).toBe(before);
  });
});

describe.concurrent('a run on trial', () => {
  test('that is interrupted is taken back when its time is up: nobody has verified it', async (context) => {
    const world = await workingWorld(context);
    const before = world.text('etc/web.ini');
    // Nothing beats while this is waited for.
    world.put({ beat: null, 'desired-state.yaml': desired(2).replace('300ms', '20s') });
    const flags = ['--confirm-within', '500ms', '--timeout', '2s'];
    const run = startCli(world, ['apply', '--yes', '-v', ...flags]);
    await until(() => world.text('etc/web.ini') !== before);
    run.kill('SIGTERM');
    const ended = await run.ended;
    expect(ended.exitCode).toBe(7);
    expect(ended.stdout).toContain('generation 1 returns at ');
    expect(isOnTrial(world)).toBe(true);
    expect((await runCli(world, ['confirm'])).stderr).toContain('not verified yet');
    await until(() => !isOnTrial(world));
    expect(world.text('etc/web.ini')).toBe(before);
  });

  test('can be one of some products, and its window opens', async (context) => {
    const world = await workingWorld(context);
    await onTrial(world, ['--confirm-within', '60s', '--only', 'web']);
    // Nothing else differs: what it proves is the whole.
    expect(outcomes(world)).toEqual(['good', 'trial']);
    expect(await runCli(world, ['confirm'])).toMatchObject({ exitCode: 0 });
    expect(outcomes(world)).toEqual(['good', 'good']);
    expect(isOnTrial(world)).toBe(false);
    expect(world.text('etc/web.ini')).toContain('port = 2\n');
  });

  test('that fails before it changed anything leaves nothing on trial', async (context) => {
    const world = await workingWorld(context);
    // Content when the plan is tried, and not when it counts.
    const check = '#!/bin/sh\n[ ! -e "$BOOTSTRAP_ROOT/once" ] && : >"$BOOTSTRAP_ROOT/once"\n';
    const line = `config-check = ${world.root}/etc/bootstrap/check {file}\n`;
    const ini = world.text('etc/bootstrap/bootstrap.ini') ?? '';
    world.put({ 'etc/bootstrap/check': check, 'etc/bootstrap/bootstrap.ini': ini + line });
    const failed = await runCli(world, ['apply', '--yes', '--confirm-within', '60s']);
    expect(failed).toMatchObject({ exitCode: 1 });
    expect(failed.stdout).toContain('web/set: failed');
    expect(isOnTrial(world)).toBe(false);
  });
});

test('without anything good to return to nothing is put on trial', async ({ onTestFinished }) => {
  const world = createWorld(SERVER);
  onTestFinished(() => world.end());
  const refused = await runCli(world, ['apply', '--yes', '--confirm-within', '60s']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('there is no good generation to go back to');
  expect(world.text('etc/web.ini')).toBeNull();
});

async function workingWorld({ onTestFinished }: TestContext): Promise<World> {
  const world = createWorld(SERVER);
  onTestFinished(() => {
    killGuards(world.root);
    world.end();
  });
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
  world.put({ 'desired-state.yaml': desired(2) });
  return world;
}

async function onTrial(world: World, flags: readonly string[]): Promise<void> {
  const applied = await runCli(world, ['apply', '--yes', ...flags]);
  expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
  expect(applied.stdout).toContain('on trial until ');
}

function outcomes(world: World): readonly string[] {
  const folder = `${world.root}/var/bootstrap/generations`;
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      return (JSON.parse(text) as { readonly outcome: string }).outcome;
    });
}

function isOverdue(world: World): boolean {
  const trial = JSON.parse(world.text('var/bootstrap/trial.json') ?? '{}') as {
    readonly deadline?: string;
  };
  return trial.deadline === undefined || Date.parse(trial.deadline) < Date.now();
}

function isOnTrial(world: World): boolean {
  return (world.text('var/bootstrap') ?? '').includes('trial');
}
