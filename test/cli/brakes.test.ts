// The time limit of a run, where a timer of Node cannot hold it.
import { expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { createWorld } from '../rig/world.ts';

const MONTHS = ['--timeout', '2160h'];
const desired = (mode: string): string => `apiVersion: bootstrap/v1
server: {mode: ${mode}}
products: {}
`;

test('a limit of months is not over at once', async (context) => {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': '',
    'desired-state.yaml': desired('idle'),
  });
  context.onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes', ...MONTHS])).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  const watch = startCli(world, ['watch', ...MONTHS]);
  context.onTestFinished(() => watch.kill('SIGKILL'));
  world.put({ 'desired-state.yaml': desired('production') });
  await until(() => world.text('var/bootstrap/server-mode') === 'production\n');
  watch.kill('SIGTERM');
  expect(await watch.ended).toMatchObject({ exitCode: 0 });
  expect(watch.stderr()).not.toContain('took longer');
});
