// kill -9 in the middle of a verb: its wish is in the file or is not, never half, and the next verb goes on.
import { describe, expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli, startCli } from '../rig/cli.ts';
import { leftRunning } from '../rig/world.ts';
import { DESIRED, OLD_TREE, wishedVersion, worldFor } from './control-plane.ts';

const BY_HAND = `# By hand.
apiVersion: bootstrap/v1
server: {mode: production}
products:
  gateway: {version: "1.0", repository: trunk}   # as agreed
`;
const WISHED = BY_HAND.replace('1.0', '2.0');
const TEST_MS_MAX = 120_000;

// From before it has read anything until after its end.
const MOMENTS_MS = [60, 120, 180, 240, 300, 380, 460, 560, 700, 900];

describe('product.upgrade, killed', () => {
  test.for(MOMENTS_MS)('after %d ms', { timeout: TEST_MS_MAX }, async (afterMs, context) => {
    const world = worldFor(context, { ...OLD_TREE, [DESIRED]: BY_HAND, slow: '0.2' });
    const verb = startCli(world, ['product.upgrade', 'gateway', '2.0', 'nospawn']);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    verb.kill('SIGKILL');
    await verb.ended;
    expect([BY_HAND, WISHED]).toContain(world.text(DESIRED));
    const next = await runCli(world, ['product.upgrade', 'gateway', '3.0']);
    expect(next).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(wishedVersion(world)).toBe('3.0');
    expect(world.text('var/bootstrap/products/gateway/version')).toBe('3.0\n');
    expect(world.text('var/bootstrap/products/gateway/status')).toBe('valid\n');
    expect(world.text('log')).toContain('end 3.0\n');
  });

  test(
    'in its script: another verb waits for that script, and an apply brings the wish about',
    { timeout: TEST_MS_MAX },
    async (context) => {
      const world = worldFor(context, { ...OLD_TREE, [DESIRED]: BY_HAND, slow: '1' });
      const verb = startCli(world, ['product.upgrade', 'gateway', '2.0']);
      await until(() => world.text('log') !== null, 20_000);
      verb.kill('SIGKILL');
      await verb.ended;
      expect(world.text('var/bootstrap/products/gateway/status')).toBe('upgrading\n');
      // What is not brought about does not count.
      expect((await runCli(world, ['product.get', 'gateway', 'version'])).stdout).toBe('1.0\n');
      expect(await runCli(world, ['apply', '--yes', '-f', DESIRED])).toMatchObject({ exitCode: 0 });
      expect(world.text('var/bootstrap/products/gateway/version')).toBe('2.0\n');
      expect(world.text('var/bootstrap/products/gateway/status')).toBe('valid\n');
      expect(world.text(DESIRED)).toBe(WISHED);
      await until(() => leftRunning(world.root).length === 0);
    },
  );
});
