import type { Delivery, Standing } from '../../model/callback.ts';
import { escapeControls } from '../../model/escape.ts';
import { callbackMessage, kindOf, receiverHost } from './callback-text.ts';
import type { Palette } from './palette.ts';
import { tableLines } from './table.ts';

/** A delivery, and what has become of it. */
export interface ShownDelivery {
  readonly box: 'outbox' | 'dead' | 'sent';
  readonly delivery: Delivery;
}

/** What is to be listed. */
export interface CallbackListing {
  readonly stored: readonly ShownDelivery[];
  readonly damaged: readonly { readonly path: string; readonly why: string }[];
  readonly standing: Standing | null;
}

const STATE: { readonly [B in ShownDelivery['box']]: string } = {
  outbox: 'waiting',
  dead: 'given up',
  sent: 'sent',
};
// More of what arrived is seldom of interest; `--format json` has it all.
const SENT_SHOWN_MAX = 10;

/** The callbacks for a person: what waits, what was given up, and the last that arrived. Ends in a newline. */
export function renderCallbacks(
  { stored, damaged, standing }: CallbackListing,
  palette: Palette,
): string {
  const sent = stored.filter(({ box }) => box === 'sent');
  const shown = [...stored.filter(({ box }) => box !== 'sent'), ...sent.slice(-SENT_SHOWN_MAX)];
  const older = sent.length - Math.min(sent.length, SENT_SHOWN_MAX);
  const rows = shown.map(({ box, delivery }) => [
    delivery.event.id,
    kindOf(delivery.event),
    receiverHost(delivery),
    STATE[box],
    String(delivery.tries),
    nextText(box, delivery),
    escapeControls(delivery.last?.said ?? '-'),
  ]);
  const head = ['EVENT', 'KIND', 'RECEIVER', 'STATE', 'TRIES', 'NEXT TRY', 'LAST TRY'];
  const lines = [
    ...(rows.length === 0 ? ['No callbacks.'] : tableLines([head, ...rows])),
    ...(older > 0 ? [palette.faint(`… and ${older} older that were sent`)] : []),
    ...damaged.map(({ path, why }) => palette.bad(`${path}: ${escapeControls(why)}`)),
    ...(standing === null
      ? []
      : ['', palette.warn(`Receivers were told by ${standing.eventId} that not all is well.`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function nextText(box: ShownDelivery['box'], { nextAt, pauseUntil }: Delivery): string {
  if (box !== 'outbox') return '-';
  return pauseUntil === null ? nextAt : `${nextAt} (as it asked)`;
}

/** One event for a person, with what became of it at each receiver. Ends in a newline. */
export function renderCallback(stored: readonly ShownDelivery[], palette: Palette): string {
  const [first] = stored;
  if (first === undefined) return 'No callbacks.\n';
  const { event } = first.delivery;
  const fates = stored.map(({ box, delivery }) => {
    const { tries, last } = delivery;
    const said = last === null ? '' : `, ${escapeControls(last.said)} at ${last.at}`;
    const next = box === 'outbox' ? `, next try ${nextText(box, delivery)}` : '';
    return `  ${receiverHost(delivery)}: ${STATE[box]} after ${tries} ${tries === 1 ? 'try' : 'tries'}${said}${next}`;
  });
  const head = `${palette.strong(event.id)}  ${kindOf(event)}: ${callbackMessage(event)}`;
  const body = JSON.stringify(event, undefined, 2).split('\n').map(escapeControls);
  return `${[head, ...fates, '', ...body].join('\n')}\n`;
}

/** The same for programs, with the events where they are asked for. */
export function callbacksDocument(
  { stored, damaged, standing }: CallbackListing,
  { withEvents }: { readonly withEvents: boolean },
): object {
  return {
    schema: 'bootstrap.callback-list/1',
    standing: standing && { event: standing.eventId, revision: standing.revision },
    deliveries: stored.map(({ box, delivery }) => ({
      ...deliveryDocument(delivery),
      state: { outbox: 'waiting', dead: 'given-up', sent: 'sent' }[box],
      ...(withEvents && { event: delivery.event }),
    })),
    damaged,
  };
}

/** A delivery for programs. Of its receiver no more than the host: its address may hold a token. */
function deliveryDocument(delivery: Delivery): object {
  const { event, receiver, tries, nextAt, pauseUntil, last } = delivery;
  return {
    id: event.id,
    kind: kindOf(event),
    sequence: Number(event.sequence),
    time: event.time,
    receiver: receiverHost(delivery),
    format: receiver.format,
    tries,
    nextAt,
    pauseUntil,
    last,
  };
}

/** What came of sending by hand. */
export interface Replayed {
  readonly delivery: Delivery;
  readonly hasArrived: boolean;
  readonly said: string;
}

/** What came of sending by hand, a line each and a sum. Ends in a newline. */
export function renderReplay(sent: readonly Replayed[], palette: Palette): string {
  if (sent.length === 0) return 'Nothing is undelivered.\n';
  const lines = sent.map(({ delivery, hasArrived, said }) => {
    const what = `${delivery.event.id} to ${receiverHost(delivery)}: ${escapeControls(said)}`;
    return hasArrived ? palette.good(`sent: ${what}`) : palette.bad(`not sent: ${what}`);
  });
  const arrived = sent.filter(({ hasArrived }) => hasArrived).length;
  return `${[...lines, `${arrived} of ${sent.length} sent.`].join('\n')}\n`;
}

/** The same for programs. */
export function replayDocument(sent: readonly Replayed[]): object {
  return {
    schema: 'bootstrap.callback-replay/1',
    deliveries: sent.map(({ delivery, hasArrived, said }) => ({
      id: delivery.event.id,
      receiver: receiverHost(delivery),
      arrived: hasArrived,
      said,
    })),
  };
}
