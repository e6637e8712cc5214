import { failpoint } from '../host/failpoint.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { Trial } from '../model/trial.ts';
import { takeBeats } from './health.ts';
import { loadWritten } from './load.ts';
import { lookContext } from './look.ts';
import type { Site } from './site.ts';
import { isOverdue, keepTrial, openTrial, readTrial } from './trial.ts';

const LOOK_INTERVAL_MS = 500;
// A little more than the deadline: the guard must find it passed.
const MARGIN_MS = 200;

/** How a trial ended, or that somebody else ended it. */
export type TrialEnd =
  { readonly how: 'ended' | 'confirmed' } | { readonly how: 'overdue'; readonly trial: Trial };

/**
 * Waits for the end of a trial: until it was confirmed or taken back by somebody, or its time is up. One that confirms itself is
 * confirmed where every heartbeat passed at every look.
 */
export async function awaitTrial(
  host: Host,
  site: Site,
  { runId, signal }: { readonly runId: string; readonly signal: AbortSignal },
): Promise<Result<TrialEnd, Failure>> {
  const begun = readTrial(host.files, site.root);
  if (!begun.ok) return begun;
  let passed: boolean | undefined;
  for (;;) {
    const read = openTrial(host.files, site.root);
    if (!read.ok) return read;
    const { value: trial } = read;
    if (trial === undefined || trial.runId !== begun.value?.runId || signal.aborted)
      return ok({ how: 'ended' });
    const judges = trial.auto && trial.state === 'open';
    if (isOverdue(host, trial)) {
      failpoint('trial.overdue');
      if (!judges || passed !== true) return ok({ how: 'overdue', trial });
      const kept = keepTrial(host.files, site.root, trial);
      return kept.ok ? ok({ how: kept.value ? 'confirmed' : 'ended' }) : kept;
    }
    if (judges) passed = (passed ?? true) && (await allPass(host, site, { runId, signal }));
    const leftMs = Date.parse(trial.deadline) - host.clock.now().getTime();
    await host.clock.sleep(Math.min(LOOK_INTERVAL_MS, leftMs + MARGIN_MS), signal);
  }
}

async function allPass(
  host: Host,
  site: Site,
  { runId, signal }: { readonly runId: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const written = await loadWritten(host, site);
  if (!written.ok) return false;
  const { definition, desired } = written.value;
  const look = lookContext(host, definition, { runId });
  const products = [...desired.products.values()].filter((spec) => !spec.suspend);
  const beats = await takeBeats(host, products, { root: definition.root, look, signal });
  return beats.every(({ sample }) => sample.verdict === 'pass');
}

// Left to itself systemd may take a minute longer, and ends with the unit what scripts on the way back have started.
const PROPERTIES = ['--timer-property=AccuracySec=100ms', '--property=KillMode=process'] as const;

/** How the guard of a trial is started. */
export interface GuardCommand {
  /** The program and arguments that run it. */
  readonly argv: readonly [string, ...string[]];
  readonly trial: Trial;
}

/** Starts the guard of a trial as a process of its own, before the first step: nobody may be left to do so after it. */
export async function startGuard(
  host: Pick<Host, 'runner'>,
  { argv }: Pick<GuardCommand, 'argv'>,
): Promise<Result<void, Failure>> {
  const started = await host.runner.startDetached(argv);
  failpoint('guard.started');
  return started;
}

/**
 * Where systemd runs, has it start another guard when the time of a trial is up: no death of a process reaches that. After both
 * were lost, as by a reboot, the next command starts it again.
 */
export async function setTimer(
  host: Host,
  { argv, trial }: GuardCommand,
): Promise<Result<void, Failure>> {
  const hasSystemd = host.files.inspect(hostPath('', '/run/systemd/system')).kind === 'known';
  if (!hasSystemd) return ok(undefined);
  const leftMs = Date.parse(trial.deadline) - host.clock.now().getTime() + MARGIN_MS;
  const seconds = Math.max(1, Math.ceil(leftMs / 1000));
  const unit = `bootstrap-trial-${trial.runId}`;
  const timer = ['--quiet', '--collect', `--unit=${unit}`, `--on-active=${seconds}`] as const;
  return await host.runner.startDetached(['systemd-run', ...timer, ...PROPERTIES, ...argv]);
}
