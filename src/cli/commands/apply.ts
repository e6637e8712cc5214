import { resolve } from 'node:path';
import type { ReconcileRequest } from '../../app/held-run.ts';
import { runApply } from '../../app/run.ts';
import { openPlan } from '../../app/saved-plans.ts';
import { parseDuration, type DurationMs } from '../../model/duration.ts';
import type { Failure } from '../../model/failure.ts';
import { hostPath } from '../../model/ids.ts';
import { err, ok, type Result } from '../../model/result.ts';
import { ndjsonSink } from '../../report/ndjson.ts';
import { terminalSink } from '../../report/terminal.ts';
import { firstChoice, readChoices, readCount } from '../choices.ts';
import { createBrakes } from '../brakes.ts';
import { askToApply } from '../confirm.ts';
import { failWith, usage } from '../failing.ts';
import type { ApplyOptions } from '../options.ts';
import { openSession, planFrame, type Session } from '../session.ts';

/** `bootstrap apply [PLANFILE]`: plans under the lock, shows, asks, acts, verifies, reports. */
export async function apply(options: ApplyOptions, planFile: string | undefined): Promise<number> {
  const session = openSession(options, options.file);
  const limits = readLimits(options);
  if (!limits.ok) return failWith(session, limits.error);
  const target = readTarget(session, options, planFile);
  if (!target.ok) return failWith(session, target.error);
  const brakes = createBrakes(limits.value.timeoutMs, session.streams.err);
  const { host, runId } = session;
  try {
    const end = await runApply(host, {
      ...target.value,
      runId,
      command: 'apply',
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

type Target = Pick<ReconcileRequest, 'site' | 'asked' | 'saved'>;

// A saved plan brings its own files and choices: whoever gives others means another plan.
function readTarget(
  { host, site }: Session,
  options: ApplyOptions,
  planFile: string | undefined,
): Result<Target, Failure> {
  const { file, resume } = options;
  if (planFile === undefined) {
    if (resume) return err(usage('--resume needs the saved plan that was begun'));
    const asked = readChoices(options);
    return asked.ok ? ok({ site, asked: asked.value, saved: undefined }) : asked;
  }
  const choice = file.length > 0 ? '--file' : firstChoice(options);
  if (choice !== undefined)
    return err(usage(`${choice}: a saved plan has its own files and choices`));
  const opened = openPlan(host, hostPath('', resolve(planFile)));
  if (!opened.ok) return opened;
  const { saved: plan, site: planned, asked } = opened.value;
  if (planned.root !== site.root)
    return err(
      usage(`the plan is for the server at ${planned.root || '/'}`, rootHint(planned.root)),
    );
  return ok({ site: planned, asked, saved: { plan, resume } });
}

function rootHint(root: string): string {
  return root === '' ? 'leave out --root' : `give --root ${root}`;
}

function sinkOf(session: Session): ReturnType<typeof terminalSink> {
  const { json, streams, text, columns } = session;
  return json
    ? ndjsonSink(streams.out, (inputs) => planFrame(session, inputs))
    : terminalSink(streams, { ...text, width: columns });
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
