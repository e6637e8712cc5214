import type { Outcome, Verdict } from './event.ts';
import type { FailureNote } from './journal.ts';
import type { CallbackTarget } from './state.ts';

/** What receivers are told of a run (CONTRACT 8). */
export const CALLBACK_KINDS = [
  'started',
  'succeeded',
  'failed',
  'rolledback',
  'interrupted',
  'recovered',
] as const;
/** What receivers are told of a run. */
export type CallbackKind = (typeof CALLBACK_KINDS)[number];

/** The format word of what a message says. */
export const CALLBACK_FORMAT = 'bootstrap.callback/1';

/** What a message says: the `data` of its event. */
export interface CallbackData {
  readonly schema: typeof CALLBACK_FORMAT;
  readonly host: string;
  readonly runId: string;
  readonly command: string;
  /** The digest of the desired state that was to be brought about. */
  readonly revision: string;
  /** Null while the run goes on. */
  readonly outcome: Outcome | null;
  /** Null while the run goes on, and where it was cut off. */
  readonly exitCode: number | null;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly products: readonly ProductVerdict[];
  /** So many more products, left out for the size of the message. */
  readonly productsOmitted: number;
  readonly failures: readonly FailureNote[];
  readonly failuresOmitted: number;
  /** The id of the event that told of what is over now; null but for `recovered`. */
  readonly recovers: string | null;
}

/** How a run ended for a product, the worst of its actions; null while the run goes on. */
export interface ProductVerdict {
  readonly name: string;
  readonly verdict: Verdict | null;
}

/** A message: CloudEvents 1.0 with the `sequence` extension, in the order in which it is written. */
export interface CallbackEvent {
  readonly specversion: '1.0';
  /** `RUN.1` of the start of a run, `RUN.2` of its end, `RUN.3` of the recovery that it was: the same event, the same id. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Counts the events of this server from 1; ten digits, so that texts sort as numbers do. */
  readonly sequence: string;
  readonly sequencetype: 'Integer';
  readonly data: CallbackData;
}

/** One event on its way to one receiver. */
export interface Delivery {
  readonly event: CallbackEvent;
  readonly receiver: CallbackTarget;
  /** Those that failed by the schedule. */
  readonly tries: number;
  /** RFC 3339. */
  readonly nextAt: string;
  /** Its receiver wants nothing before then, this or any other; null where it said nothing of that. */
  readonly pauseUntil: string | null;
  /** How the last try ended; null before there was one. */
  readonly last: LastTry | null;
}

/** How a try ended: what was answered, or why nothing was. */
export interface LastTry {
  readonly at: string;
  readonly status: number | null;
  readonly said: string;
}

/** The format word of a delivery's file. */
export const DELIVERY_FORMAT = 'bootstrap.delivery/1';

/** What a receiver that knows all so far takes this server to be in: not as it should be, and since which event. */
export interface Standing {
  /** Of how the run ended and what failed; the same once more is no news. */
  readonly key: string;
  readonly revision: string;
  readonly eventId: string;
}

/** Events that are decided, and who is to have them. */
export interface Post {
  readonly event: CallbackEvent;
  readonly receivers: readonly CallbackTarget[];
}

/** What is kept between runs, so that nothing is told twice and nothing is forgotten. */
export interface CallbackRecord {
  /** Of the last event. */
  readonly sequence: number;
  /** Null where all is well, as far as receivers know. */
  readonly standing: Standing | null;
  /** The run under way, or cut off: its journal says what is to be told of it. */
  readonly open: { readonly runId: string; readonly receivers: readonly CallbackTarget[] } | null;
  /** Decided, and perhaps not in the outbox yet. */
  readonly pending: readonly Post[];
}

/** The format word of the file that keeps it. */
export const CALLBACKS_FORMAT = 'bootstrap.callbacks/1';
