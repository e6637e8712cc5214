// Files that another process changes in every way there is, while they are followed: what they come to is told, once, and never half.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { hostPath } from '../../../src/model/ids.ts';
import { openFileSource, type FileSource } from '../../../src/source/file-source.ts';
import { until } from '../../host/until.ts';
import { IS_FULL } from '../crash/engine.ts';
import { percentile } from '../lock/ticks.ts';
import { buildProgram, type Program } from './program.ts';
import type { Burst, Done } from './storm.ts';

const EVENTS = IS_FULL ? 10_000 : 2_000;
const BURST_EVENTS_MAX = 16;
const LATENCIES = 200;
/** Of a busy machine: a change that is told at all is told within some milliseconds, or a second where no event tells of it. */
const TOLD_WITHIN_MS = 15_000;
/** Each miss is waited for; a few are enough to see what they have in common. */
const MISSED_MAX = 3;
const TEST_MS_MAX = EVENTS * 100;
/** What the storm writes, whole. */
const WHOLE = /^(\d+):[xy]*:\1\n$/;

let program: Program;
beforeAll(async () => {
  program = await buildProgram('storm');
});
afterAll(() => program.remove());

interface Told {
  readonly texts: readonly string[];
  readonly atNs: bigint;
}

let folder = '';
let storm: ChildProcess;
let answers: Done[];
let source: FileSource;
let ending: AbortController;
let told: Told[];
let done: Done;
const seed = Number(process.env['BOOTSTRAP_SEED'] ?? Date.now() % 1e6);

beforeEach(async () => {
  folder = join(program.folder, `place-${++places}`);
  mkdirSync(folder);
  answers = [];
  storm = fork(program.path, [folder, String(seed)]);
  storm.on('message', (answered: Done) => answers.push(answered));
  done = await answer();
  told = [];
  ending = new AbortController();
  source = openFileSource(
    createNodeHost(),
    done.files.map(({ path }) => ({ shown: path, path: hostPath('', path) })),
    {
      signal: ending.signal,
      onChange({ desired, texts }) {
        const atNs = process.hrtime.bigint();
        const words = desired.map(({ path }) => {
          const text = texts.get(path);
          return text?.kind === 'known' ? text.value : `(${text?.kind})`;
        });
        told.push({ texts: words, atNs });
      },
    },
  );
  await source.read();
});
afterEach(async () => {
  ending.abort();
  await source.ended;
  storm.kill('SIGKILL');
});
let places = 0;

async function answer(): Promise<Done> {
  await until(() => answers.length > 0 || storm.exitCode !== null, TOLD_WITHIN_MS);
  const next = answers.shift();
  if (next === undefined) throw new Error(`the storm ended: exit ${storm.exitCode}`);
  return next;
}

async function burst(request: Burst): Promise<Done> {
  storm.send(request);
  return await answer();
}

test(
  `after ${EVENTS} events of all kinds nothing was missed`,
  { timeout: TEST_MS_MAX },
  async () => {
    const missed: string[] = [];
    let events = 0;
    let bursts = 0;
    for (; events < EVENTS && missed.length < MISSED_MAX; bursts += 1) {
      const before = done;
      done = await burst({ events: 1 + (bursts % BURST_EVENTS_MAX), kinds: 'all' });
      events += done.kinds.length;
      const last = told.at(-1)?.texts ?? before.files.map(({ text }) => text);
      const want = JSON.stringify(textsOf(done));
      const isThere = () => JSON.stringify(told.at(-1)?.texts ?? last) === want;
      await until(isThere, TOLD_WITHIN_MS).catch(() => missed.push(done.kinds.join(', ')));
    }
    const texts = told.flatMap((one) => one.texts);
    const twice = told.filter((one, index) => isSame(one, told[index - 1]));
    const half = texts.filter((text) => !WHOLE.test(text) && text !== '(absent)');
    console.log(
      `| seed ${seed} | ${events} events in ${bursts} bursts | told ${told.length} | missed ${missed.length} | twice ${twice.length} | half ${half.length} |`,
    );
    expect({ missed, twice, half }).toEqual({ missed: [], twice: [], half: [] });
  },
);

test(`how long it takes from a change until it is told`, { timeout: TEST_MS_MAX }, async () => {
  const kinds = ['renamed over', 'written in place'] as const;
  const tookMs = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  for (let change = 0; change < LATENCIES; change += 1) {
    const kind = kinds[change % 2] ?? kinds[0];
    done = await burst({ events: 1, kinds: [kind] });
    const want = JSON.stringify(textsOf(done));
    await until(() => JSON.stringify(told.at(-1)?.texts) === want, TOLD_WITHIN_MS);
    tookMs.get(kind)?.push(Number((told.at(-1)?.atNs ?? 0n) - BigInt(done.atNs)) / 1e6);
  }
  tookMs.set('both', [...tookMs.values()].flat());
  for (const [kind, ms] of tookMs) {
    const [p50, p99] = [50, 99].map((percent) =>
      percentile(
        ms.toSorted((a, b) => a - b),
        percent,
      ),
    );
    console.log(
      `| ${kind} | ${ms.length} changes | p50 ${p50?.toFixed(1)} ms | p99 ${p99?.toFixed(1)} ms |`,
    );
  }
  expect(tookMs.get('both')).toHaveLength(LATENCIES);
});

function textsOf({ files }: Done): readonly string[] {
  return files.map(({ text }) => text);
}

function isSame(one: Told, other: Told | undefined): boolean {
  return JSON.stringify(one.texts) === JSON.stringify(other?.texts);
}
