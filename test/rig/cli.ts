import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { World } from './world.ts';

/** How a command line ended. */
export interface Ran {
  /** Null where it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that is running. */
export interface Running {
  readonly pid: number;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ran>;
}

const PROGRAM = resolve('dist/bootstrap.cjs');
/** No command line of a test takes as long: what still runs then hangs, and is killed. */
const TIME_LIMIT_MS = 30_000;
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
};

/** Starts `bootstrap --root ROOT ARGS` in the world's folder, with no terminal and, but for PATH, HOME, LANG and `env`, no environment. */
export function startCli(
  { root }: Pick<World, 'root'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [PROGRAM, '--root', root, ...args], {
    cwd: root,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const closed = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    kill: (signal) => child.kill(signal),
    ended: closed.then(() => ({ exitCode: child.exitCode, ...printed })),
  };
}

/** Runs a command line to its end. */
export async function runCli(
  world: Pick<World, 'root'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return await startCli(world, args, env).ended;
}
