// kill -9 at the entry of every system call with which the lock is taken, kept and released: whatever is left behind, the
// next one has the lock at once, and nothing stays. strace is attached when the process is ready, so that it counts from there.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLock } from '../../../src/host/lock.ts';
import { ownerFileName, readHere } from '../../../src/host/lock-record.ts';
import { until } from '../../host/until.ts';
import { lockRequest, parts } from '../../rig/lock-holder.ts';
import { buildPrograms, IS_FULL, type Programs } from './programs.ts';

/** With these a process talks to the file system; `write` also wakes threads, which is killed at just as well. */
const CALLS =
  'openat,mkdir,write,pwrite64,fsync,close,rename,statx,fstat,readlink,access,getdents64,read,pread64,utimensat,unlink,rmdir';
/** Those that change something: the short form takes these, so many at most. */
const CHANGING: ReadonlySet<string> = new Set(
  'mkdir write fsync rename utimensat unlink rmdir'.split(' '),
);
const SAMPLE_MAX = 12;
const POINTS_MIN = 160;
/** Each waits for a heartbeat most of its time. */
const AT_A_TIME = 4;
/** Counters are per thread: with one thread for file calls a number means the same call each time. */
const ONE_FILE_THREAD = { UV_THREADPOOL_SIZE: '1' };
const NEXT_MS_MAX = 5000;
const TEST_MS_MAX = 900_000;
const TOKENS = ['a', 'b', 'c'].map((letter) => letter.repeat(32));

/** What the process finds when it comes for the lock. */
const SCENES: { readonly [scene: string]: (lockPath: string) => void } = {
  'nothing there': () => undefined,
  'a dead hold': (lockPath) => plantDead(lockPath, TOKENS[0] ?? ''),
  'a dead hold and dead drafts': (lockPath) => {
    for (const token of TOKENS) plantDead(`${lockPath}.${token}.draft`, token);
    mkdirSync(`${lockPath}.${'d'.repeat(32)}.draft`);
    plantDead(lockPath, TOKENS[0] ?? '');
  },
};

interface Point {
  readonly scene: string;
  readonly call: string;
  readonly count: number;
}

/** How the lock was found after a kill. */
interface Aftermath {
  readonly point: Point;
  readonly isKilled: boolean;
  readonly left: 'nothing' | 'a lock' | 'a draft';
  readonly nextMs: number;
  readonly faults: readonly string[];
}

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(async () => await programs.end());

test('killed at any system call, the lock is had at once', { timeout: TEST_MS_MAX }, async () => {
  const all = (await Promise.all(Object.keys(SCENES).map(pointsOf))).flat();
  const points = IS_FULL ? all : sampleOf(all);
  const queue = [...points];
  const ends: Aftermath[] = [];
  const work = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift())
      ends.push(await killAt(point));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const killed = ends.filter(({ isKilled }) => isKilled);
  console.log(figures(all, killed));
  expect(ends.flatMap(({ faults }) => faults)).toEqual([]);
  expect(killed.some(({ left }) => left === 'a lock')).toBe(true);
  expect(killed.some(({ left }) => left === 'a draft')).toBe(true);
  expect(killed.length).toBeGreaterThanOrEqual(IS_FULL ? POINTS_MIN : points.length - 1);
});

/** Every system call of one whole hold, by its number of that name in its thread. */
async function pointsOf(scene: string): Promise<readonly Point[]> {
  const { trace } = await holdOnce(scene, []);
  const counts = new Map<string, number>();
  const most = new Map<string, number>();
  for (const [, thread = '', call = ''] of trace.matchAll(/^(\d+) +(\w+)\(/gm)) {
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, count);
    most.set(call, Math.max(count, most.get(call) ?? 0));
  }
  return [...most].flatMap(([call, last]) =>
    Array.from({ length: last }, (_, index) => ({ scene, call, count: index + 1 })),
  );
}

function sampleOf(all: readonly Point[]): readonly Point[] {
  const changing = all.filter(({ call }) => CHANGING.has(call));
  const step = changing.length / SAMPLE_MAX;
  return Array.from(
    { length: SAMPLE_MAX },
    (_, index) => changing[Math.floor(index * step)],
  ).filter((point) => point !== undefined);
}

async function killAt(point: Point): Promise<Aftermath> {
  const { scene, call, count } = point;
  const { trace, lockPath } = await holdOnce(scene, [
    '-e',
    `inject=${call}:signal=KILL:when=${count}`,
  ]);
  const isKilled = trace.includes('+++ killed by SIGKILL +++');
  const left = leftAt(lockPath);
  const startMs = performance.now();
  const next = await createLock(parts).hold(lockRequest(lockPath), () => Promise.resolve());
  const nextMs = performance.now() - startMs;
  const where = `${scene}: ${call} ${count}`;
  const litter = readdirSync(dirname(lockPath));
  const faults = [
    ...(next.ok ? [] : [`${where}: the next one was refused: ${next.error.code}`]),
    ...(nextMs < NEXT_MS_MAX ? [] : [`${where}: the next one waited ${Math.round(nextMs)} ms`]),
    ...(litter.length === 0 ? [] : [`${where}: ${litter.join(' ')} stayed`]),
  ];
  return { point, isKilled, left, nextMs, faults };
}

/** One whole hold in a scene, under strace; gives back what strace wrote. */
async function holdOnce(
  scene: string,
  injection: readonly string[],
): Promise<{ readonly trace: string; readonly lockPath: string }> {
  const { folder, lockPath } = programs.place();
  SCENES[scene]?.(lockPath);
  const tracePath = join(folder, 'trace');
  const argv = [...programs.contender, 'once', lockPath];
  const holder = programs.start(argv, ONE_FILE_THREAD);
  await holder.says('ready');
  const options = ['-f', '-o', tracePath, '-e', `trace=${CALLS}`, ...injection];
  const strace = programs.start(['strace', ...options, '-p', String(holder.pid)]);
  await until(() => {
    // Without root: yama's ptrace_scope must be 0.
    if (/not permitted/.test(strace.errors())) throw new Error(strace.errors());
    return /attached( with \d+ threads)?$/m.test(strace.errors());
  });
  holder.write('go\n');
  await Promise.all([holder.ended, strace.ended]);
  return { trace: readFileSync(tracePath, 'utf8'), lockPath };
}

function leftAt(lockPath: string): Aftermath['left'] {
  if (existsSync(lockPath) && readdirSync(lockPath).length > 0) return 'a lock';
  const parent = dirname(lockPath);
  return existsSync(parent) && readdirSync(parent).some((name) => name.endsWith('.draft'))
    ? 'a draft'
    : 'nothing';
}

/** A record like that of a run that was killed: nobody has its pid. */
function plantDead(folder: string, token: string): void {
  mkdirSync(folder, { recursive: true });
  const run = { command: 'apply', runId: 'killed', startedAt: '2026-11-22T14:22:00.000Z' };
  const record = { v: 1, token, pid: 2 ** 22, startTicks: 1, ...readHere(), ...run };
  writeFileSync(join(folder, ownerFileName(token)), JSON.stringify(record));
}

function figures(all: readonly Point[], killed: readonly Aftermath[]): string {
  const count = (left: Aftermath['left']) => killed.filter((end) => end.left === left).length;
  const slowest = Math.max(...killed.map(({ nextMs }) => nextMs));
  const stuck = killed.filter(({ faults }) => faults.length > 0).length;
  return (
    `| kill -9 at a system call | ${killed.length} of ${all.length} points | ${count('a lock')} left a lock, ${count('a draft')} a draft | ` +
    `${stuck} stuck | the next one had it within ${slowest.toFixed(0)} ms |`
  );
}
