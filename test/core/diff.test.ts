import { describe, expect, test } from 'vitest';
import { diff } from '../../src/core/plan.ts';
import { DIFF_CASES } from './cases.ts';
import { changeLine } from './lines.ts';
import { given } from './states.ts';

describe('what differs on', () => {
  test.each(DIFF_CASES)('%s', (_, server, changes) => {
    expect(diff(given(server)).map(changeLine)).toEqual(changes);
  });
});
