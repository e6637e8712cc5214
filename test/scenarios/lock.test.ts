// Two runs on one server: the second is told who holds the lock, or waits; a dead holder is in nobody's way.
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
    // The script outlives its engine: it ends now, before the next run.
    world.put({ gate: '' });
    await until(() => leftRunning(world.root).length === 0);
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

async function expectUndisturbed(world: World, holder: Running): Promise<void> {
  world.put({ gate: '' });
  expect(await holder.ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(world.text('log')).toBe('begin 1\nend 1\n');
}
