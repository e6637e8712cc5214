import { awaitTrial } from '../../app/trial-guard.ts';
import { isOverdue, readTrial } from '../../app/trial.ts';
import { runEngine } from '../engine.ts';
import { failWith } from '../failing.ts';
import type { DesiredOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap trial-guard`, hidden: waits for the end of a trial, and takes it back where nobody confirmed it. */
export async function trialGuard(options: DesiredOptions): Promise<number> {
  const session = openSession(options, options.file);
  const { host, site, runId } = session;
  const signal = new AbortController().signal;
  for (;;) {
    const ended = await awaitTrial(host, site, { runId, signal });
    if (!ended.ok) return failWith(session, ended.error);
    if (ended.value.how !== 'overdue') return 0;
    const exitCode = await takeBack(session, options, ended.value.trial.generation);
    if (!hasNewWindow(session)) return exitCode;
  }
}

async function takeBack(
  session: Session,
  options: DesiredOptions,
  generation: number,
): Promise<number> {
  const limits = { yes: true, lockTimeout: '10m', parallelism: '4', timeout: '1h' };
  return await runEngine(
    session,
    {
      ...options,
      ...limits,
      onFailure: undefined,
      metricsFile: undefined,
      detailedExitcode: false,
    },
    {
      site: session.site,
      command: 'trial',
      asked: 'everything',
      saved: undefined,
      back: { generation },
      trial: undefined,
      guard: true,
      keepLast: undefined,
      snapshot: undefined,
    },
  );
}

// While the lock was waited for, the run that had it was verified after all.
function hasNewWindow({ host, site }: Session): boolean {
  const read = readTrial(host.files, site.root);
  return read.ok && read.value !== undefined && !isOverdue(host, read.value);
}
