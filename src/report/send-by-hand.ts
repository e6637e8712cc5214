import { fateOf, GONE, isGone } from '../core/delivery.ts';
import type { Host } from '../host/host.ts';
import type { Delivery } from '../model/callback.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { tryDelivery, type Sending } from './callback.ts';
import { byReceiver, keep, move, readBox, receiverKeyOf, type StoredDelivery } from './outbox.ts';

/** What became of a delivery that a person had sent. */
export interface SentByHand {
  readonly delivery: Delivery;
  readonly hasArrived: boolean;
  readonly said: string;
}

/** What is sent by hand, and how. */
export interface ByHand extends Sending {
  readonly root: string;
  readonly stored: readonly StoredDelivery[];
}

type Machine = Pick<Host, 'clock' | 'crypto' | 'files' | 'net'>;

/**
 * Sends deliveries whatever their schedule says, which goes on as it was where that fails: each receiver's in order, until one fails as the
 * next would. A receiver that takes one no longer counts as gone. For the holder of the outbox's lock.
 */
export async function sendByHand(
  host: Machine,
  request: ByHand,
): Promise<Result<readonly SentByHand[], Failure>> {
  const groups = [...byReceiver(request.stored).values()];
  const turns = groups.map(async (stored) => await takeTurn(host, { ...request, stored }));
  const sent: SentByHand[] = [];
  for (const turn of await Promise.all(turns)) {
    if (!turn.ok) return turn;
    sent.push(...turn.value);
  }
  return ok(sent);
}

async function takeTurn(
  host: Machine,
  request: ByHand,
): Promise<Result<readonly SentByHand[], Failure>> {
  const { root } = request;
  const sent: SentByHand[] = [];
  let isOver = false;
  for (const stored of request.stored) {
    const { delivery } = stored;
    if (isOver) {
      sent.push({ delivery, hasArrived: false, said: 'not tried: the one before it failed' });
      continue;
    }
    const end = await tryDelivery(host, delivery, request);
    const tried = fateOf(delivery, end, { now: host.clock.now(), random: () => 0 });
    const hasArrived = tried.fate === 'delivered';
    const kept = keepTried(host, root, { stored, tried: tried.delivery, hasArrived });
    if (!kept.ok) return kept;
    sent.push({ delivery, hasArrived, said: tried.delivery.last?.said ?? '' });
    isOver = tried.endsTurn;
  }
  const [first] = request.stored;
  const isTaken = first !== undefined && sent.some(({ hasArrived }) => hasArrived);
  const open = isTaken ? reopen(host, root, receiverKeyOf(first.name)) : ok(undefined);
  return open.ok ? ok(sent) : open;
}

interface Tried {
  readonly stored: StoredDelivery;
  readonly tried: Delivery;
  readonly hasArrived: boolean;
}

function keepTried(
  { files }: Pick<Host, 'files'>,
  root: string,
  { stored, tried, hasArrived }: Tried,
): Result<void, Failure> {
  if (hasArrived) return move(files, root, { stored: { ...stored, delivery: tried }, to: 'sent' });
  // What arrived before has arrived, whatever comes of sending it once more.
  if (stored.box === 'sent') return ok(undefined);
  const delivery = { ...stored.delivery, last: tried.last };
  const to = isGone(delivery) ? 'dead' : stored.box;
  return move(files, root, { stored: { ...stored, delivery }, to });
}

// It takes messages again: what it refused before says so no more.
function reopen(
  { files }: Pick<Host, 'files'>,
  root: string,
  receiver: string,
): Result<void, Failure> {
  for (const stored of readBox(files, root, 'dead').stored) {
    const { last } = stored.delivery;
    if (receiverKeyOf(stored.name) !== receiver || last?.status !== GONE) continue;
    const said = `${last.said}; it takes messages again`;
    const delivery = { ...stored.delivery, last: { ...last, status: null, said } };
    const kept = keep(files, root, { ...stored, delivery });
    if (!kept.ok) return kept;
  }
  return ok(undefined);
}
