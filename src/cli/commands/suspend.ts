import { resume as resumeServer, suspend as suspendServer } from '../../app/suspension.ts';
import { suspensionText } from '../../core/render/suspension-text.ts';
import { parseDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import { SUSPENSION_FORMAT, type Suspension } from '../../model/suspension.ts';
import { failWith, usage } from '../failing.ts';
import type { GlobalOptions, SuspendOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap suspend`: until it ends nothing is changed on this server, by hand or by watch. */
export function suspend(options: SuspendOptions): number {
  const session = openSession(options);
  const { host, site } = session;
  const { reason, until } = options;
  const now = host.clock.now();
  const end = until === undefined ? undefined : parseEnd(until, now);
  if (until !== undefined && end === undefined)
    return failWith(
      session,
      usage(
        `--until: "${until}" is neither a duration such as 2h nor a time to come such as 2026-12-24T08:00:00Z`,
      ),
    );
  if (reason.trim() === '') return failWith(session, usage('--reason: say why'));
  const suspended = suspendServer(host, site.root, { reason: reason.trim(), until: end });
  if (!suspended.ok) return failWith(session, suspended.error);
  say(session, suspended.value, `The server is ${suspensionText(suspended.value)}`);
  return 0;
}

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function parseEnd(text: string, now: Date): Date | undefined {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms > 0 ? new Date(now.getTime() + ms) : undefined;
  const end = timestamp.test(text) ? new Date(text) : undefined;
  return end !== undefined && end > now ? end : undefined;
}

/** `bootstrap resume`: ends a suspension; says so too where there was none. */
export function resume(options: GlobalOptions): number {
  const session = openSession(options);
  const { host, site } = session;
  const resumed = resumeServer(host, site.root);
  if (!resumed.ok) return failWith(session, resumed.error);
  const { value: was } = resumed;
  const words =
    was === undefined ? 'Nothing was suspended.' : `Resumed. It was ${suspensionText(was)}`;
  say(session, was, words);
  return 0;
}

function say(
  { json, streams, text }: Session,
  suspension: Suspension | undefined,
  words: string,
): void {
  const document = { schema: SUSPENSION_FORMAT, suspension: suspension ?? null };
  if (json) streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
  else if (!text.quiet) streams.out(`${escapeControls(words)}\n`);
}
