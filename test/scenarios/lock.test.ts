// Two runs on one server: the second is told who holds the lock, or waits; a dead holder is in nobody's way. What `lock show`
// and `lock break` say and do about it.
import { describe, expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli, type Running } from '../rig/cli.ts';
import { redact } from '../rig/redact.ts';
import { createWorld, leftRunning, type World } from '../rig/world.ts';

/** A server whose upgrade-script waits for the file `gate`, ten seconds at most. */
const SERVER = {
  'etc/bootstrap/bootstrap.ini': '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n',
  'etc/bootstrap/upgrade': `#!/bin/sh
echo "begin $2" >>"$BOOTSTRAP_ROOT/log"
tries=500
until [ -e "$BOOTSTRAP_ROOT/gate" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done
echo "end $2" >>"$BOOTSTRAP_ROOT/log"
`,
  'desired-state.yaml':
    'apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {version: "1"}}\n',
};

describe.concurrent('while an apply runs', () => {
  test('another one ends at once, exit 75, and names the holder', async (context) => {
    const { world, holder } = await heldWorld(context);
    const second = await runCli(world, ['apply', '--yes']);
    expect({ ...second, stderr: redact(second.stderr, world.root) }).toEqual({
      exitCode: 75,
      stdout: '',
      stderr:
        'error: another run holds the lock ROOT/run/bootstrap/lock: pid PID (apply) since TIME\n' +
        'fix: try again when it has ended, or wait for it with --lock-timeout 5m\n',
    });
    expect(second.stderr).toContain(`pid ${holder.pid} (apply)`);
    await expectUndisturbed(world, holder);
  });

  test('plan and status work, and status names the run', async (context) => {
    const { world, holder } = await heldWorld(context);
    const plan = await runCli(world, ['plan']);
    expect(plan).toMatchObject({ exitCode: 0, stderr: '' });
    const status = await runCli(world, ['status']);
    expect(status.exitCode).toBe(0);
    expect(status.stdout).toContain(`Reconciling=True  RunUnderWay: pid ${holder.pid} (apply)`);
    await expectUndisturbed(world, holder);
  });

  test('another one with --lock-timeout waits, says so, and then finds nothing to do', async (context) => {
    const { world, holder } = await heldWorld(context);
    const second = startCli(world, ['apply', '--yes', '--lock-timeout', '20s']);
    await until(() => second.stdout().includes('Waiting up to 20s for the lock'));
    expect(second.stdout()).toContain(`pid ${holder.pid} (apply)`);
    await expectUndisturbed(world, holder);
    const { exitCode, stdout, stderr } = await second.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('No changes. The server matches desired-state.yaml.');
  });

  test('another one gives up when its --lock-timeout is over', async (context) => {
    const { world, holder } = await heldWorld(context);
    const second = await runCli(world, ['apply', '--yes', '--lock-timeout', '100ms']);
    expect(second.exitCode).toBe(75);
    expect(second.stderr).toContain(`pid ${holder.pid} (apply)`);
    await expectUndisturbed(world, holder);
  });

  test('another one that waits can be interrupted', async (context) => {
    const { world, holder } = await heldWorld(context);
    const second = startCli(world, ['apply', '--yes', '--lock-timeout', '20s']);
    await until(() => second.stdout().includes('Waiting'));
    second.kill('SIGINT');
    const { exitCode, stderr } = await second.ended;
    expect(stderr).toContain('error: interrupted by SIGINT: stopped cleanly\n');
    expect(exitCode).toBe(7);
    await expectUndisturbed(world, holder);
  });

  test('another one that waits is ended by its own --timeout, exit 8', async (context) => {
    const { world, holder } = await heldWorld(context);
    const args = ['apply', '--yes', '--lock-timeout', '20s', '--timeout', '300ms'];
    const { exitCode, stderr } = await runCli(world, args);
    expect(stderr).toContain('error: stopped: the run took longer than 300ms\n');
    expect(exitCode).toBe(8);
    await expectUndisturbed(world, holder);
  });

  test('and is killed, the next one runs at once and does again what was interrupted', async (context) => {
    const { world, holder } = await heldWorld(context);
    holder.kill('SIGKILL');
    await holder.ended;
    expect(world.text('var/bootstrap/products/web/status')).toBe('upgrading\n');
    await endScript(world);
    const next = await runCli(world, ['apply', '--yes']);
    expect(next).toMatchObject({ exitCode: 0, stderr: '' });
    expect(next.stdout).toContain('not installed, retry');
    expect(world.text('log')).toBe('begin 1\nend 1\nbegin 1\nend 1\n');
    expect(world.text('var/bootstrap/products/web/status')).toBe('valid\n');
    expect(world.text('var/bootstrap/server-mode')).toBe('idle\n');
    const again = await runCli(world, ['apply']);
    expect(again.stdout).toBe('No changes. The server matches desired-state.yaml.\n');
  });
});

const SHOWN = `The lock ROOT/run/bootstrap/lock is held.
  holder:    pid PID (apply)
  run:       RUN_ID
  started:   TIME
`;

describe.concurrent('lock show', () => {
  test('says that a lock is free', async (context) => {
    const world = createWorld();
    context.onTestFinished(() => world.end());
    const shown = await runCli(world, ['lock', 'show']);
    expect(shown).toEqual({ exitCode: 0, stdout: 'The lock is free.\n', stderr: '' });
    expect(world.list()).toEqual([]);
  });

  test('has none of the formats of plans', async (context) => {
    const world = createWorld();
    context.onTestFinished(() => world.end());
    const shown = await runCli(world, ['lock', 'show', '--format', 'markdown']);
    expect(shown).toMatchObject({ exitCode: 64, stdout: '' });
  });

  test('names the holder, and what it does', async (context) => {
    const { world, holder } = await heldWorld(context);
    const { exitCode, stdout, stderr } = await runCli(world, ['lock', 'show']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`pid ${holder.pid} `);
    expect(redact(stdout, world.root).replaceAll(/[\d.]+m?s ago/g, 'AGO')).toBe(
      `${SHOWN}  process:   S (sleeping)\n  heartbeat: AGO\n  verdict:   alive\n`,
    );
    const json = await runCli(world, ['lock', 'show', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({
      schema: 'bootstrap.lock/1',
      path: `${world.root}/run/bootstrap/lock`,
      state: 'held',
      holder: expect.objectContaining({ pid: holder.pid, command: 'apply' }),
      processState: 'S',
      heartbeatAgeMs: expect.any(Number),
      verdict: 'alive',
      reason: null,
    });
    await expectUndisturbed(world, holder);
  });

  test('tells a stopped holder from a dead one', async (context) => {
    const { world, holder } = await heldWorld(context);
    holder.kill('SIGSTOP');
    const stopped = await runCli(world, ['lock', 'show']);
    expect(stopped.stdout).toContain('process:   T (stopped by a signal)');
    expect(stopped.stdout).toContain('verdict:   alive\n');
    holder.kill('SIGKILL');
    await holder.ended;
    const dead = await runCli(world, ['lock', 'show']);
    expect(redact(dead.stdout, world.root)).toContain(SHOWN);
    expect(dead.stdout).toContain('verdict:   dead (its process has ended)\nThe next run takes it');
    const { stdout } = await runCli(world, ['lock', 'show', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'dead', reason: { code: 'ended' } });
    expect(dead.exitCode).toBe(0);
    await endScript(world);
  });

  test('and apply say what it is that nobody can judge', async (context) => {
    const world = createWorld({ ...SERVER, 'run/bootstrap/lock/notes.txt': 'mine' });
    context.onTestFinished(() => world.end());
    const shown = await runCli(world, ['lock', 'show']);
    const fix = `fix: look at what is in it; remove ${world.root}/run/bootstrap/lock once you are sure that no run is under way\n`;
    const what = `obody can say whose the lock ${world.root}/run/bootstrap/lock is: it holds "notes.txt"`;
    expect(shown).toEqual({ exitCode: 0, stdout: `N${what}.\n${fix}`, stderr: '' });
    const json = await runCli(world, ['lock', 'show', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      state: 'unknown',
      reason: { code: 'contents', message: 'it holds "notes.txt"' },
    });
    const apply = await runCli(world, ['apply', '--yes']);
    expect(apply).toMatchObject({ exitCode: 75, stderr: `error: n${what}\n${fix}` });
    const broken = await runCli(world, ['lock', 'break', '--kill']);
    expect(broken).toMatchObject({ exitCode: 75, stdout: '' });
    expect(broken.stderr).toContain(
      'was not broken, nobody can say whose it is: it holds "notes.txt"',
    );
    expect(world.text('run/bootstrap/lock/notes.txt')).toBe('mine');
  });
});

describe.concurrent('lock break', () => {
  test('leaves a living holder alone, and names the way to end it', async (context) => {
    const { world, holder } = await heldWorld(context);
    const broken = await runCli(world, ['lock', 'break']);
    expect({ ...broken, stderr: redact(broken.stderr, world.root) }).toEqual({
      exitCode: 75,
      stdout: '',
      stderr:
        'error: the lock ROOT/run/bootstrap/lock was not broken, its holder is alive: pid PID (apply) since TIME\n' +
        'fix: wait for it to end, or end it with bootstrap lock break --kill\n',
    });
    const json = await runCli(world, ['lock', 'break', '--format', 'json']);
    expect(json).toMatchObject({ exitCode: 75, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ diagnostics: [{ code: 'lock-kept' }] });
    await expectUndisturbed(world, holder);
  });

  test('takes away what a dead one left, and says whose it was', async (context) => {
    const { world, holder } = await heldWorld(context);
    holder.kill('SIGKILL');
    await holder.ended;
    const broken = await runCli(world, ['lock', 'break']);
    expect(broken).toMatchObject({ exitCode: 0, stderr: '' });
    expect(redact(broken.stdout, world.root)).toBe(
      'The lock was broken: its holder was dead: pid PID (apply) since TIME.\n',
    );
    expect(world.text('run/bootstrap/lock')).toBe(null);
    const again = await runCli(world, ['lock', 'break', '--format', 'json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'free', broken: null });
    await endScript(world);
  });

  test('--kill lets a run end its script first', async (context) => {
    const { world, holder } = await heldWorld(context);
    const breaking = startCli(world, ['lock', 'break', '--kill']);
    await until(() => holder.stderr().includes('SIGTERM'));
    world.put({ gate: '' });
    const { exitCode, stdout, stderr } = await breaking.ended;
    expect(stderr).toBe(
      `SIGTERM to pid ${holder.pid}: waiting for it to end; it is killed if it does not.\n`,
    );
    expect(stdout).toContain('The lock was broken: its holder was ended by SIGTERM, and is dead: ');
    expect(exitCode).toBe(0);
    expect((await holder.ended).exitCode).toBe(7);
    expect(world.text('log')).toBe('begin 1\nend 1\n');
  });
});

/** A world in which an apply holds the lock, its script waiting for the gate. */
async function heldWorld(context: TestContext): Promise<{ world: World; holder: Running }> {
  const world = createWorld(SERVER);
  const holder = startCli(world, ['apply', '--yes']);
  context.onTestFinished(() => {
    holder.kill('SIGKILL');
    world.end();
  });
  await until(() => world.text('log') === 'begin 1\n');
  return { world, holder };
}

/** The script outlives its engine: it ends now. */
async function endScript(world: World): Promise<void> {
  world.put({ gate: '' });
  await until(() => leftRunning(world.root).length === 0);
}

async function expectUndisturbed(world: World, holder: Running): Promise<void> {
  world.put({ gate: '' });
  expect(await holder.ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(world.text('log')).toBe('begin 1\nend 1\n');
}
