// A file that failed is tried once, however often it is applied.
import { expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { newServer } from './server.ts';

const APPLIES = 100;

const desired = (version: string): string =>
  JSON.stringify({
    apiVersion: 'bootstrap/v1',
    server: { mode: 'production' },
    products: { a: { version } },
  });

test(
  `a bad version that is applied ${APPLIES} times is tried once`,
  { timeout: 120_000 },
  async ({ onTestFinished }) => {
    const { world } = await newServer({ ini: {}, beats: {} });
    onTestFinished(() => world.end());
    const apply = async (): Promise<number | null> =>
      (await runCli(world, ['apply', '--yes'])).exitCode;
    world.put({ 'desired-state.yaml': desired('1') });
    expect(await apply()).toBe(0);

    world.put({ 'desired-state.yaml': desired('2'), faults: 'a upgrade 2 fail\n', log: '' });
    expect(await apply()).toBe(3);
    const tried = world.text('log');
    expect(tried).toBe('a upgrade 2 production\na upgrade 1 production\na mode production\n');
    const runs = world.text('var/bootstrap/runs');
    const kept = world.text('var/bootstrap/generations/2.json');
    const codes: (number | null)[] = [];
    for (let nth = 1; nth < APPLIES; nth += 1) codes.push(await apply());
    expect(new Set(codes)).toEqual(new Set([6]));
    expect(world.text('log')).toBe(tried);
    expect(world.text('var/bootstrap/products/a/version')).toBe('1\n');
    expect(world.text('var/bootstrap/runs'), 'no journal of a run that did nothing').toBe(runs);
    expect(world.text('var/bootstrap/generations/2.json')).toBe(kept);
  },
);
