import { readGenerations } from '../../app/generations.ts';
import { findRun, pastRuns } from '../../app/history.ts';
import { historyDocument, renderHistory, renderRun } from '../../core/render/history-text.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { openSession } from '../session.ts';

/** `bootstrap history`: the runs that changed anything, and the generations that can be gone back to. */
export function history(options: GlobalOptions): number {
  const { host, site, streams, text, json } = openSession(options);
  const runs = pastRuns(host, site.root);
  const generations = readGenerations(host.files, site.root);
  streams.out(
    json
      ? `${JSON.stringify(historyDocument(runs, generations), undefined, 2)}\n`
      : renderHistory(runs, generations, text.palette),
  );
  return 0;
}

/** `bootstrap history show RUN`: one verdict an action, and what failed. */
export function historyShow(options: GlobalOptions, asked: string): number {
  const session = openSession(options);
  const { host, site, streams, text, json } = session;
  const run = findRun(host, site.root, asked);
  if (!run.ok) return failWith(session, run.error);
  streams.out(
    json
      ? `${JSON.stringify(historyDocument([run.value], []), undefined, 2)}\n`
      : renderRun(run.value, text.palette),
  );
  return 0;
}
