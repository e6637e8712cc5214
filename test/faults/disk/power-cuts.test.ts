// A real ext4 in a file: before and after each fsync of an apply the file is copied, as a power cut would leave it, and then used.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDisk, type Disk } from '../../../src/host/disk.ts';
import type { Event } from '../../../src/model/event.ts';
import { createWorld, type World } from '../../rig/world.ts';
import { IS_FULL } from '../lock/programs.ts';
import { applyTo, LATER, planOf, SERVER, statusOf } from './server.ts';
import { copyImage, makeImage, mountImage } from './volumes.ts';

const TEST_MS_MAX = 900_000;
const IMAGE_MIB = 24;
/** The power is cut at every so manieth moment. */
const EVERY = IS_FULL ? 1 : 61;

/** A power cut: what is left, and what the engine had told by then. */
interface Cut {
  readonly image: string;
  readonly told: readonly Event[];
}

let world: World;
let images: string;

beforeEach(() => {
  world = createWorld();
  images = mkdtempSync(join(tmpdir(), 'bootstrap-images-'));
});
afterEach(() => {
  world.end();
  rmSync(images, { recursive: true });
});

test(
  'no power cut loses what was done, and the next apply goes on',
  { timeout: TEST_MS_MAX },
  async () => {
    const { cuts, moments } = await cutsOf((file) => nodeDisk.sync(file));
    const problems = await problemsAfter(cuts);
    if (IS_FULL)
      console.log(`${cuts.length} power cuts at ${moments} moments: ${problems.length} problems`);
    expect(problems).toEqual([]);
    expect(cuts.length).toBeGreaterThanOrEqual(IS_FULL ? 50 : 3);
  },
);

test('without fsync the same finds losses', { timeout: TEST_MS_MAX }, async () => {
  const { cuts } = await cutsOf(() => undefined, [SERVER]);
  const problems = await problemsAfter(cuts);
  if (IS_FULL) console.log(`control: ${cuts.length} power cuts: ${problems.length} problems`);
  expect(problems).not.toEqual([]);
});

/** Brings about two states, one after the other, on a disk whose power is cut before and after its syncs; `sync` is what the engine calls. */
async function cutsOf(
  sync: Disk['sync'],
  states = [SERVER, LATER],
): Promise<{ readonly cuts: readonly Cut[]; readonly moments: number }> {
  const image = join(images, 'disk');
  makeImage(image, IMAGE_MIB);
  const volume = mountImage(world.root, image);
  const cuts: Cut[] = [];
  let moments = 0;
  try {
    for (const state of states) {
      world.put(state);
      execFileSync('sync', ['--file-system', world.root]);
      const events: Event[] = [];
      const cut = (): void => {
        moments += 1;
        if (moments % EVERY !== 0) return;
        const to = join(images, `cut-${moments}`);
        copyImage(image, to);
        cuts.push({ image: to, told: [...events] });
      };
      const cutAround = (file: number): void => {
        cut();
        sync(file);
        cut();
      };
      const flush: Disk['flush'] = (file) => Promise.resolve(cutAround(file));
      const disk = { ...nodeDisk, sync: cutAround, flush };
      expect(await applyTo(world, { disk, events })).toMatchObject({ exitCode: 0 });
    }
  } finally {
    volume.end();
  }
  return { cuts, moments };
}

async function problemsAfter(cuts: readonly Cut[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { image, told } of cuts) {
    const volume = mountImage(world.root, image);
    try {
      // What stands in memory on a real server, and is gone with the power.
      rmSync(join(world.root, 'run'), { recursive: true, force: true });
      const found = [...lost(told), ...(await unread()), ...(await recovery(told))];
      problems.push(...found.map((problem) => `${image}: ${problem}`));
    } finally {
      volume.end();
      rmSync(image);
    }
  }
  return problems;
}

type Done = Extract<Event, { readonly type: 'action.completed' }>['action'];

const doneIn = (told: readonly Event[]): readonly Done[] =>
  told.flatMap((event) => (event.type === 'action.completed' ? [event.action] : []));

/** Versions that were said to be installed, and are not on record. */
function lost(told: readonly Event[]): readonly string[] {
  return doneIn(told).flatMap(({ product, after }) => {
    const version = after['version'];
    if (product === undefined || typeof version !== 'string') return [];
    const found = world.text(`var/bootstrap/products/${product}/version`);
    return found === `${version}\n` ? [] : [`${product} ${version} is lost: ${found}`];
  });
}

async function unread(): Promise<readonly string[]> {
  await statusOf(world);
  const { held } = await planOf(world);
  return held.filter(({ why }) => why === 'unreadable').map(({ detail }) => detail);
}

/** The next apply does what is left, nothing that was told to be done, and leaves nothing to do or behind. */
async function recovery(told: readonly Event[]): Promise<readonly string[]> {
  world.put({ log: '' });
  const { exitCode, events } = await applyTo(world);
  const again = (world.text('log') ?? '')
    .split('\n')
    .filter((line) =>
      doneIn(told).some(({ kind, product = '' }) =>
        line.startsWith(`${SCRIPT_OF[kind]} ${product} `),
      ),
    );
  const left = (await planOf(world)).actions.map(({ id }) => `${id} is left to do`);
  const temps = world.list().filter((path) => path.endsWith('.tmp'));
  return [
    ...(exitCode === 0
      ? []
      : [`the next apply ends with ${exitCode}: ${JSON.stringify(events.at(-1))}`]),
    ...again.map((line) => `done again: ${line}`),
    ...left,
    ...temps.map((path) => `${path} is left behind`),
  ];
}

/** The script whose run is the action; a mode is told to each product in turn, and again after a power cut. */
const SCRIPT_OF: Readonly<Partial<Record<Done['kind'], string>>> = {
  provision: 'upgrade',
  upgrade: 'upgrade',
  set: 'set',
};
