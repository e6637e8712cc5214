import { openScripts } from '../core/progress.ts';
import type { Host } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Emit } from '../model/event.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProcessIdentity } from '../model/heartbeat.ts';
import type { LastRun, OpenScript } from '../model/journal.ts';

/** A script that outlived its engine. */
interface Orphan {
  readonly script: OpenScript;
  readonly leader: ProcessIdentity;
}

/** What came of waiting for scripts that outlived their engine. */
export interface Settled {
  /** True where any was waited for: what was seen before may have changed. */
  readonly waited: boolean;
  /** Those that are still there, as failures. */
  readonly failures: readonly Failure[];
}

/** Waits for the scripts of an earlier run that are still running, each up to its time limit; then ends it. For the holder of the lock only. */
export async function settleOrphans(
  host: Host,
  lastRun: Fact<LastRun>,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<Settled> {
  const open = openScripts(valueOf(lastRun)?.progress ?? new Map());
  const orphans = open.flatMap((script): readonly Orphan[] => {
    const leader = leaderOf(host, script);
    return leader === undefined ? [] : [{ script, leader }];
  });
  const waits = orphans.map(async ({ script, leader }): Promise<readonly Failure[]> => {
    const { product, path, runId, timeoutMs } = script;
    const message = `waiting for ${path} (pid ${leader.pid}), which run ${runId} left running`;
    emit({ type: 'diagnostic', severity: 'warning', message });
    failpoint('orphan.waiting');
    const isGone = await host.orphans.settle({ leader, timeoutMs, signal });
    failpoint('orphan.settled');
    if (isGone) return [];
    return [{ code: 'orphan-running', product, path, pid: leader.pid }];
  });
  return { waited: orphans.length > 0, failures: (await Promise.all(waits)).flat() };
}

// Where its engine died before it could write the process down, the script is looked for.
function leaderOf(
  { processes, orphans }: Pick<Host, 'processes' | 'orphans'>,
  { process: found, path, args, runId, product }: OpenScript,
): ProcessIdentity | undefined {
  if (found === undefined) return orphans.find({ path, args, runId, product });
  const identity = valueOf(processes.identify(found.pid));
  return identity?.startTicks === found.startTicks ? identity : undefined;
}

/** Says of each script that was interrupted what becomes of it. */
export function tellInterrupted(lastRun: Fact<LastRun>, emit: Emit): void {
  const run = valueOf(lastRun);
  if (run === undefined) return;
  for (const { product, script, runId } of openScripts(run.progress)) {
    const message = `run ${runId} was interrupted in the ${script}-script of ${product}: its outcome is not known`;
    emit({ type: 'diagnostic', severity: 'warning', message });
  }
  if (!run.ended) {
    const message = `run ${run.runId} ended early; what it finished is not done again`;
    emit({ type: 'diagnostic', severity: 'warning', message });
  }
}
