// When an event is sent to a receiver: at once, then ever later, and in the end no more; what the receiver asks for counts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dueOf,
  fateOf,
  isGone,
  newDelivery,
  waitMsOf,
  type TryEnd,
} from '../../src/core/delivery.ts';
import type { CallbackEvent, Delivery } from '../../src/model/callback.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const RECEIVER = { url: 'https://ops.example/', format: 'cloudevents', secrets: [] } as const;
const fresh = newDelivery({ id: 'R.1' } as CallbackEvent, RECEIVER, NOW);
const never = (): number => 0;
const REFUSED: TryEnd = { kind: 'none', why: 'connection refused' };
const answers = (status: number, retryAfter?: string): TryEnd => ({
  kind: 'answer',
  status,
  retryAfter,
});
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

test('the schedule is that of Standard Webhooks, with up to a tenth more by chance', () => {
  const waits = (random: () => number): readonly number[] => {
    let delivery: Delivery = fresh;
    const found: number[] = [];
    for (;;) {
      const { fate, delivery: next } = fateOf(delivery, REFUSED, { now: NOW, random });
      if (fate !== 'waits') return found;
      found.push(Date.parse(next.nextAt) - NOW.getTime());
      delivery = next;
    }
  };
  const minutes = [5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440];
  expect(waits(never)).toEqual(minutes.map((each) => each * 60_000));
  expect(waits(() => 1)).toEqual(minutes.map((each) => Math.round(each * 66_000)));
});

describe('an answer', () => {
  test.each<[string, TryEnd, string]>([
    ['200', answers(200), 'delivered'],
    ['204', answers(204), 'delivered'],
    ['299', answers(299), 'delivered'],
    ['301', answers(301), 'waits, next'],
    ['307', answers(307), 'waits, next'],
    ['400', answers(400), 'waits, next'],
    ['404', answers(404), 'waits, next'],
    ['410', answers(410), 'given-up'],
    ['429', answers(429), 'waits'],
    ['500', answers(500), 'waits'],
    ['503', answers(503), 'waits'],
    ['none', REFUSED, 'waits'],
  ])('%s', (_, end, expected) => {
    const { fate, endsTurn } = fateOf(fresh, end, { now: NOW, random: never });
    expect(fate === 'waits' && !endsTurn ? 'waits, next' : fate).toBe(expected);
  });

  test('410 is remembered: the receiver wants no more', () => {
    expect(isGone(fateOf(fresh, answers(410), { now: NOW, random: never }).delivery)).toBe(true);
    expect(isGone(fateOf(fresh, answers(404), { now: NOW, random: never }).delivery)).toBe(false);
    expect(isGone(fresh)).toBe(false);
  });

  test.each([
    ['429 in seconds', answers(429, '120'), 120_000],
    ['503 as a date', answers(503, 'Sun, 22 Nov 2026 12:10:00 GMT'), 600_000],
    ['502, shorter than the schedule', answers(502, '1'), 5_000],
    ['504, in the past', answers(504, 'Sun, 22 Nov 2026 11:00:00 GMT'), 5_000],
    ['429, no time at all', answers(429, 'soon'), 5_000],
    ['429, for ever', answers(429, '99999999999'), 26.4 * 3_600_000],
    ['500, which is not asked for a pause', answers(500, '120'), 5_000],
  ])('with Retry-After: %s', (_, end, expectedMs) => {
    const { delivery } = fateOf(fresh, end, { now: NOW, random: never });
    expect(Date.parse(delivery.nextAt) - NOW.getTime()).toBe(expectedMs);
  });
});

describe('what is due', () => {
  const { delivery: busy } = fateOf(fresh, answers(429, '120'), { now: NOW, random: never });
  const { delivery: failed } = fateOf(fresh, REFUSED, { now: NOW, random: never });

  test('is what is new, and what failed once its time has come', () => {
    expect(dueOf([failed, fresh], NOW)).toEqual([fresh]);
    expect(waitMsOf([failed], NOW)).toBe(5_000);
    expect(dueOf([failed, fresh], after(5_000))).toEqual([failed, fresh]);
    expect(waitMsOf([failed, fresh], NOW)).toBe(0);
    expect(waitMsOf([], NOW)).toBeUndefined();
  });

  test('is nothing of a receiver that asked for a pause, for as long as that is', () => {
    expect(dueOf([busy, fresh], after(119_999))).toEqual([]);
    expect(waitMsOf([busy, fresh], after(60_000))).toBe(60_000);
    expect(dueOf([busy, fresh], after(120_000))).toEqual([busy, fresh]);
  });

  test('is all of it where the clock was ahead and has been set back', () => {
    const ahead = { ...failed, nextAt: after(40 * 86_400_000).toISOString() };
    expect(dueOf([ahead], NOW)).toEqual([ahead]);
    expect(waitMsOf([ahead], NOW)).toBe(0);
  });
});

test('whatever is answered, a delivery ends: delivered, or given up after ten tries', () => {
  const end = fc.oneof(
    fc.constant(REFUSED),
    fc.record({
      kind: fc.constant('answer' as const),
      status: fc.integer({ min: 100, max: 599 }),
      retryAfter: fc.option(fc.string(), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(end, { minLength: 10, maxLength: 10 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (ends, chance) => {
        let delivery: Delivery = fresh;
        let now = NOW;
        for (const [index, each] of ends.entries()) {
          const moment = { now, random: () => chance };
          const { fate, delivery: next } = fateOf(delivery, each, moment);
          expect(next.tries).toBe(index + 1);
          if (fate !== 'waits') return;
          const waitMs = waitMsOf([next], now) ?? Number.NaN;
          expect(waitMs).toBeGreaterThan(0);
          expect(waitMs).toBeLessThanOrEqual(26.4 * 3_600_000);
          now = new Date(now.getTime() + waitMs);
          expect(dueOf([next], now)).toEqual([next]);
          delivery = next;
        }
        expect.unreachable('it was tried ten times');
      },
    ),
  );
});
