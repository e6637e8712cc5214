import { confirmTrial } from '../../app/trial.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { settleTrial } from '../guarded.ts';
import { openSession } from '../session.ts';

/** `bootstrap confirm`: keeps what is on trial. */
export async function confirm(options: GlobalOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, streams, json, text } = session;
  const confirmed = confirmTrial(host, site.root);
  if (!confirmed.ok) {
    // Too late, it is to be taken back indeed.
    await settleTrial(session);
    return failWith(session, confirmed.error);
  }
  const { runId, revision } = confirmed.value;
  if (json)
    streams.out(
      `${JSON.stringify({ schema: 'bootstrap.confirm/1', runId, revision }, undefined, 2)}\n`,
    );
  else if (!text.quiet) streams.out(`Confirmed: run ${runId} stays.\n`);
  return 0;
}
