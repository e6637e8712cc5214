import type { ReconcileRequest } from '../app/held-run.ts';
import { runApply } from '../app/run.ts';
import { holdProgram } from '../host/hold-program.ts';
import { parseDuration, type DurationMs } from '../model/duration.ts';
import type { Failure } from '../model/failure.ts';
import { err, ok, type Result } from '../model/result.ts';
import { BY_HAND, createBrakes } from './brakes.ts';
import { readCount } from './choices.ts';
import { askToApply } from './confirm.ts';
import { failWith, usage } from './failing.ts';
import { observe } from './observing.ts';
import type { RunOptions } from './options.ts';
import { outputPath } from './output-path.ts';
import { openView } from './run-view.ts';
import type { Session } from './session.ts';

/** What a command wants done on the server. */
export type Target = Pick<
  ReconcileRequest,
  'site' | 'asked' | 'saved' | 'back' | 'trial' | 'guard' | 'keepLast' | 'snapshot' | 'command'
>;

/** Runs the engine for a command: limits, brakes, prompt and sinks are the same for all of them. Returns the exit code. */
export async function runEngine(
  session: Session,
  options: RunOptions,
  target: Target,
): Promise<number> {
  const limits = readLimits(options);
  if (!limits.ok) return failWith(session, limits.error);
  const metricsFile = outputPath(session.host.files, options.metricsFile);
  if (!metricsFile.ok) return failWith(session, metricsFile.error);
  const { timeoutMs, ...others } = limits.value;
  const { host, runId, json } = session;
  const view = openView(session);
  const { streams } = view;
  const brakes = createBrakes({ signals: BY_HAND, timeoutMs }, streams.err);
  const ask = async () => {
    holdProgram();
    return await view.aside(async () => await askToApply(brakes.stop));
  };
  try {
    const end = await runApply(host, {
      ...target,
      ...others,
      runId,
      onFailure: options.onFailure,
      brakes,
      confirm: async () => (options.yes ? 'yes' : json ? 'no-terminal' : await ask()),
      detailedExitCode: options.detailedExitcode,
      sinks: [
        view.sink,
        ...(metricsFile.value === undefined
          ? []
          : observe({ ...session, streams }, metricsFile.value).sinks),
      ],
      onEnd: () => [],
      courier: undefined,
    });
    return end.exitCode;
  } finally {
    brakes.release();
    await view.close();
  }
}

/** How long things may take, and how many at a time. */
export interface Limits {
  readonly lockTimeoutMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly parallelism: number;
}

/** The limits that the flags set; a flag that says nothing sensible is a usage failure. */
export function readLimits({
  lockTimeout,
  timeout,
  parallelism,
}: Pick<RunOptions, 'lockTimeout' | 'timeout' | 'parallelism'>): Result<Limits, Failure> {
  const lockTimeoutMs = parseDuration(lockTimeout);
  const timeoutMs = parseDuration(timeout);
  const count = readCount(parallelism);
  if (lockTimeoutMs === undefined)
    return err(usage(`--lock-timeout: "${lockTimeout}" is not a duration such as 30s or 5m`));
  if (timeoutMs === undefined)
    return err(usage(`--timeout: "${timeout}" is not a duration such as 10m or 1h`));
  if (count === undefined)
    return err(usage(`--parallelism: "${parallelism}" is not a number from 1`));
  return ok({ lockTimeoutMs, timeoutMs, parallelism: count });
}
