// The old tool's verbs on a server that watch keeps: neither undoes the other.
import { expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import { startWatch, type SeenRun } from '../watch/watching.ts';
import { DESIRED, OLD_TREE, wishedVersion, worldFor } from './control-plane.ts';

const TEST_MS_MAX = 120_000;
const BY_HAND = `apiVersion: bootstrap/v1
server: {mode: production}
products:
  gateway: {version: "1.0", repository: trunk}
`;

test(
  'what a verb took back is not carried out once more by a watch that waited for it',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const world = worldFor(context, {
      ...OLD_TREE,
      [DESIRED]: BY_HAND,
      slow: '1.5',
      'fails-bad': '',
    });
    const watch = startWatch(world, context, ['-f', DESIRED]);
    await until(() => watch.runs().length > 0, 20_000);
    for (let time = 0; time < 3; time += 1) {
      world.put({ log: '' });
      const ran = watch.runs().length;
      const verb = await runCli(world, ['product.upgrade', 'gateway', 'bad']);
      expect(verb).toMatchObject({ exitCode: 1 });
      expect(world.text(DESIRED)).toBe(BY_HAND);
      // It saw the edit, waited, and has come to its end since.
      await until(() => watch.runs().length > ran, 20_000);
      const tries = world
        .text('log')
        ?.split('\n')
        .filter((line) => line.includes('<bad>'));
      expect(tries).toHaveLength(1);
    }
    expect(world.text('var/bootstrap/products/gateway/version')).toBe('1.0\n');
  },
);

test(
  'what a verb brought about stays, and watch finds nothing to do',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const world = worldFor(context, { ...OLD_TREE, [DESIRED]: BY_HAND, slow: '0.5' });
    const watch = startWatch(world, context, ['-f', DESIRED]);
    await until(() => watch.runs().length > 0, 20_000);
    const ran = watch.runs().length;
    expect(await runCli(world, ['product.upgrade', 'gateway', '2.0'])).toMatchObject({
      exitCode: 0,
    });
    // The look that saw the edit may have waited for the verb, and be over by now.
    const looks = (): readonly SeenRun[] => watch.runs().slice(ran);
    await until(() => looks().some(({ outcome }) => outcome === 'in-sync'), 20_000);
    expect(wishedVersion(world)).toBe('2.0');
    expect(world.text('log')).toBe('upgrade <trunk> <2.0> <production>\nend 2.0\n');
  },
);
