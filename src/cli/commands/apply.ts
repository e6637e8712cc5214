import { runApply } from '../../app/run.ts';
import { parseDuration, type DurationMs } from '../../model/duration.ts';
import type { Failure } from '../../model/failure.ts';
import { err, ok, type Result } from '../../model/result.ts';
import { ndjsonSink } from '../../report/ndjson.ts';
import { terminalSink } from '../../report/terminal.ts';
import { readAllowances, readCount } from '../allowances.ts';
import { createBrakes } from '../brakes.ts';
import { askToApply } from '../confirm.ts';
import { failWith, usage } from '../failing.ts';
import type { ApplyOptions } from '../options.ts';
import { openSession, planFrame, type Session } from '../session.ts';

/** `bootstrap apply`: plans under the lock, shows, asks, acts, verifies, reports. */
export async function apply(options: ApplyOptions): Promise<number> {
  const session = openSession(options, options.file);
  const limits = readLimits(options);
  if (!limits.ok) return failWith(session, limits.error);
  const allow = readAllowances(options);
  if (!allow.ok) return failWith(session, allow.error);
  const brakes = createBrakes(limits.value.timeoutMs, session.streams.err);
  const { host, site, runId } = session;
  try {
    const end = await runApply(host, {
      site,
      runId,
      command: 'apply',
      allow: allow.value,
      onFailure: options.onFailure,
      parallelism: limits.value.parallelism,
      lockTimeoutMs: limits.value.lockTimeoutMs,
      brakes,
      confirm: async () =>
        options.yes ? 'yes' : session.json ? 'no-terminal' : await askToApply(brakes.stop),
      detailedExitCode: options.detailedExitcode,
      sinks: [sinkOf(session)],
    });
    return end.exitCode;
  } finally {
    brakes.release();
  }
}

function sinkOf(session: Session): ReturnType<typeof terminalSink> {
  const { json, streams, text } = session;
  return json
    ? ndjsonSink(streams.out, (inputs) => planFrame(session, inputs))
    : terminalSink(streams, text);
}

interface Limits {
  readonly lockTimeoutMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly parallelism: number;
}

function readLimits({ lockTimeout, timeout, parallelism }: ApplyOptions): Result<Limits, Failure> {
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
