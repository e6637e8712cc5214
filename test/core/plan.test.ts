import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { PLAN_CASES } from './cases.ts';
import { planLines } from './lines.ts';
import { ALL_ALLOWED, given } from './states.ts';

describe('what is planned for', () => {
  test.each(PLAN_CASES)('%s', (_, server, lines) => {
    expect(planLines(makePlan(given(server), ALL_ALLOWED))).toEqual(lines);
  });
});
