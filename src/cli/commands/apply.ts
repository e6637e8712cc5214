import { resolve } from 'node:path';
import type { ReconcileRequest } from '../../app/held-run.ts';
import { openPlan } from '../../app/saved-plans.ts';
import type { Failure } from '../../model/failure.ts';
import { hostPath } from '../../model/ids.ts';
import { err, ok, type Result } from '../../model/result.ts';
import type { TrialRequest } from '../../app/trial.ts';
import { parseDuration } from '../../model/duration.ts';
import { firstChoice, readChoices } from '../choices.ts';
import { runEngine } from '../engine.ts';
import { failWith, usage } from '../failing.ts';
import type { ApplyOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';
import type { Session } from '../session.ts';
import { guardTrial, timeTrial } from '../trial.ts';

/** `bootstrap apply [PLANFILE]`: plans under the lock, shows, asks, acts, verifies, reports. */
export async function apply(options: ApplyOptions, planFile: string | undefined): Promise<number> {
  const session = await openGuarded(options, options.file);
  const target = readTarget(session, options, planFile);
  if (!target.ok) return failWith(session, target.error);
  const onTrial = { host: session.host, site: target.value.site };
  const trial = readTrialRequest(onTrial, options);
  if (!trial.ok) return failWith(session, trial.error);
  const exitCode = await runEngine(session, options, {
    command: 'apply',
    back: undefined,
    trial: trial.value,
    guard: false,
    keepLast: undefined,
    snapshot: undefined,
    ...target.value,
  });
  if (trial.value === undefined) return exitCode;
  const timed = await timeTrial(onTrial);
  return timed.ok ? exitCode : failWith(session, timed.error);
}

function readTrialRequest(
  onTrial: Pick<Session, 'host' | 'site'>,
  { confirmWithin, confirmAuto, timeout }: ApplyOptions,
): Result<TrialRequest | undefined, Failure> {
  if (confirmWithin === undefined)
    return confirmAuto ? err(usage('--confirm-auto needs --confirm-within')) : ok(undefined);
  const windowMs = parseDuration(confirmWithin);
  const runTimeoutMs = parseDuration(timeout);
  if (windowMs === undefined || windowMs === 0)
    return err(usage(`--confirm-within: "${confirmWithin}" is not a duration such as 5m`));
  if (runTimeoutMs === undefined)
    return err(usage(`--timeout: "${timeout}" is not a duration such as 10m or 1h`));
  const guard = async () => await guardTrial(onTrial);
  return ok({ windowMs, runTimeoutMs, auto: confirmAuto, guard });
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
  const named = file.length > 0 ? '--file' : options.config && '--config';
  const choice = named ?? firstChoice(options);
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
