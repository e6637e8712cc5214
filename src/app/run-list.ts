import { summaryOf, type RunSummary } from '../core/run-summary.ts';
import type { Host } from '../host/host.ts';
import { compareText } from '../model/text-order.ts';
import { readRun, runIds } from './history.ts';

/** The runs of this process, and those that left a journal, whoever began them. */
export interface RunList {
  /** A run of this process that has ended. */
  add(run: RunSummary): void;
  /** Newest first, at most 500. */
  list(): readonly RunSummary[];
  /** Reads the journals of before, with a pause after each, until the signal is aborted. */
  readPast(signal: AbortSignal): Promise<void>;
}

/** Those with a journal, and those that found nothing to do. */
const RUNS_MAX = 500;

/** A list of runs; each journal is read once it has its end, and no more. */
export function createRunList(host: Host, root: string): RunList {
  const known = new Map<string, RunSummary>();
  const learn = (runId: string): void => {
    if (known.get(runId)?.end !== undefined) return;
    const run = summaryOf(readRun(host, root, runId));
    if (run !== undefined) known.set(runId, run);
  };
  return {
    add: (run) => known.set(run.runId, run),
    list: () => {
      const journals = new Set(runIds(host, root));
      for (const runId of journals) learn(runId);
      const all = [...known.values()]
        .map((run) => ({ ...run, isJournalled: journals.has(run.runId) }))
        .toSorted((one, other) => compareText(other.startedAt, one.startedAt));
      // What has a journal is kept as long as that: it would only be read again.
      const old = all.filter(({ isJournalled }) => !isJournalled).slice(RUNS_MAX - journals.size);
      for (const { runId } of old) known.delete(runId);
      return all.slice(0, RUNS_MAX);
    },
    readPast: async (signal) => {
      for (const runId of runIds(host, root).toReversed()) {
        if (signal.aborted) return;
        learn(runId);
        await host.clock.sleep(0, signal);
      }
    },
  };
}
