import {
  CALLBACK_FORMAT,
  type CallbackData,
  type CallbackEvent,
  type CallbackKind,
  type CallbackRecord,
  type ProductVerdict,
} from '../model/callback.ts';
import type { Verdict } from '../model/event.ts';
import type { CallbackTarget } from '../model/state.ts';
import type { FailureNote } from '../model/journal.ts';
import { standingKey, transitionOf } from './callback-transitions.ts';
import type { RunStory } from './run-story.ts';

/** What tells this server from others in its messages. */
export interface Teller {
  /** CloudEvents `source`. */
  readonly source: string;
  readonly host: string;
}

/** What receivers were told so far. */
export type KnownSoFar = Pick<CallbackRecord, 'sequence' | 'standing'>;

/** What is to be told, and what is known then. */
export interface Told {
  readonly events: readonly CallbackEvent[];
  readonly after: KnownSoFar;
}

/** The events of a run, given what receivers know: of the same run after the same things the same events, so that they can be made anew after a crash. */
export function eventsOf(before: KnownSoFar, story: RunStory, teller: Teller): Told {
  const { kinds, after } = transitionOf(before.standing, story);
  const events = kinds.map((kind, index) =>
    eventOf(kind, { story, teller, before, number: before.sequence + index + 1 }),
  );
  const sequence = before.sequence + events.length;
  const { standing } = before;
  switch (after) {
    case 'as-before':
      return { events, after: { sequence, standing } };
    case 'well':
      return { events, after: { sequence, standing: null } };
    case 'not-well': {
      const { runId, revision, end } = story;
      const key = end === undefined ? '' : standingKey(story, end);
      return {
        events,
        after: { sequence, standing: { key, revision, eventId: eventId(runId, END) } },
      };
    }
  }
}

/** Who of the receivers is to have an event of these: the old tool's GET knows of ends only, and of one of each run. */
export function receiversOf(
  event: CallbackEvent,
  {
    events,
    receivers,
  }: { readonly events: readonly CallbackEvent[]; readonly receivers: readonly CallbackTarget[] },
): readonly CallbackTarget[] {
  const place = placeIn(event);
  const isOneEnd = place === END || (place > END && !events.some((each) => placeIn(each) === END));
  return receivers.filter(({ format }) => format === 'cloudevents' || isOneEnd);
}

function placeIn({ id }: CallbackEvent): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}

const END = 2;

// Its place in the run, whatever else is told of it.
const PLACE: { readonly [K in CallbackKind]: number } = {
  started: 1,
  succeeded: END,
  failed: END,
  rolledback: END,
  interrupted: END,
  recovered: 3,
};

// Not ours to choose (CONTRACT 8), and free of what anybody else could have written: Standard Webhooks asks for that where an id holds a dot.
function eventId(runId: string, place: number): string {
  return `${runId}.${place}`;
}

interface Telling {
  readonly story: RunStory;
  readonly teller: Teller;
  readonly before: KnownSoFar;
  readonly number: number;
}

const SEQUENCE_DIGITS = 10;

function eventOf(kind: CallbackKind, { story, teller, before, number }: Telling): CallbackEvent {
  const { runId, startedAt, end } = story;
  const whole = {
    specversion: '1.0',
    id: eventId(runId, PLACE[kind]),
    source: teller.source,
    type: `io.bootstrap.apply.${kind}.v1`,
    time: kind === 'started' ? startedAt : (end?.at ?? startedAt),
    datacontenttype: 'application/json',
    sequence: String(number).padStart(SEQUENCE_DIGITS, '0'),
    sequencetype: 'Integer',
    data: dataOf(kind, story, {
      host: teller.host,
      recovers: kind === 'recovered' ? (before.standing?.eventId ?? null) : null,
    }),
  } as const;
  return fitted(whole);
}

function dataOf(
  kind: CallbackKind,
  { runId, command, revision, startedAt, products, end }: RunStory,
  { host, recovers }: Pick<CallbackData, 'host' | 'recovers'>,
): CallbackData {
  // As it was at that time: a start that is told after the end knows nothing of the end.
  const isStart = kind === 'started';
  return {
    schema: CALLBACK_FORMAT,
    host,
    runId,
    command,
    revision,
    outcome: isStart ? null : (end?.outcome ?? null),
    exitCode: isStart ? null : (end?.exitCode ?? null),
    startedAt,
    products: isStart
      ? products.map(({ name }) => ({ name, verdict: null }))
      : worstFirst(products),
    productsOmitted: 0,
    failures: isStart ? [] : (end?.failures ?? []),
    failuresOmitted: 0,
    recovers,
  };
}

const GOOD: ReadonlySet<Verdict | null> = new Set(['succeeded', 'skipped', null]);

// What is left out for want of room is then what went well.
function worstFirst(products: readonly ProductVerdict[]): readonly ProductVerdict[] {
  const rank = ({ verdict }: ProductVerdict): number => (GOOD.has(verdict) ? 1 : 0);
  return products.toSorted((a, b) => rank(a) - rank(b));
}

/** Standard Webhooks: "usually smaller than 20kb". */
const EVENT_BYTES_MAX = 20_000;

// What a message may hold, from more to less; the last fits whatever stands in it.
const ROOMS: readonly Room[] = [
  { products: 100, failures: 20, detailLines: 20, textLength: 500 },
  { products: 50, failures: 10, detailLines: 10, textLength: 300 },
  { products: 20, failures: 5, detailLines: 5, textLength: 200 },
  { products: 10, failures: 3, detailLines: 0, textLength: 200 },
  { products: 0, failures: 1, detailLines: 0, textLength: 100 },
];

interface Room {
  readonly products: number;
  readonly failures: number;
  /** The last ones, of each failure. */
  readonly detailLines: number;
  /** Of a summary or a line. */
  readonly textLength: number;
}

function fitted(event: CallbackEvent): CallbackEvent {
  const encoder = new TextEncoder();
  let smaller = event;
  for (const room of ROOMS) {
    smaller = { ...event, data: cut(event.data, room) };
    if (encoder.encode(JSON.stringify(smaller)).length < EVENT_BYTES_MAX) break;
  }
  return smaller;
}

function cut(data: CallbackData, room: Room): CallbackData {
  const products = data.products.slice(0, room.products);
  const failures = data.failures.slice(0, room.failures).map((note) => cutNote(note, room));
  return {
    ...data,
    products,
    productsOmitted: data.products.length - products.length,
    failures,
    failuresOmitted: data.failures.length - failures.length,
  };
}

function cutNote({ code, products = [], summary, detail }: FailureNote, room: Room): FailureNote {
  const { detailLines, textLength } = room;
  return {
    code,
    products: products.slice(0, room.products),
    summary: cutText(summary, textLength),
    // The end of what a script printed says why.
    detail: detail.slice(detail.length - detailLines).map((line) => cutText(line, textLength)),
  };
}

function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  // Half a character is none.
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
