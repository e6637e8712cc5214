import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { valueOf } from '../model/fact.ts';
import { err, ok, type Result } from '../model/result.ts';
import { monotonicMs, startTimer } from './clock.ts';
import { failpoint } from './failpoint.ts';
import type { Runner, RunReport, RunRequest } from './host.ts';
import { allowListeners } from './many-listeners.ts';
import { createOutput } from './output.ts';
import { identify } from './processes.ts';
import { signalGroup } from './process-group.ts';
import { whyNotStarted } from './start-failure.ts';

/** What a program gets to end in order after SIGTERM; then SIGKILL. */
const TERM_GRACE_MS = 5_000;
/** How long output is waited for once the leader has ended: what holds it open longer is a daemon (CONTRACT 5, "Scripts"). */
const DRAIN_MS = 250;
/** A killed process still there after this sits in the kernel (a dead NFS server), perhaps for ever: it is given up. */
const KILLED_WAIT_MS = 10_000;
/** CONTRACT 5, "Scripts". */
const SCRIPT_UMASK = 0o022;

type End = RunReport['end'];

/** Runs programs as leaders of process groups of their own. */
export function createRunner(): Pick<Runner, 'run'> {
  return { run };
}

async function run(request: RunRequest): Promise<RunReport> {
  const startedMs = monotonicMs();
  const output = createOutput(request);
  const started = start(request);
  if (!started.ok) {
    return {
      end: { how: 'not-started', why: started.error },
      durationMs: monotonicMs() - startedMs,
      ...output.end(),
    };
  }
  failpoint('script.spawned');
  const child = started.value;
  const leader = child.pid === undefined ? undefined : valueOf(identify(child.pid));
  if (leader !== undefined) request.onStart?.(leader);
  child.stdout?.on('data', (bytes: Buffer) => output.take('stdout', bytes));
  child.stderr?.on('data', (bytes: Buffer) => output.take('stderr', bytes));
  feed(child.stdin, request.stdin);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const end = await ending(child, request);
  const durationMs = monotonicMs() - startedMs;
  if (end.how !== 'not-started') await firstOf(closed, DRAIN_MS);
  leave(child);
  return { end, durationMs, ...output.end() };
}

function start(request: RunRequest): Result<ChildProcess, string> {
  if (request.terminate?.aborted === true || request.kill?.aborted === true) {
    return err('it was to be ended before it was started');
  }
  const [program, ...args] = request.argv;
  // spawn() has forked when it returns, so nothing else of this process sees the other umask.
  const umask = process.umask(SCRIPT_UMASK);
  try {
    const stdin = request.stdin === undefined ? 'ignore' : 'pipe';
    failpoint('script.before-spawn');
    return ok(
      spawn(program, args, {
        cwd: '/',
        env: request.env,
        detached: true,
        stdio: [stdin, 'pipe', 'pipe'],
      }),
    );
  } catch (thrown) {
    return err(whyNotStarted(program, thrown)); // ETXTBSY and a NUL in an argument are thrown, the others are events
  } finally {
    process.umask(umask);
  }
}

function feed(stdin: Writable | null, text: string | undefined): void {
  stdin?.on('error', () => {}); // EPIPE: the program need not read what it is given
  stdin?.end(text);
}

/** Resolves when the leader has ended, or was not started, or was killed and does not end. */
function ending(child: ChildProcess, request: RunRequest): Promise<End> {
  return new Promise((resolve) => {
    const { pid } = child;
    const guard =
      pid === undefined
        ? undefined
        : guardGroup(pid, { request, onGivenUp: (end) => resolve(end) });
    child.on('error', (thrown) => {
      guard?.dismiss();
      resolve({ how: 'not-started', why: whyNotStarted(request.argv[0], thrown) });
    });
    child.once('exit', (exitCode, signal) => {
      const stopped = guard?.dismiss();
      // What a leader out of time leaves running is no daemon.
      if (stopped?.how === 'timeout' && pid !== undefined) signalGroup(pid, 'SIGKILL');
      resolve(stopped ?? endOf(exitCode, signal));
    });
  });
}

function endOf(exitCode: number | null, signal: string | null): End {
  return signal === null ? { how: 'exit', exitCode: exitCode ?? 0 } : { how: 'signal', signal };
}

interface Guarded {
  readonly request: RunRequest;
  readonly onGivenUp: (end: End) => void;
}

/** Ends a process group when its time is up or a signal of the request says so. `dismiss` stops watching, and says why it was ended if it was. */
function guardGroup(pid: number, { request, onGivenUp }: Guarded): { dismiss(): End | undefined } {
  const { terminate, kill, timeoutMs } = request;
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, act: () => void) => timers.push(startTimer(ms, act));
  let cause: End | undefined;

  const killGroup = (why: End) => {
    signalGroup(pid, 'SIGKILL');
    after(KILLED_WAIT_MS, () => {
      dismiss();
      onGivenUp(why);
    });
  };
  const onTimeout = () => {
    const why = (cause ??= { how: 'timeout', afterMs: timeoutMs });
    signalGroup(pid, 'SIGTERM');
    after(TERM_GRACE_MS, () => killGroup(why));
  };
  const onTerminate = () => {
    cause ??= { how: 'signal', signal: 'SIGTERM' };
    signalGroup(pid, 'SIGTERM');
  };
  const onKill = () => {
    if (cause?.how !== 'timeout') cause = { how: 'signal', signal: 'SIGKILL' };
    killGroup(cause);
  };
  const dismiss = () => {
    timers.forEach(clearTimeout);
    terminate?.removeEventListener('abort', onTerminate);
    kill?.removeEventListener('abort', onKill);
    return cause;
  };

  after(timeoutMs, onTimeout);
  allowListeners(terminate);
  terminate?.addEventListener('abort', onTerminate);
  kill?.addEventListener('abort', onKill);
  return { dismiss };
}

/** Resolves with `wanted`, or after `ms`, with all read by then that had come: where this process was busy or stopped, the time is up before it was looked at. */
async function firstOf(wanted: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve), ms);
  });
  await Promise.race([wanted, late]);
  clearTimeout(timer);
}

/** Lets go of a program, so that what it left running does not keep this process. */
function leave(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
