import { resetTrust } from '../../app/trust.ts';
import { parseCommitId } from '../../model/git.ts';
import type { Trust } from '../../model/trust.ts';
import { failWith, usage } from '../failing.ts';
import type { TrustResetOptions } from '../options.ts';
import { openSession } from '../session.ts';

/** `bootstrap trust reset --to COMMIT`: sets by hand what everything from git has to follow, and says what it was. */
export async function trustReset(options: TrustResetOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, runId, streams, json, text } = session;
  const to = parseCommitId(options.to);
  if (to === undefined)
    return failWith(
      session,
      usage(
        `--to: "${options.to}" is not the whole id of a commit`,
        'git rev-parse REF in a clone of the repository prints it',
      ),
    );
  const reset = await resetTrust(host, { root: site.root, runId, to });
  if (!reset.ok) return failWith(session, reset.error);
  const { value: before } = reset;
  if (json) {
    const document = { schema: 'bootstrap.trust-reset/1', commit: to, before: before ?? null };
    streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
  } else if (!text.quiet)
    streams.out(
      `From now on only ${to} and what follows it is taken from git.\n${wasText(before)}`,
    );
  return 0;
}

function wasText(before: Trust | undefined): string {
  if (before === undefined) return 'Before, nothing was on record.\n';
  const { commit, url, ref, serial } = before;
  const from = url === undefined ? 'set by hand' : `${url}, ${ref ?? 'HEAD'}`;
  return `Before it was ${commit} (${from}${serial === undefined ? '' : `, serial ${serial}`}).\n`;
}
