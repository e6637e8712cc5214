import { callbackBoxes, findCallback, replayCallbacks } from '../../app/callback-boxes.ts';
import {
  callbacksDocument,
  renderCallback,
  renderCallbacks,
  renderReplay,
  replayDocument,
} from '../../core/render/callback-list.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { openSession, type Session } from '../session.ts';

const UNDELIVERED_EXIT_CODE = 1;

/** `bootstrap callback list`: what waits, what was given up, and what was delivered last. */
export function callbackList(options: GlobalOptions): number {
  const session = openSession(options);
  const { host, site, text } = session;
  const boxes = callbackBoxes(host, site.root);
  say(
    session,
    callbacksDocument(boxes, { withEvents: false }),
    renderCallbacks(boxes, text.palette),
  );
  return 0;
}

/** `bootstrap callback show ID`: an event as it is sent, and what became of it. */
export function callbackShow(options: GlobalOptions, asked: string): number {
  const session = openSession(options);
  const { host, site, text } = session;
  const found = findCallback(host, site.root, asked);
  if (!found.ok) return failWith(session, found.error);
  const { standing } = callbackBoxes(host, site.root);
  const listing = { stored: found.value, damaged: [], standing };
  say(
    session,
    callbacksDocument(listing, { withEvents: true }),
    renderCallback(found.value, text.palette),
  );
  return 0;
}

/** `bootstrap callback replay [ID]`: sends one event once more, or everything that was not delivered; exit 1 where not all of it arrives. */
export async function callbackReplay(
  options: GlobalOptions,
  asked: string | undefined,
): Promise<number> {
  const session = openSession(options);
  const { host, site, runId, text } = session;
  const { signal } = new AbortController();
  const sent = await replayCallbacks(host, { site, runId, asked, signal });
  if (!sent.ok) return failWith(session, sent.error);
  say(session, replayDocument(sent.value), renderReplay(sent.value, text.palette));
  return sent.value.every(({ hasArrived }) => hasArrived) ? 0 : UNDELIVERED_EXIT_CODE;
}

function say({ json, streams }: Session, document: object, words: string): void {
  streams.out(json ? `${JSON.stringify(document, undefined, 2)}\n` : words);
}
