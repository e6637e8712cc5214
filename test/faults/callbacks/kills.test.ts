// Engines that tell a receiver of what they do are killed at random, while it fails, hangs, resets and restarts: no event is lost, and what comes twice has the same id and body.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startReceiver, status, type Answer } from '../../callbacks/receiver.ts';
import { desired, makeDue, newServer } from '../../callbacks/server.ts';
import { runCli, startCli } from '../../rig/cli.ts';
import type { World } from '../../rig/world.ts';
import { countedBy, duplicatesOf, faultsOf, learnRuns, type Runs } from './account.ts';

const isFull = process.env['BOOTSTRAP_FAULTS'] === 'full';
const EVENTS = isFull ? 1_000 : 100;
const TIME_LIMIT_MS = isFull ? 3_600_000 : 300_000;
const LIFE_MS_MAX = 900;
const MOOD_MS = 120;
const HANG_MS = 400;

const hangs: Answer = (response) => {
  setTimeout(() => response.socket?.resetAndDestroy(), HANG_MS).unref();
};
/** What a receiver may do about a request. Of a message that is taken the answer may get lost. */
const MOODS: readonly Answer[] = [
  status(200),
  status(204),
  status(200),
  status(500),
  status(503, { 'retry-after': '1' }),
  status(429),
  status(302, { location: '/else' }),
  (response) => response.socket?.resetAndDestroy(),
  hangs,
];

test(
  `${EVENTS} events and kill -9 at random: none is lost`,
  { timeout: TIME_LIMIT_MS },
  async (context) => {
    const receiver = await startReceiver(context);
    const callbacks = `[{url: "${receiver.url}"}]`;
    const world = newServer(context, { callbacks });
    const runs: Runs = new Map();
    const moods = setInterval(() => receiver.act(oneOf(MOODS) ?? status(200)), MOOD_MS);
    context.onTestFinished(() => clearInterval(moods));
    let kills = 0;
    let restarts = 0;
    for (let round = 1; countedBy(world) < EVENTS; round++) {
      save(world, desired({ version: versionOf(round), callbacks }));
      if (round % 3 === 0) makeDue(world);
      if (round % 7 === 0) {
        await receiver.stop();
        restarts += 1;
      }
      kills += await liveAWhile(world, oneOf(COMMANDS) ?? ['apply', '--yes']);
      if (round % 7 === 0) await receiver.start();
      learnRuns(world, runs);
    }
    clearInterval(moods);
    receiver.act(status(200));
    // Of a second try at what was cut off no start would be told.
    save(world, desired({ version: '2', callbacks }));
    await settle(world);
    learnRuns(world, runs);
    const faults = faultsOf(receiver, runs, countedBy(world));
    const cutOff = [...runs.values()].filter((outcome) => outcome === undefined).length;
    console.log(
      `| ${countedBy(world)} events of ${runs.size} runs, ${cutOff} of them cut off | ${kills} kills, ${restarts} restarts | ${receiver.got.length} requests, ${duplicatesOf(receiver)} taken twice | ${faults.length} faults |`,
    );
    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(10);
  },
);

const COMMANDS: readonly (readonly string[])[] = [
  ['apply', '--yes'],
  ['apply', '--yes'],
  ['watch', '--interval', '1h'],
  ['watch', '--interval', '50ms'],
  ['callback', 'replay'],
];

// Some fail, some fail and are taken back.
function versionOf(round: number): string {
  return round % 5 === 0 ? `1.${round}bad` : `1.${round}`;
}

/** Runs a command until it ends, or is killed; 1 where it was killed. */
async function liveAWhile(world: World, args: readonly string[]): Promise<number> {
  const running = startCli(world, args);
  const isSpared = args[0] !== 'watch' && Math.random() < 0.3;
  const kill = setTimeout(() => running.kill('SIGKILL'), 100 + Math.random() * LIFE_MS_MAX);
  if (isSpared) clearTimeout(kill);
  const { exitCode } = await running.ended;
  clearTimeout(kill);
  return exitCode === null ? 1 : 0;
}

/** Lets the server tell all that is left to tell. */
async function settle(world: World): Promise<void> {
  await runCli(world, ['apply', '--yes']);
  const replayed = await runCli(world, ['callback', 'replay']);
  expect(replayed.stdout).not.toContain('not sent');
  const nothing = await runCli(world, ['callback', 'replay']);
  expect(nothing.stdout).toBe('Nothing is undelivered.\n');
}

function save(world: World, text: string): void {
  world.put({ 'desired-state.yaml.new': text });
  renameSync(join(world.root, 'desired-state.yaml.new'), join(world.root, 'desired-state.yaml'));
}

function oneOf<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}
