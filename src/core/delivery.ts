import type { CallbackEvent, Delivery } from '../model/callback.ts';
import { durationMs } from '../model/duration.ts';
import type { CallbackTarget } from '../model/state.ts';

/** One try may take this long, answer included. Standard Webhooks: "somewhere between 15 and 30s". */
export const TRY_TIMEOUT_MS = durationMs(15_000);

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

// Standard Webhooks, "Deliverability and reliability": before each try, counted from the one before it; 75 hours in all.
const SCHEDULE_MS: readonly number[] = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
// Servers that failed together do not try together.
const JITTER = 0.1;
const WAIT_MS_MAX = 24 * HOUR_MS * (1 + JITTER);

/** "An indication by the server that it's no longer interested in receiving webhooks from this source." */
export const GONE = 410;
// The receiver has too much to do: it is left alone for as long as it says, with whatever is meant for it.
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const SERVER_ERROR = 500;

/** An event on its way to a receiver, due at once. */
export function newDelivery(event: CallbackEvent, receiver: CallbackTarget, now: Date): Delivery {
  const nextAt = now.toISOString();
  return { event, receiver, tries: 0, nextAt, pauseUntil: null, last: null };
}

/** How a try ended: with an answer, or for want of one. */
export type TryEnd =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'none'; readonly why: string };

/** What becomes of a delivery after a try. */
export interface Fate {
  readonly fate: 'delivered' | 'waits' | 'given-up';
  readonly delivery: Delivery;
  /** The next one for this receiver would fare no better now. */
  readonly endsTurn: boolean;
}

/** When a try was made, and the chance of it. */
export interface Moment {
  readonly now: Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What becomes of a delivery. Source: Standard Webhooks 1.0.0, "Delivery success and failure": all but 2xx fails, all but 410 is tried again. */
export function fateOf(before: Delivery, end: TryEnd, { now, random }: Moment): Fate {
  const tries = before.tries + 1;
  const status = end.kind === 'answer' ? end.status : null;
  const said = wordsOf(end);
  const delivery = { ...before, tries, last: { at: now.toISOString(), status, said } };
  if (isTaken(end)) return { fate: 'delivered', delivery, endsTurn: false };
  if (status === GONE) return { fate: 'given-up', delivery, endsTurn: true };
  const endsTurn = status === null || status >= SERVER_ERROR || BUSY.has(status);
  const waitMs = SCHEDULE_MS[tries];
  if (waitMs === undefined) return { fate: 'given-up', delivery, endsTurn };
  const pauseMs = end.kind === 'answer' && BUSY.has(end.status) ? pauseOf(end.retryAfter, now) : 0;
  const later = (ms: number): string => new Date(now.getTime() + ms).toISOString();
  return {
    fate: 'waits',
    delivery: {
      ...delivery,
      nextAt: later(Math.max(pauseMs, waitMs * (1 + random() * JITTER))),
      pauseUntil: pauseMs > 0 ? later(pauseMs) : null,
    },
    endsTurn,
  };
}

function isTaken(end: TryEnd): boolean {
  return end.kind === 'answer' && end.status >= 200 && end.status < 300;
}

function wordsOf(end: TryEnd): string {
  return end.kind === 'answer' ? `it answered ${end.status}` : end.why;
}

/** Why a try did not reach its receiver; undefined where it did. */
export function faultOf(end: TryEnd): string | undefined {
  return isTaken(end) ? undefined : wordsOf(end);
}

// RFC 9110, 10.2.3: seconds, or a date. Nobody makes us wait longer than the schedule ever does.
function pauseOf(retryAfter: string | undefined, now: Date): number {
  const text = retryAfter?.trim() ?? '';
  const ms = /^[0-9]+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), WAIT_MS_MAX);
}

/** True where a receiver said that it wants no more: nothing is sent to it until a person has something sent once more. */
export function isGone({ last }: Delivery): boolean {
  return last?.status === GONE;
}

/** Milliseconds until the next try of these, all for one receiver; 0: now, undefined: there are none. */
export function waitMsOf(deliveries: readonly Delivery[], now: Date): number | undefined {
  const pauseMs = Math.max(0, ...deliveries.map(({ pauseUntil }) => leftMs(pauseUntil, now)));
  const waits = deliveries.map(({ nextAt }) => Math.max(pauseMs, leftMs(nextAt, now)));
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Those of a receiver whose time has come, in the order of their events. */
export function dueOf(deliveries: readonly Delivery[], now: Date): readonly Delivery[] {
  const isPaused = deliveries.some(({ pauseUntil }) => leftMs(pauseUntil, now) > 0);
  return isPaused ? [] : deliveries.filter(({ nextAt }) => leftMs(nextAt, now) === 0);
}

// A time further away than any wait is that of a clock that was wrong: nobody waits for it.
function leftMs(at: string | null, now: Date): number {
  const ms = at === null ? 0 : Date.parse(at) - now.getTime();
  return ms > 0 && ms <= WAIT_MS_MAX ? ms : 0;
}
