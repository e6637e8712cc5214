import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { until } from '../../host/until.ts';

/** `BOOTSTRAP_FAULTS=full` asks for the long form of the fault tests, whose figures stand in README.md. */
export const IS_FULL = process.env['BOOTSTRAP_FAULTS'] === 'full';

/** A process that a test started. */
export interface Started {
  readonly pid: number;
  readonly said: () => string;
  readonly errors: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly write: (text: string) => void;
  readonly endStdin: () => void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Resolves when it has said this on stdout. */
  readonly says: (text: string) => Promise<void>;
}

/** The built contender, and what was started with it. */
export interface Programs {
  /** argv of the contender, to be run by something else. */
  readonly contender: readonly [string, string];
  /** A new folder, and the path of a lock in it. */
  readonly place: () => { readonly folder: string; readonly lockPath: string };
  readonly start: (argv: readonly string[], env?: NodeJS.ProcessEnv) => Started;
  /** Starts the contender itself. */
  readonly contend: (...args: readonly string[]) => Started;
  /** Kills what still runs of it, by pid, and removes its folders. */
  readonly end: () => Promise<void>;
}

/** Bundles contender.ts. */
export async function buildPrograms(): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), 'lock-faults-'));
  const outfile = join(folder, 'contender.cjs');
  await build({
    entryPoints: ['test/faults/lock/contender.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
  const children = new Set<ChildProcess>();
  const start = (argv: readonly string[], env: NodeJS.ProcessEnv = {}): Started =>
    startProcess(argv, { ...process.env, ...env }, children);
  const contender = [process.execPath, outfile] as const;
  return {
    contender,
    place: () => {
      const own = mkdtempSync(join(folder, 'place-'));
      return { folder: own, lockPath: join(own, 'run/lock') };
    },
    start,
    contend: (...args) => start([...contender, ...args]),
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([...children].map(endOf));
      rmSync(folder, { recursive: true });
    },
  };
}

function startProcess(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  children: Set<ChildProcess>,
): Started {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdin.on('error', () => undefined); // told something just as it died
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  children.add(child);
  const ended = endOf(child).finally(() => children.delete(child));
  return {
    pid: child.pid ?? 0,
    said: () => said.out,
    errors: () => said.err,
    kill: (signal) => child.kill(signal),
    write: (text) => child.stdin.write(text),
    endStdin: () => child.stdin.end(),
    ended,
    says: async (text) => await until(() => said.out.includes(text)),
  };
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve(child.signalCode ?? child.exitCode ?? 0);
    child.once('error', reject); // no such program: the test that needs it fails
    child.once('close', (exitCode, signal) => resolve(signal ?? exitCode ?? 0));
  });
}
