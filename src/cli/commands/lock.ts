import { freeLock, showLock } from '../../app/lock.ts';
import { brokenDocument, lockDocument } from '../../core/render/lock-json.ts';
import { renderBroken, renderLock, signalText } from '../../core/render/lock-text.ts';
import { layoutOf } from '../../model/layout.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions, LockBreakOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap lock show`: who holds the lock and whether it lives; exit 0 whenever that could be looked at. */
export function lockShow(options: GlobalOptions): number {
  const session = openSession(options);
  const { host, site, text } = session;
  const shown = showLock(host, site);
  if (!shown.ok) return failWith(session, shown.error);
  const { lock } = layoutOf(site.root);
  return say(session, {
    json: lockDocument(shown.value, lock),
    text: renderLock(shown.value, lock, text.palette),
  });
}

/** `bootstrap lock break [--kill]`: frees the lock from a dead holder, or with --kill from one that it ends. */
export async function lockBreak(options: LockBreakOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, streams, text } = session;
  const broken = await freeLock(host, site, {
    living: options.kill ? 'kill' : 'ask',
    onSignal: (signal, pid) => {
      if (!session.json && !text.quiet) streams.err(signalText(signal, pid));
    },
  });
  if (!broken.ok) return failWith(session, broken.error);
  return say(session, {
    json: brokenDocument(broken.value, layoutOf(site.root).lock),
    text: renderBroken(broken.value, text.palette),
  });
}

function say(
  { json, streams }: Session,
  words: { readonly json: object; readonly text: string },
): number {
  streams.out(json ? `${JSON.stringify(words.json, undefined, 2)}\n` : words.text);
  return 0;
}
