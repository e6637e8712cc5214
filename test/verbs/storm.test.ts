// A control plane that fires twenty calls at once.
import { expect, test } from 'vitest';
import { compareText } from '../../src/model/text-order.ts';
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
    expect(sorted(visits.map(({ version = '' }) => version))).toEqual(sorted(versions));
    const told = (status: string): readonly string[] =>
      visits.flatMap((visit) => (visit['status'] === status ? [visit['version'] ?? ''] : []));
    const done = told('valid');
    expect(done.length + told('invalid-operation').length).toBe(CALLS);
    expect(done.length).toBeGreaterThan(0);
    // One after the other: each that began has ended before the next begins, and nobody else did anything.
    const log = (world.text('log') ?? '').trim().split('\n');
    const begun = log.filter((line) => line.startsWith('upgrade'));
    expect(log).toEqual(begun.flatMap((line) => [line, `end ${versionIn(line)}`]));
    const order = begun.map(versionIn);
    expect(sorted(order)).toEqual(sorted(done));
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

function versionIn(line: string): string {
  return /<(2\.[0-9]+)>/.exec(line)?.[1] ?? '';
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted(compareText);
}
