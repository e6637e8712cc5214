import { dueOf, fateOf, GONE, isGone, waitMsOf, type Fate } from '../core/delivery.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Host } from '../host/host.ts';
import type { Delivery, LastTry } from '../model/callback.ts';
import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import { tryDelivery, type Sending } from './callback.ts';
import {
  byReceiver,
  hasArrived,
  move,
  readBox,
  receiverKeyOf,
  takeOut,
  tooMany,
  trim,
  type Box,
  type StoredDelivery,
} from './outbox.ts';

/** How what is due is sent. */
export interface SendRequest extends Sending {
  readonly root: string;
  /** A try that the signal cuts off is one that failed; else it is as if it had not been made. */
  readonly countsCutOff: boolean;
}

/** What became of a delivery that was tried. */
export interface Sent {
  readonly fate: Fate['fate'];
  readonly delivery: Delivery;
}

/** What came of sending. */
export interface SendReport {
  readonly sent: readonly Sent[];
  /** Milliseconds until something is due; undefined: nothing waits. */
  readonly waitMs: number | undefined;
  /** What could not be written. */
  readonly failures: readonly Failure[];
}

type Machine = Pick<Host, 'clock' | 'crypto' | 'files' | 'net'>;
type Turn = Pick<SendReport, 'sent' | 'failures'>;

/** Sends what is due, in the order of the events, to all receivers at once. For the holder of the outbox's lock. */
export async function sendDue(host: Machine, request: SendRequest): Promise<SendReport> {
  const { root } = request;
  const found = readBox(host.files, root, 'outbox').stored;
  const crowd = tooMany(found);
  const turns = [giveUp(host, root, { stored: crowd, ...CROWDED })];
  const groups = byReceiver(found.slice(crowd.length));
  const gone = goneReceivers(host, root, groups);
  const begun = [...groups].map(async ([receiver, stored]) =>
    gone.has(receiver)
      ? giveUp(host, root, { stored, ...NOT_WANTED })
      : await takeTurn(host, stored, request),
  );
  turns.push(...(await Promise.all(begun)));
  turns.push({ sent: [], failures: failuresOf(trim(host.files, root)) });
  return {
    sent: turns.flatMap(({ sent }) => sent),
    waitMs: outboxWaitMs(host, root),
    failures: turns.flatMap(({ failures }) => failures),
  };
}

const CROWDED = { status: null, said: 'not sent: too many wait already' };
const NOT_WANTED = {
  status: GONE,
  said: `not sent: its receiver answered ${GONE} before, and wants no more`,
};

// Whoever said so stays gone until a person has something sent to it that it takes.
function goneReceivers(
  { files }: Pick<Host, 'files'>,
  root: string,
  groups: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  if (groups.size === 0) return new Set();
  const dead = readBox(files, root, 'dead').stored.filter(({ delivery }) => isGone(delivery));
  return new Set(dead.map(({ name }) => receiverKeyOf(name)));
}

interface Hopeless extends Pick<LastTry, 'status' | 'said'> {
  readonly stored: readonly StoredDelivery[];
}

function giveUp(
  { clock, files }: Pick<Host, 'clock' | 'files'>,
  root: string,
  { stored, ...why }: Hopeless,
): Turn {
  const at = clock.now().toISOString();
  const turns = stored.map((each): Turn => {
    const delivery = { ...each.delivery, last: { at, ...why } };
    const moved = move(files, root, { stored: { ...each, delivery }, to: 'dead' });
    return { sent: [{ fate: 'given-up', delivery }], failures: failuresOf(moved) };
  });
  return joined(turns);
}

function joined(turns: readonly Turn[]): Turn {
  return {
    sent: turns.flatMap(({ sent }) => sent),
    failures: turns.flatMap(({ failures }) => failures),
  };
}

function failuresOf(result: Result<void, Failure>): readonly Failure[] {
  return result.ok ? [] : [result.error];
}

async function takeTurn(
  host: Machine,
  group: readonly StoredDelivery[],
  request: SendRequest,
): Promise<Turn> {
  const due = new Set(
    dueOf(
      group.map(({ delivery }) => delivery),
      host.clock.now(),
    ),
  );
  const turns: Turn[] = [];
  for (const stored of group) {
    if (!due.has(stored.delivery) || request.signal.aborted) continue;
    if (hasArrived(host.files, request.root, stored.name)) {
      turns.push({ sent: [], failures: failuresOf(takeOut(host.files, request.root, stored)) });
      continue;
    }
    const tried = await tryOnce(host, stored, request);
    if (tried === undefined) break;
    turns.push(tried.turn);
    if (tried.endsTurn) break;
  }
  return joined(turns);
}

interface Tried {
  readonly turn: Turn;
  readonly endsTurn: boolean;
}

/** Undefined where the try was called off, and does not count. */
async function tryOnce(
  host: Machine,
  stored: StoredDelivery,
  request: SendRequest,
): Promise<Tried | undefined> {
  const { root, signal, countsCutOff } = request;
  const end = await tryDelivery(host, stored.delivery, request);
  failpoint('callback.answered');
  const isCutOff = end.kind === 'none' && signal.aborted;
  if (isCutOff && !countsCutOff) return undefined;
  const ended = isCutOff ? ({ kind: 'none', why: CUT_OFF } as const) : end;
  const { fate, delivery, endsTurn } = fateOf(stored.delivery, ended, {
    now: host.clock.now(),
    random: () => host.crypto.random(),
  });
  const kept = move(host.files, root, { stored: { ...stored, delivery }, to: BOX[fate] });
  return { turn: { sent: [{ fate, delivery }], failures: failuresOf(kept) }, endsTurn };
}

const BOX: { readonly [F in Fate['fate']]: Box } = {
  delivered: 'sent',
  waits: 'outbox',
  'given-up': 'dead',
};
const CUT_OFF = 'no answer in the time that an apply has for it';

/** Milliseconds until something in the outbox is due; undefined: nothing waits. Takes no lock. */
export function outboxWaitMs(
  { clock, files }: Pick<Host, 'clock' | 'files'>,
  root: string,
): number | undefined {
  const groups = byReceiver(readBox(files, root, 'outbox').stored);
  const waits = [...groups.values()].flatMap(
    (group) =>
      waitMsOf(
        group.map(({ delivery }) => delivery),
        clock.now(),
      ) ?? [],
  );
  return waits.length === 0 ? undefined : Math.min(...waits);
}
