// Waiting for a server to be as wished: beside an apply, without the lock, and no longer than was said.
import { expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const FILES = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
upgrade-script = /etc/bootstrap/upgrade
`,
  // Goes on until there is a file.
  'etc/bootstrap/upgrade': `#!/bin/sh
while [ ! -e "$BOOTSTRAP_ROOT/go" ]; do sleep 0.1; done
`,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {web: {version: "1"}}
`,
};

function startWorld(context: Pick<TestContext, 'onTestFinished'>): World {
  const world = createWorld(FILES);
  context.onTestFinished(() => world.end());
  return world;
}

test('until an apply beside it has made it so', async (context) => {
  const world = startWorld(context);
  const apply = startCli(world, ['apply', '--yes']);
  await until(() => apply.stdout().includes('web/provision: started'));
  const waits = [
    ['status', '--wait'],
    ['status', 'web', '--wait', '--format', 'json'],
  ].map((args) => startCli(world, args));
  const busy = await runCli(world, ['status', '--wait', '--for=Reconciling', '--timeout', '20s']);
  expect(busy).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('RunUnderWay') });
  expect(waits.map(({ stdout }) => stdout())).toEqual(['', '']);
  world.put({ go: '' });
  const [whole, web] = await Promise.all(waits.map(({ ended }) => ended));
  expect(whole).toMatchObject({ exitCode: 0, stderr: '' });
  expect(whole?.stdout).toMatch(/Ready=True/);
  expect(web?.exitCode).toBe(0);
  expect(JSON.parse(web?.stdout ?? '')).toMatchObject({ products: { web: { sync: 'Synced' } } });
  expect(await apply.ended).toMatchObject({ exitCode: 0 });
});

test('no longer than was said, and then says why', async (context) => {
  const world = startWorld(context);
  const ran = await runCli(world, ['status', '--wait', '--for', 'Ready', '--timeout', '10ms']);
  expect(ran).toMatchObject({ exitCode: 8, stdout: expect.stringContaining('OutOfSync') });
  expect(ran.stderr).toMatch(/^error: not Ready within 10ms: False, \d action\(s\) are pending\n/);
  const json = await runCli(world, [
    'status',
    'web',
    '--wait',
    '--timeout',
    '10ms',
    '--format',
    'json',
  ]);
  expect(json.exitCode).toBe(8);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'bootstrap.status/1' });
  expect(json.stderr).toContain('error: not Ready within 10ms: OutOfSync');
});

test('for what is there it waits no time; for nonsense it does not begin', async (context) => {
  const world = startWorld(context);
  const ran = await runCli(world, ['status', '--wait', '--for=Ready=False', '--timeout', '0s']);
  expect(ran.exitCode).toBe(0);
  for (const args of [
    ['--for', 'ready'],
    ['--for', 'Ready=maybe'],
    ['--timeout', 'long'],
  ]) {
    const refused = await runCli(world, ['status', '--wait', ...args]);
    expect(refused).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr: expect.stringContaining(args[0] ?? ''),
    });
  }
  expect(await runCli(world, ['status', 'wbe', '--wait'])).toMatchObject({ exitCode: 64 });
});
