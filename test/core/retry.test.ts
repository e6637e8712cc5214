// When watch tries again what failed: soon and ever later where it may pass by itself, not at all where a person is needed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfter, triesOf, waitBeforeTry, WATCH_RETRY } from '../../src/core/retry.ts';
import { retryDelayMs } from '../../src/core/retry-delay.ts';
import type { Failure } from '../../src/model/failure.ts';
import { actionId, type HostPath, type ProductName } from '../../src/model/ids.ts';
import type { Retry } from '../../src/model/retry.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const latest = (): number => 1;

const failing = (product: string): Failure => ({
  code: 'script-failed',
  action: actionId(product, 'upgrade'),
  product: product as ProductName,
  path: '/etc/bootstrap/upgrade' as HostPath,
  end: { how: 'exit', exitCode: 1 },
  tail: [],
  wasFailing: false,
});
const LEFT_INVALID: Failure = { code: 'left-invalid', causes: [] };
const INTERRUPTED: Failure = { code: 'interrupted', signal: 'SIGTERM' };
const CIRCLE: Failure = { code: 'not-converged', remaining: [] };

function after(...tries: readonly (readonly Failure[])[]): Retry | undefined {
  let retry: Retry | undefined;
  for (const failures of tries)
    retry = retryAfter(retry, { digest: 'a', failures, now: NOW, random: latest });
  return retry;
}

describe('what is tried again', () => {
  test('nothing after success, however often it failed before', () => {
    expect(after([failing('web')], [failing('web')], [])).toBeUndefined();
  });

  test('the same action later and later', () => {
    const first = after([failing('web')]);
    expect(first?.attempts).toEqual({ 'web/upgrade': 1 });
    expect(first?.nextAt).toBe('2026-11-22T12:00:05.000Z');
    expect(after([failing('web')], [failing('web')])?.nextAt).toBe('2026-11-22T12:00:10.000Z');
  });

  test('another action from the beginning', () => {
    const retry = after([failing('web')], [failing('web')], [failing('db')]);
    expect(retry?.attempts).toEqual({ 'db/upgrade': 1 });
  });

  test('another desired state from the beginning, and at once', () => {
    const before = after([failing('web')], [failing('web')]);
    expect(waitBeforeTry(before, { digest: 'b', now: NOW })).toBe(0);
    const next = retryAfter(before, {
      digest: 'b',
      failures: [failing('web')],
      now: NOW,
      random: latest,
    });
    expect(next && triesOf(next)).toBe(1);
  });

  test('never what left the server invalid, until the desired state changes', () => {
    const retry = after([LEFT_INVALID, failing('web')]);
    expect(retry?.nextAt).toBeNull();
    expect(waitBeforeTry(retry, { digest: 'a', now: NOW })).toBeUndefined();
    expect(waitBeforeTry(retry, { digest: 'b', now: NOW })).toBe(0);
  });

  test('what goes round in a circle three times, then no more', () => {
    expect(after([CIRCLE], [CIRCLE])?.nextAt).not.toBeNull();
    expect(after([CIRCLE], [CIRCLE], [CIRCLE])?.nextAt).toBeNull();
  });

  test('as before where it was no try at all', () => {
    expect(after([failing('web')], [INTERRUPTED])).toEqual(after([failing('web')]));
    expect(after([INTERRUPTED])).toBeUndefined();
  });

  test('at once where the clock was set back by more than any wait: its end would never come', () => {
    const retry = after([failing('web')]);
    const dayBefore = new Date(NOW.getTime() - 86_400_000);
    expect(waitBeforeTry(retry, { digest: 'a', now: dayBefore })).toBe(0);
  });
});

test('the waits between tries double, are at least half by certainty, and stay below the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const { baseMs, capMs } = WATCH_RETRY;
        const whole = Math.min(capMs, baseMs * 2 ** (attempt - 1));
        const delay = retryDelayMs(attempt, WATCH_RETRY, () => chance);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(whole / 2));
        expect(delay).toBeLessThanOrEqual(whole);
      },
    ),
  );
});
