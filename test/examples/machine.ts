import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOOTSTRAP, CHECKOUT, run, type Ended } from './cli.ts';

/** A double of this machine, for tests that install Debian packages: `machine.sh` says what it shares with the real one. */
export interface Machine extends AsyncDisposable {
  /** Runs a program in it, as root. */
  readonly run: (...argv: readonly string[]) => Promise<Ended>;
  /** Runs a program in it, and rejects unless it ends well. */
  readonly must: (...argv: readonly string[]) => Promise<string>;
  readonly bootstrap: (...words: readonly string[]) => Promise<Ended>;
  readonly read: (path: string) => string;
  readonly edit: (path: string, change: (text: string) => string) => void;
  /** One of its paths as this process can open it. */
  readonly outside: (path: string) => string;
}

/** Mounts and processes of its own; what still runs at its end is killed. */
const APART = ['unshare', '--mount', '--pid', '--fork', '--kill-child'] as const;
/** Making it is a matter of milliseconds. */
const READY_TIMEOUT_MS = 10_000;

/** Starts a machine on which apt knows what there is to install; see openDouble. */
export async function openMachine(): Promise<Machine> {
  const machine = await openDouble();
  // The lists that came with the machine may offer what the mirror has dropped since.
  const updated = await machine.run('apt-get', 'update', '-qq');
  if (updated.exitCode !== 0) throw new Error(`apt-get update: ${updated.stderr}`);
  return machine;
}

/** Starts a machine; it ends, with every process in it, when disposed of, and when this process ends. Rejects where the kernel or the user may not have one. */
export async function openDouble(): Promise<Machine> {
  if (process.getuid?.() !== 0)
    throw new Error(
      'this test installs Debian packages on a double of this machine, which takes root. Run: sudo npm test',
    );
  const script = join(import.meta.dirname, 'machine.sh');
  const [program, ...args] = [...APART, 'sh', script, CHECKOUT, process.execPath];
  const holder = spawn(program, args, { stdio: 'pipe' });
  const said = await firstWords(holder);
  const [, pid] = /^ready (\d+)\n$/.exec(said) ?? [];
  if (pid === undefined) {
    throw new Error(
      `no double of this machine can be made, which takes CAP_SYS_ADMIN and overlayfs (docker run --privileged): ${said}`,
    );
  }
  return machineOf(Number(pid), async () => {
    const ended = once(holder, 'close');
    holder.stdin.end();
    await ended;
  });
}

/** Ends the machine of a world, where there came to be one: why there is none, the tests have said already. */
export async function closing(world: Promise<{ readonly machine: Machine }>): Promise<void> {
  const [opened] = await Promise.allSettled([world]);
  if (opened.status === 'fulfilled') await opened.value.machine[Symbol.asyncDispose]();
}

/** The first line of its stdout; where none comes, what it had to say instead. */
async function firstWords(holder: ChildProcessWithoutNullStreams): Promise<string> {
  let complaint = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const hung = setTimeout(() => holder.kill('SIGKILL'), READY_TIMEOUT_MS);
  const words = await new Promise<string>((said) => {
    holder.stdout.setEncoding('utf8').once('data', said);
    holder.once('error', (error) => said(error.message));
    holder.once('close', () => said(complaint));
  });
  clearTimeout(hung);
  return words;
}

function machineOf(first: number, close: () => Promise<void>): Machine {
  const enter = ['nsenter', `--target=${first}`, '--mount', '--pid', '--root', '--wd'];
  const outside = (path: string) => `/proc/${first}/root${path}`;
  const inside = async (...argv: readonly string[]) => await run([...enter, ...argv]);
  return {
    run: inside,
    must: async (...argv) => {
      const { exitCode, stdout, stderr } = await inside(...argv);
      if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${exitCode}\n${stdout}${stderr}`);
      return stdout;
    },
    bootstrap: async (...words) => await inside(process.execPath, BOOTSTRAP, ...words),
    read: (path) => readFileSync(outside(path), 'utf8'),
    edit: (path, change) => {
      const before = readFileSync(outside(path), 'utf8');
      const after = change(before);
      if (after === before) throw new Error(`nothing to change in ${path}:\n${before}`);
      writeFileSync(outside(path), after);
    },
    outside,
    [Symbol.asyncDispose]: close,
  };
}
