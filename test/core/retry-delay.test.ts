import { expect, test } from 'vitest';
import { retryDelayMs } from '../../src/core/retry-delay.ts';
import { durationMs } from '../../src/model/duration.ts';

const policy = { baseMs: durationMs(10_000), capMs: durationMs(300_000) };

test.each<[attempt: number, shortest: number, longest: number]>([
  [1, 5_000, 10_000],
  [2, 10_000, 20_000],
  [3, 20_000, 40_000],
  [5, 80_000, 160_000],
  [6, 150_000, 300_000],
  [7, 150_000, 300_000],
  [5000, 150_000, 300_000],
])('before retry %d: from %d to %d ms', (attempt, shortest, longest) => {
  expect(retryDelayMs(attempt, policy, () => 0)).toBe(shortest);
  expect(retryDelayMs(attempt, policy, () => 0.5)).toBe((shortest + longest) / 2);
  expect(retryDelayMs(attempt, policy, () => 1)).toBe(longest);
});

test('a pause is a whole number of milliseconds', () => {
  expect(retryDelayMs(1, { ...policy, baseMs: durationMs(1) }, () => 0.3)).toBe(1);
});
