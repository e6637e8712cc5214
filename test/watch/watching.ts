import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { TestContext } from 'vitest';
import { until } from '../host/until.ts';
import type { World } from '../rig/world.ts';

/** An event as `watch --format json` prints it. */
export interface SeenEvent {
  readonly type: string;
  readonly runId: string;
  readonly [field: string]: unknown;
}

/** A run that has ended, as its last event tells. */
export interface SeenRun extends SeenEvent {
  readonly outcome: string;
  readonly exitCode: number;
  readonly failures: readonly { readonly code: string; readonly summary: string }[];
}

/** A `bootstrap watch` that is running. */
export interface Watching {
  readonly pid: number;
  readonly events: () => readonly SeenEvent[];
  /** The runs that have ended. */
  readonly runs: () => readonly SeenRun[];
  readonly stderr: () => string;
  /** Waits until a run has ended that began after this call and ended so; returns it. */
  readonly nextRun: (isWanted: (run: SeenRun) => boolean) => Promise<SeenRun>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
}

const PROGRAM = resolve('dist/bootstrap.cjs');
const ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'], LANG: 'C.UTF-8' };

/** Starts `bootstrap watch` on a world; it ends with the test. */
export function startWatch(
  { root }: Pick<World, 'root'>,
  context: Pick<TestContext, 'onTestFinished'>,
  args: readonly string[] = [],
): Watching {
  const argv = [PROGRAM, 'watch', '--root', root, '--format', 'json', ...args];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: SeenEvent[] = [];
  let rest = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line) => JSON.parse(line) as SeenEvent));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  context.onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const runs = (): readonly SeenRun[] =>
    events.filter((event): event is SeenRun => event.type === 'run.finished');
  return {
    pid: child.pid ?? 0,
    events: () => events,
    runs,
    stderr: () => stderr,
    nextRun: async (isWanted) => {
      const before = events.filter(({ type }) => type === 'run.started').length;
      const found = (): SeenRun | undefined => runs().slice(before).find(isWanted);
      await until(() => found() !== undefined);
      const run = found();
      if (run === undefined) throw new Error('it was there a moment ago');
      return run;
    },
    kill: (signal) => child.kill(signal),
    ended,
  };
}
