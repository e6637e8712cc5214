import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** What became of a program. `exitCode` is null where a signal ended it. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The repository. */
export const CHECKOUT = resolve(import.meta.dirname, '../..');
/** What `npm run build` made of it. */
export const BOOTSTRAP = resolve(CHECKOUT, 'dist/bootstrap.cjs');

/** An apt-get over a slow line; whatever takes longer hangs. */
const RUN_TIMEOUT_MS = 150_000;

/** Runs a program to its end, without a terminal and with an empty stdin; one that hangs is killed. */
export async function run(argv: readonly string[], cwd = '/'): Promise<Ended> {
  const [program = '', ...args] = argv;
  const { BOOTSTRAP_FILE: _, ...env } = process.env;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  return await new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('close', (exitCode) => ended({ exitCode, ...texts }));
  });
}

/** What was said on both streams, and how it ended: what a failed expectation should show. */
export function transcript({ exitCode, stdout, stderr }: Ended): string {
  return `${stdout}${stderr}exit ${exitCode}\n`;
}

/** Opens a thing at the first call, and gives the same one, or the same rejection, at each further call. */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/** Waits until `holds` says true, at most ten seconds; rejects with `what` then. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((passed) => setTimeout(passed, 50));
  }
  throw new Error(`not within 10 s: ${what}`);
}
