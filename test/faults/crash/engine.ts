import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { FailpointName } from '../../../src/host/failpoint.ts';

/** `BOOTSTRAP_FAULTS=full` asks for the long form, whose figures stand in ../README.md. */
export const IS_FULL = process.env['BOOTSTRAP_FAULTS'] === 'full';
/** So many at a time: scripts and engines wait for disks more than for processors. */
const AT_A_TIME = 3;

/** A command line that a test started. */
export interface Started {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** How it ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How `bootstrap` is started on a server. */
export interface StartRequest {
  readonly root: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program and its arguments that run it: strace, prlimit. */
  readonly through?: readonly string[];
}

/** `bootstrap` as it is, and as a build with failpoints. */
export interface Engine {
  /** As it is. */
  readonly start: (request: StartRequest) => Started;
  /** With failpoints: `at` is `NAME:ACT[@N]`, '' for none. Each one met is written to the file `failpoints` of the root. */
  readonly startAt: (at: string, request: StartRequest) => Started;
  /** Kills what still runs of it, by pid, and removes the build. */
  readonly end: () => Promise<void>;
}

const TIME_LIMIT_MS = 60_000;
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
};

/** Builds `bootstrap` with failpoints; the one without is dist/. */
export async function buildEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-faults-'));
  const outfile = join(folder, 'bootstrap.cjs');
  await build({
    entryPoints: ['src/cli/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    define: {
      __VERSION__: '"with-failpoints"',
      __BUILD__: '"with-failpoints"',
      FAILPOINTS: 'true',
    },
    supported: { 'dynamic-import': false },
  });
  const children = new Set<ChildProcess>();
  return {
    start: (request) => startProgram(resolve('dist/bootstrap.cjs'), request, children),
    startAt: (at, request) => {
      const log = join(request.root, 'failpoints');
      const env = {
        ...request.env,
        BOOTSTRAP_FAILPOINTS: at,
        BOOTSTRAP_FAILPOINTS_LOG: log,
      };
      rmSync(log, { force: true });
      return startProgram(outfile, { ...request, env }, children);
    },
    end: async () => {
      const ends = [...children].map((child) => once(child, 'close'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
      rmSync(folder, { recursive: true });
    },
  };
}

function startProgram(
  program: string,
  request: StartRequest,
  children: Set<ChildProcess>,
): Started {
  return startNode(
    program,
    { ...request, args: ['--root', request.root, ...request.args] },
    children,
  );
}

/** Starts a program of Node with just these arguments, in the root; it joins `children` while it runs. */
export function startNode(
  program: string,
  { root, args, env, through = [] }: StartRequest,
  children: Set<ChildProcess> = new Set(),
): Started {
  const [first = '', ...rest] = [...through, process.execPath, program, ...args];
  const child = spawn(first, rest, {
    cwd: root,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  children.add(child);
  const ended = once(child, 'close').then((): Ended => {
    children.delete(child);
    return { exitCode: child.exitCode, signal: child.signalCode, ...printed };
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** The failpoints that the last `startAt` on this server met, each with how often. */
export function metAt(root: string): Map<FailpointName, number> {
  const met = new Map<FailpointName, number>();
  for (const line of readFileSync(join(root, 'failpoints'), 'utf8').split('\n')) {
    const name = line as FailpointName;
    if (line !== '') met.set(name, (met.get(name) ?? 0) + 1);
  }
  return met;
}

/** Does `work` on each, some at a time, and gives back what came of it in no order. */
export async function each<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const queue = [...items];
  const results: R[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      results.push(await work(item));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}

/** So many of them, evenly spread. */
export function sampleOf<T>(items: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, items.length / count);
  const places = Array.from({ length: Math.min(count, items.length) }, (_, index) =>
    Math.floor(index * step),
  );
  return items.filter((_, index) => places.includes(index));
}
