import { nearest } from '../core/nearest.ts';
import type { Host } from '../host/host.ts';
import type { Standing } from '../model/callback.ts';
import type { Failure } from '../model/failure.ts';
import { err, ok, type Result } from '../model/result.ts';
import { readBox, BOXES, type BoxContent, type StoredDelivery } from '../report/outbox.ts';
import { sendByHand, type SentByHand } from '../report/send-by-hand.ts';
import { readCallbackRecord } from './callback-record.ts';
import { withOutbox, type OutboxRequest } from './flush.ts';

/** All callbacks that are kept: on their way, given up, and delivered. */
export interface CallbackBoxes extends BoxContent {
  /** What receivers were told last is not over; null: all is well, as far as they know, or nobody can say. */
  readonly standing: Standing | null;
}

/** What is in the outbox, then what was given up, then what arrived, each in the order of the events. Takes no lock. */
export function callbackBoxes({ files }: Pick<Host, 'files'>, root: string): CallbackBoxes {
  const contents = BOXES.map((box) => readBox(files, root, box));
  const record = readCallbackRecord(files, root);
  return {
    stored: contents.flatMap(({ stored }) => stored),
    damaged: contents.flatMap(({ damaged }) => damaged),
    standing: record.ok ? record.value.standing : null,
  };
}

/** The deliveries of one event, by its id or by enough of its beginning or end. Fails with `usage` where there is none, or more than one. */
export function findCallback(
  host: Pick<Host, 'files'>,
  root: string,
  asked: string,
): Result<readonly StoredDelivery[], Failure> {
  const { stored } = callbackBoxes(host, root);
  const ids = [...new Set(stored.map(({ delivery }) => delivery.event.id))];
  const exact = ids.filter((id) => id === asked);
  const alike = ids.filter((id) => id.startsWith(asked) || id.endsWith(asked));
  const [found, ...more] = exact.length > 0 ? exact : alike;
  if (found !== undefined && more.length === 0)
    return ok(stored.filter(({ delivery }) => delivery.event.id === found));
  const message =
    found === undefined
      ? `there is no callback "${asked}"`
      : `more than one callback is "${asked}"`;
  const meant = found ?? nearest(asked, ids);
  const hint =
    meant === undefined ? 'bootstrap callback list shows them' : `did you mean ${meant}?`;
  return err({ code: 'usage', message, hint });
}

/** What is to be sent by hand. */
export interface ReplayRequest extends OutboxRequest {
  /** An event, to each of its receivers; undefined: everything that was not delivered. */
  readonly asked: string | undefined;
}

/** Sends callbacks now, whatever their schedule. Fails as `locked` where another process goes on sending. */
export async function replayCallbacks(
  host: Host,
  { asked, ...request }: ReplayRequest,
): Promise<Result<readonly SentByHand[], Failure>> {
  const { root } = request.site;
  const sent = await withOutbox(host, request, async (sending) => {
    // Looked up only now: somebody may have sent it meanwhile.
    const found =
      asked === undefined ? ok(undelivered(host, root)) : findCallback(host, root, asked);
    return found.ok ? await sendByHand(host, { ...sending, root, stored: found.value }) : found;
  });
  return sent.ok ? sent.value : sent;
}

function undelivered({ files }: Pick<Host, 'files'>, root: string): readonly StoredDelivery[] {
  const boxes = (['dead', 'outbox'] as const).map((box) => readBox(files, root, box).stored);
  const order = ({ delivery }: StoredDelivery): number => Number(delivery.event.sequence);
  return boxes.flat().toSorted((a, b) => order(a) - order(b));
}
