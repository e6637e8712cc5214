import type { CallbackEvent, Delivery } from '../../model/callback.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Fate } from '../delivery.ts';

/** What became of a delivery that did not arrive, on a line; undefined where it did. Of the receiver no more than its host: its address may hold a token. */
export function undeliveredText(fate: Fate['fate'], delivery: Delivery): string | undefined {
  const said = `callback to ${receiverHost(delivery)}: ${delivery.last?.said ?? 'not sent'}`;
  switch (fate) {
    case 'delivered':
      return undefined;
    case 'waits':
      return `${said}; the next try is due at ${delivery.nextAt}`;
    case 'given-up':
      return `${said}; given up: bootstrap callback replay sends it all the same`;
  }
}

/** Where a delivery goes to, as far as it is shown. */
export function receiverHost({ receiver }: Delivery): string {
  return new URL(receiver.url).host;
}

/** What an event tells of: `failed`. */
export function kindOf({ type }: CallbackEvent): string {
  return /^io\.bootstrap\.apply\.([a-z]+)\.v1$/.exec(type)?.[1] ?? type;
}

/** True for an event that tells of a server as it should be. */
export function isGood(event: CallbackEvent): boolean {
  return GOOD_ENDS.has(kindOf(event));
}

const GOOD_ENDS: ReadonlySet<string> = new Set(['succeeded', 'recovered']);

/** An event on one line; its end as the old tool worded it: `applied`, or what failed. */
export function callbackMessage(event: CallbackEvent): string {
  const { outcome, failures } = event.data;
  if (kindOf(event) === 'recovered') return 'recovered';
  if (outcome === null) return 'started';
  if (failures.length === 0) return 'applied';
  return failures.map(({ summary }) => escapeControls(summary)).join('; ');
}
