// A desired state that is saved in every way, broken at times, while watch is killed at random: what is wanted last is there in the end, and nothing is done twice that was done.
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../host/until.ts';
import { runCli } from '../../rig/cli.ts';
import { createWorld, type World } from '../../rig/world.ts';
import { startWatch } from '../../watch/watching.ts';

const isFull = process.env['BOOTSTRAP_FAULTS'] === 'full';
const SAVES = isFull ? 1_000 : 60;
const KILLS = isFull ? 100 : 6;
const TIME_LIMIT_MS = isFull ? 1_200_000 : 60_000;
const PAUSE_MS_MAX = 60;
/** Long enough for some runs, short enough that most kills hit one. */
const LIFE_MS_MAX = 600;

const desired = (version: number): string => `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  web: {version: "1.${version}"}
`;
const SERVER = {
  'etc/bootstrap/bootstrap.ini': '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n',
  'etc/bootstrap/upgrade': '#!/bin/sh\necho "$2" >>"$BOOTSTRAP_ROOT/upgrades"\n',
  'desired-state.yaml': desired(0),
};

/** Ways to save a text; each leaves it there, whole. */
const WAYS: readonly ((path: string, text: string) => void)[] = [
  (path, text) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
  (path, text) => writeFileSync(path, text),
  (path, text) => {
    rmSync(path);
    writeFileSync(path, text);
  },
  (path, text) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
  },
  (path, text) => {
    writeFileSync(path, 'products: {web: {vers');
    writeFileSync(path, text);
  },
  (path, text) => {
    const half = Math.floor(text.length / 2);
    writeFileSync(path, text.slice(0, half));
    appendFileSync(path, text.slice(half));
  },
];

test(
  `${SAVES} saves in all ways: the last is applied, none twice`,
  { timeout: TIME_LIMIT_MS },
  async (context) => {
    const world = newWorld(context);
    const watch = startWatch(world, context, ['--interval', '1h']);
    await until(() => watch.runs().length === 1);
    let saves = 0;
    await saveAll(world, () => ++saves > SAVES);
    await until(() => world.text('var/bootstrap/products/web/version') === `1.${SAVES}\n`);
    const versions = upgrades(world);
    console.log(`${SAVES} saves, ${versions.length} of them applied, each once`);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    expect(versions.at(-1)).toBe(SAVES);
  },
);

test(
  `${KILLS} kills while it is saved: the last is applied`,
  { timeout: TIME_LIMIT_MS },
  async (context) => {
    const world = newWorld(context);
    let isOver = false;
    const saving = saveAll(world, () => isOver);
    let watch = startWatch(world, context, ['--interval', '1h']);
    for (let kill = 0; kill < KILLS; kill++) {
      await until(() => watch.events().length > 0);
      await pause(LIFE_MS_MAX);
      watch.kill('SIGKILL');
      await watch.ended;
      watch = startWatch(world, context, ['--interval', '1h']);
    }
    isOver = true;
    const last = await saving;
    await until(() => world.text('var/bootstrap/products/web/version') === `1.${last}\n`);
    const versions = upgrades(world);
    console.log(`${last} saves, ${KILLS} kills, ${versions.length} upgrades`);
    // What a kill interrupted is run again; nothing older comes after something newer.
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(versions.length - new Set(versions).size).toBeLessThanOrEqual(KILLS);
    watch.kill('SIGTERM');
    expect(await watch.ended).toBe(0);
    const again = await runCli(world, ['apply', '--yes']);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(upgrades(world)).toEqual(versions);
  },
);

function newWorld({
  onTestFinished,
}: {
  readonly onTestFinished: (end: () => void) => void;
}): World {
  const world = createWorld(SERVER);
  onTestFinished(() => world.end());
  return world;
}

/** Saves one version after the other, and returns the last one. */
async function saveAll(world: World, isOver: () => boolean): Promise<number> {
  const path = join(world.root, 'desired-state.yaml');
  let version = 0;
  while (!isOver()) {
    version += 1;
    WAYS[Math.floor(Math.random() * WAYS.length)]?.(path, desired(version));
    await pause(PAUSE_MS_MAX);
  }
  return version;
}

async function pause(msMax: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * msMax));
}

function upgrades(world: World): readonly number[] {
  const lines = world.text('upgrades')?.trim().split('\n') ?? [];
  return lines.map((line) => Number(line.slice(2)));
}
