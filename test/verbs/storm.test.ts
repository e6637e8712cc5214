// A control plane that fires twenty calls at once.
import { expect, test } from 'vitest';
import { until } from '../host/until.ts';
import { runCli } from '../rig/cli.ts';
import { startControlPlane, wishedVersion, worldFor } from './control-plane.ts';

const CALLS = 20;
const TEST_MS_MAX = 120_000;

test(
  'of twenty upgrades at once exactly one runs at a time, everyone hears back, and the file says what is there',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const plane = await startControlPlane(context);
    const world = worldFor(context);
    world.put({ slow: '0.3' });
    const versions = Array.from({ length: CALLS }, (_, index) => `2.${index}`);
    const ran = await Promise.all(
      versions.map(
        async (version) => await runCli(world, ['product.upgrade', 'gateway', version, plane.url]),
      ),
    );
    expect(new Set(ran.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`))).toEqual(
      new Set(['0 ']),
    );
    await until(() => plane.visits().length >= CALLS, TEST_MS_MAX);
    const visits = plane.visits();
    expect(visits.map(({ version }) => version).toSorted()).toEqual(versions.toSorted());
    const [done, refused] = ['valid', 'invalid-operation'].map((status) =>
      visits.flatMap((visit) => (visit['status'] === status ? [visit['version']] : [])),
    );
    expect((done?.length ?? 0) + (refused?.length ?? 0)).toBe(CALLS);
    expect(done?.length).toBeGreaterThan(0);
    // One after the other: each that began has ended before the next begins, and nobody else did anything.
    const log = (world.text('log') ?? '').trim().split('\n');
    const begun = log.filter((line) => line.startsWith('upgrade'));
    expect(log).toEqual(
      begun.flatMap((line) => [line, `end ${/<(2\.[0-9]+)>/.exec(line)?.[1]}`]),
    );
    const order = begun.map((line) => /<(2\.[0-9]+)>/.exec(line)?.[1]);
    expect(order.toSorted()).toEqual(done?.toSorted());
    const last = order.at(-1);
    expect(wishedVersion(world)).toBe(last);
    expect(world.text('var/bootstrap/products/gateway/version')).toBe(`${last}\n`);
    expect(world.text('var/bootstrap/products/gateway/status')).toBe('valid\n');
    expect(await runCli(world, ['plan'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('No changes.') as string,
    });
  },
);
