import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { PLAN_CASES, SELECTION_CASES } from './cases.ts';
import { planLines } from './lines.ts';
import { ALL_ALLOWED, given, selecting } from './states.ts';

describe('what is planned for', () => {
  test.each(PLAN_CASES)('%s', (_, server, lines) => {
    expect(planLines(makePlan(given(server), ALL_ALLOWED))).toEqual(lines);
  });
});

describe('what is planned of a selection', () => {
  test.each(SELECTION_CASES)('%s', (_, server, selection, lines) => {
    const choices = { ...ALL_ALLOWED, selection: selecting(selection) };
    expect(planLines(makePlan(given(server), choices))).toEqual(lines);
  });
});
