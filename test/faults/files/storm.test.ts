// Files that another process changes in every way there is, while they are followed: what they come to is told, once, and never half.
// chokidar as its README shows it, in the same storm, must go wrong: a storm that hurts nobody would prove nothing here.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from 'chokidar';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { hostPath } from '../../../src/model/ids.ts';
import { openFileSource } from '../../../src/source/file-source.ts';
import { until } from '../../host/until.ts';
import { IS_FULL } from '../crash/engine.ts';
import { percentile } from '../lock/ticks.ts';
import { buildProgram, type Program } from './program.ts';
import type { Burst, Done } from './storm.ts';

const EVENTS = IS_FULL ? 10_000 : 500;
const BURST_EVENTS_MAX = 16;
/** As long as a busy machine may take to tell of a change: alone it is some milliseconds, or a second where no event tells of it. */
const TOLD_WITHIN_MS = 15_000;
/** Each miss is waited for, and a few are enough to see what they have in common. */
const MISSED_MAX = 3;
const TEST_MS_MAX = EVENTS * 100;
const LATENCIES = IS_FULL ? 200 : 40;
/** A storm for the control, which need not be waited for: what it has missed it never tells. */
const CONTROL = { events: 200, toldWithinMs: 500, missedMax: Infinity };
/** A text of the storm, whole. */
const WHOLE = /^(\d+):[xy]*:\1\n$/;
const SEED = Number(process.env['BOOTSTRAP_SEED'] ?? Date.now() % 1e6);

let program: Program;
let storm: ChildProcess;
let answers: Done[];
let begun: Done;
let places = 0;
beforeAll(async () => {
  program = await buildProgram('storm');
});
afterAll(() => program.remove());
beforeEach(async () => {
  const folder = join(program.folder, `place-${++places}`);
  mkdirSync(folder);
  answers = [];
  storm = fork(program.path, [folder, String(SEED)]);
  storm.on('message', (answered: Done) => answers.push(answered));
  begun = await answer();
});
afterEach(() => {
  storm.kill('SIGKILL');
});

async function burst(request: Burst): Promise<Done> {
  storm.send(request);
  return await answer();
}

async function answer(): Promise<Done> {
  await until(() => answers.length > 0 || storm.exitCode !== null, TOLD_WITHIN_MS);
  const next = answers.shift();
  if (next === undefined) throw new Error(`the storm ended: exit ${storm.exitCode}`);
  return next;
}

/** What was told: the texts of the files in one string, each with its path. */
interface Told {
  readonly texts: readonly string[];
  readonly atNs: bigint;
}

/** Somebody who follows the files. */
interface Follower {
  readonly told: readonly Told[];
  readonly end: () => Promise<void>;
}

async function ours(paths: readonly string[]): Promise<Follower> {
  const told: Told[] = [];
  const ending = new AbortController();
  const desired = paths.map((path) => ({ shown: path, path: hostPath('', path) }));
  const source = openFileSource(createNodeHost(), desired, {
    signal: ending.signal,
    onChange({ texts }) {
      const atNs = process.hrtime.bigint();
      told.push({
        texts: [...texts.values()].map((text) => ('value' in text ? text.value : `(${text.kind})`)),
        atNs,
      });
    },
  });
  await source.read();
  return {
    told,
    async end() {
      ending.abort();
      await source.ended;
    },
  };
}

async function plain(paths: readonly string[]): Promise<Follower> {
  const told: Told[] = [];
  let last: readonly string[] = [];
  const watcher = watch([...paths], { ignoreInitial: true });
  watcher.on('all', () => {
    try {
      const texts = paths.map((path) => readFileSync(path, 'utf8'));
      if (!isSame(texts, last)) told.push({ texts, atNs: process.hrtime.bigint() });
      last = texts;
    } catch {
      // gone at the moment: there will be an event when it is back, as far as its README goes
    }
  });
  await new Promise((resolve) => watcher.once('ready', () => resolve(undefined)));
  return { told, end: async () => await watcher.close() };
}

/** What went wrong while somebody followed the files through a storm. */
interface Weathered {
  readonly events: number;
  readonly bursts: number;
  readonly told: number;
  /** The events after which the texts were not told. */
  readonly missed: readonly string[];
  readonly twice: number;
  readonly half: number;
}

async function weather(
  follow: (paths: readonly string[]) => Promise<Follower>,
  limits: { readonly events: number; readonly toldWithinMs: number; readonly missedMax: number },
): Promise<Weathered> {
  const missed: string[] = [];
  let [events, bursts] = [0, 0];
  const first = textsOf(begun);
  const { told, end } = await follow(begun.files.map(({ path }) => path));
  try {
    for (; events < limits.events && missed.length < limits.missedMax; bursts += 1) {
      const done = await burst({ events: 1 + (bursts % BURST_EVENTS_MAX), kinds: 'all' });
      events += done.kinds.length;
      const isTold = () => isSame(told.at(-1)?.texts ?? first, textsOf(done));
      await until(isTold, limits.toldWithinMs).catch(() => missed.push(done.kinds.join(', ')));
    }
  } finally {
    await end();
  }
  const half = told
    .flatMap(({ texts }) => texts)
    .filter((text) => !WHOLE.test(text) && text !== '(absent)');
  const twice = told.filter(({ texts }, index) => isSame(texts, told[index - 1]?.texts ?? first));
  return { events, bursts, told: told.length, missed, twice: twice.length, half: half.length };
}

function textsOf({ files }: Done): readonly string[] {
  return files.map(({ text }) => text);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.join() === other.join();
}

function figures(name: string, { events, bursts, told, missed, twice, half }: Weathered): string {
  return `| ${name} | seed ${SEED} | ${events} events in ${bursts} bursts | told ${told} | missed ${missed.length} | twice ${twice} | half ${half} |`;
}

test('nothing is missed, told twice or told half', { timeout: TEST_MS_MAX }, async () => {
  const limits = { events: EVENTS, toldWithinMs: TOLD_WITHIN_MS, missedMax: MISSED_MAX };
  const weathered = await weather(ours, limits);
  console.log(figures('file source', weathered));
  expect(weathered).toMatchObject({ missed: [], twice: 0, half: 0 });
  expect(weathered.told).toBeGreaterThan(0);
});

test('chokidar alone misses much in the same storm', { timeout: TEST_MS_MAX }, async () => {
  const weathered = await weather(plain, CONTROL);
  console.log(figures('chokidar alone', weathered));
  expect(weathered.missed).not.toEqual([]);
});

test('how long it takes from a change until it is told', { timeout: TEST_MS_MAX }, async () => {
  const kinds = ['renamed over', 'written in place'] as const;
  const tookMs = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  const { told, end } = await ours(begun.files.map(({ path }) => path));
  try {
    for (let change = 0; change < LATENCIES; change += 1) {
      const kind = kinds[change % 2] ?? kinds[0];
      const done = await burst({ events: 1, kinds: [kind] });
      await until(() => isSame(told.at(-1)?.texts ?? [], textsOf(done)), TOLD_WITHIN_MS);
      tookMs.get(kind)?.push(Number((told.at(-1)?.atNs ?? 0n) - BigInt(done.atNs)) / 1e6);
    }
  } finally {
    await end();
  }
  tookMs.set('both', [...tookMs.values()].flat());
  for (const [kind, unsorted] of tookMs) {
    const ms = unsorted.toSorted((a, b) => a - b);
    const [p50, p99] = [50, 99].map((percent) => percentile(ms, percent).toFixed(1));
    console.log(`| ${kind} | ${ms.length} changes | p50 ${p50} ms | p99 ${p99} ms |`);
  }
  expect(tookMs.get('both')).toHaveLength(LATENCIES);
});
