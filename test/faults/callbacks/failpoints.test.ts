// kill -9 at each step between a journal and its receiver: what was to be told is told, by whoever comes next, with the same ids.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailpointName } from '../../../src/host/failpoint.ts';
import { startReceiver } from '../../callbacks/receiver.ts';
import { countIn, desired, newServer } from '../../callbacks/server.ts';
import { buildEngine, type Engine } from '../crash/engine.ts';
import { countedBy, duplicatesOf, faultsOf, learnRuns, type Runs } from './account.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await buildEngine();
});
afterAll(async () => {
  await engine.end();
});

// `callback.*` is met twice: for the start of a run, and for its end.
const POINTS: readonly (readonly [FailpointName, number])[] = [
  ['callbacks.opened', 1],
  ['journal.begun', 1],
  ['journal.named', 1],
  ['script.spawned', 1],
  ['end.written', 1],
  ['status.written', 1],
  ['callbacks.decided', 1],
  ['callbacks.posted', 1],
  ['callback.answered', 1],
  ['callback.answered', 2],
  ['callback.copied', 1],
  ['callback.copied', 2],
];
const SCENES = { upgrades: '2', 'fails and goes back': '2bad' } as const;

describe.each(Object.entries(SCENES))('a run that %s', (_, version) => {
  test.concurrent.for(POINTS)('killed at %s, time %d', async ([name, count], context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    const apply = { root: world.root, args: ['apply', '--yes'] };
    const runs: Runs = new Map();
    await engine.start(apply).ended;
    world.put({ 'desired-state.yaml': desired({ version, callbacks }) });
    const killed = await engine.startAt(`${name}:kill@${count}`, apply).ended;
    expect(killed.signal).toBe('SIGKILL');
    learnRuns(world, runs);
    // Another wish: of a second try at the same no start would be told.
    world.put({ 'desired-state.yaml': desired({ version: '3', callbacks }) });
    expect((await engine.start(apply).ended).exitCode).toBe(0);
    learnRuns(world, runs);
    expect(faultsOf(receiver, runs, countedBy(world))).toEqual([]);
    expect(countIn(world, 'outbox')).toBe(0);
    // What was taken and not put on record comes again; elsewhere a kill may hit a message on its way.
    if (name === 'callback.answered') expect(duplicatesOf(receiver)).toBe(1);
    else expect(duplicatesOf(receiver)).toBeLessThanOrEqual(name === 'callback.copied' ? 0 : 1);
  });
});

test.concurrent.for([
  ['callbacks.decided', 1],
  ['callbacks.posted', 1],
  ['callback.answered', 1],
] as const)(
  'ill health that no journal tells of, killed at %s: told once, under one id',
  async ([name, count], context) => {
    const receiver = await startReceiver(context);
    const world = newServer(context, {
      mode: 'production',
      callbacks: `[{url: "${receiver.url}"}]`,
    });
    const apply = { root: world.root, args: ['apply', '--yes'] };
    await engine.start(apply).ended;
    world.put({ up: null });
    const killed = await engine.startAt(`${name}:kill@${count}`, apply).ended;
    expect(killed.signal).toBe('SIGKILL');
    for (let time = 0; time < 2; time++) expect((await engine.start(apply).ended).exitCode).toBe(1);
    expect(receiver.kinds().replace('failed failed', 'failed')).toBe('started succeeded failed');
    expect(new Set(receiver.ids()).size).toBe(3);
    expect(faultsOf(receiver, new Map(), countedBy(world))).toEqual([]);
  },
);
