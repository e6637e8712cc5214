// The loop of watch: what happens in which order decides what is looked at; nothing is lost, and never two looks at a time.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LOOP_BEGIN,
  stepLoop,
  type Due,
  type LoopDeed,
  type LoopEvent,
  type LoopState,
} from '../../src/core/loop.ts';

const INTERVAL: Due = { inMs: 300_000, reason: 'interval' };
const ended: LoopEvent = { type: 'ended', next: INTERVAL };
const stop: LoopEvent = { type: 'stop' };
const look = (
  reason: Extract<LoopEvent, { readonly type: 'look' }>['reason'],
  { isNewer = false } = {},
): LoopEvent => ({ type: 'look', reason, isNewer });

interface Case {
  readonly name: string;
  readonly events: readonly LoopEvent[];
  readonly deeds: readonly string[];
  readonly at: LoopState['at'];
}

const cases: readonly Case[] = [
  { name: 'a start is a look', events: [look('start')], deeds: ['look start'], at: 'looking' },
  {
    name: 'after a look it rests until the next one is due',
    events: [look('start'), ended, look('interval'), ended],
    deeds: ['look start', 'rest interval', 'look interval', 'rest interval'],
    at: 'rest',
  },
  {
    name: 'what happens during a look is looked at right after it, once',
    events: [look('start'), look('change'), look('change'), look('interval'), ended, ended],
    deeds: ['look start', 'look change', 'rest interval'],
    at: 'rest',
  },
  {
    name: 'a person is not forgotten over a tick',
    events: [look('start'), look('asked'), look('interval'), ended],
    deeds: ['look start', 'look asked'],
    at: 'looking',
  },
  {
    name: 'a person is above a program that knows of a change',
    events: [look('start'), look('asked'), look('hook'), ended],
    deeds: ['look start', 'look asked'],
    at: 'looking',
  },
  {
    name: 'a newer desired state cuts waits short, once a look',
    events: [
      look('start'),
      look('change', { isNewer: true }),
      look('change', { isNewer: true }),
      ended,
      look('change', { isNewer: true }),
    ],
    deeds: ['look start', 'cut-short', 'look change', 'cut-short'],
    at: 'looking',
  },
  {
    name: 'one that cannot be used cuts nothing short',
    events: [look('start'), look('change')],
    deeds: ['look start'],
    at: 'looking',
  },
  { name: 'told to stop while it rests, it ends', events: [stop], deeds: [], at: 'end' },
  {
    name: 'told to stop during a look, it ends after it, whatever is pending',
    events: [look('start'), look('change'), stop, look('asked'), ended],
    deeds: ['look start'],
    at: 'end',
  },
  { name: 'what has ended stays so', events: [stop, look('asked'), stop], deeds: [], at: 'end' },
];

describe('the loop', () => {
  test.each(cases)('$name', ({ events, deeds, at }) => {
    const walked = walk(events);
    expect({ deeds: walked.deeds.map(shown), at: walked.state.at }).toEqual({ deeds, at });
  });

  test('never takes two looks at a time, nor forgets a change', () => {
    const anything = fc.array(
      fc.oneof(
        fc
          .record({
            reason: fc.constantFrom('change' as const, 'asked' as const, 'interval' as const),
            isNewer: fc.boolean(),
          })
          .map(({ reason, isNewer }) => look(reason, { isNewer })),
        fc.constant('ended' as const),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(anything, (happenings) => {
        let state = LOOP_BEGIN;
        let isLooking = false;
        let isChanged = false;
        const happen = (event: LoopEvent): void => {
          const step = stepLoop(state, event);
          state = step.state;
          for (const deed of step.deeds) {
            if (deed.do !== 'look') continue;
            expect(isLooking).toBe(false);
            isLooking = true;
            isChanged = false;
          }
        };
        for (const each of happenings) {
          if (each !== 'ended') {
            isChanged = true;
            happen(each);
          } else if (isLooking) {
            isLooking = false;
            happen(ended);
          }
        }
        // Whatever happened last is looked at, or will be when the look under way is over.
        if (isLooking) {
          isLooking = false;
          happen(ended);
        }
        expect(isChanged).toBe(false);
      }),
    );
  });
});

function walk(events: readonly LoopEvent[]): {
  readonly state: LoopState;
  readonly deeds: readonly LoopDeed[];
} {
  let state = LOOP_BEGIN;
  const deeds: LoopDeed[] = [];
  for (const event of events) {
    const step = stepLoop(state, event);
    state = step.state;
    deeds.push(...step.deeds);
  }
  return { state, deeds };
}

function shown(deed: LoopDeed): string {
  switch (deed.do) {
    case 'look':
      return `look ${deed.reason}`;
    case 'rest':
      return `rest ${deed.until.reason}`;
    case 'cut-short':
      return 'cut-short';
  }
}
