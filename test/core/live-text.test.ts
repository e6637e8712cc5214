// What is drawn of a run that goes on, and what a pipe is told of it now and then.
import { describe, expect, test } from 'vitest';
import type { LiveRun } from '../../src/core/live-run.ts';
import { columnsOf } from '../../src/core/render/columns.ts';
import { renderLive, renderSignOfLife } from '../../src/core/render/live-text.ts';
import { plainPalette, type Palette } from '../../src/core/render/palette.ts';
import { durationMs } from '../../src/model/duration.ts';
import { after, failing, finished, happenings, PASS, planFor, runIn } from './live-runs.ts';
import { at, beat } from './states.ts';

const steady = { ...beat, timing: { ...beat.timing, successes: 3 } };
const stable = { ...beat, timing: { ...beat.timing, stableMs: durationMs(5000) } };
const plan = planFor({
  products: {
    haproxy: { version: '2', found: at('1'), heartbeats: [beat] },
    store: { version: '2', found: at('1'), heartbeats: [steady] },
    'web-front-end': { version: '2', found: at('1'), heartbeats: [stable, beat] },
  },
});
const { planned, locked, goesBack, ...that } = happenings(plan);
const { begins, says, ends, fails, isSkipped, waits, sees } = that;
const INSTALLS = 'Unpacking haproxy (2.6.12-1+deb12u4) over (2.6.12-1+deb12u3) ...';

const upgrading = runIn(
  [1, planned],
  [2, begins('store/upgrade')],
  [4, begins('haproxy/upgrade')],
  [5, says('haproxy/upgrade', 'Selecting')],
  [6, says('haproxy/upgrade', INSTALLS)],
);

function linesAt(run: LiveRun, second: number, [columns, rows]: readonly [number, number]) {
  const style = { palette: plainPalette, columns, rows, now: after(second), spinner: '*' };
  return renderLive(run, style);
}

describe('on a terminal', () => {
  test.each<[string, LiveRun, readonly string[]]>([
    ['before the plan it says what it does', runIn(), ['* Looking at the server  00:42']],
    ['the lock is waited for', runIn([3, locked]), ['* Waiting for the lock  00:42']],
    [
      'each step that runs has a line, the oldest first, with the last line of its script',
      upgrading,
      [
        '* store/upgrade    00:40',
        '* haproxy/upgrade  00:38  Unpacking haproxy (2.6.12-1+deb12u4) over (2.6.12-1+…',
        '0 of 6 done, 2 running  00:42',
      ],
    ],
    [
      'what ended is counted, what failed by itself, and between steps the sum moves',
      runIn(
        [1, planned],
        [2, begins('store/upgrade')],
        [4, ends('store/upgrade')],
        [5, begins('haproxy/upgrade')],
        [6, fails('haproxy/upgrade')],
      ),
      ['* 1 of 6 done, 1 failed  00:42'],
    ],
    [
      'what is not begun any more is not to be done',
      runIn([1, planned], [2, isSkipped('haproxy/upgrade')]),
      ['* 0 of 5 done  00:42'],
    ],
    [
      'a heartbeat says why it fails',
      runIn(
        [1, planned],
        [2, waits('haproxy/verify')],
        [3, sees('haproxy/verify', failing('answered 503, not 200'))],
      ),
      ['* haproxy/verify  00:40  http: answered 503, not 200', '0 of 6 done, 1 running  00:42'],
    ],
    [
      'how many looks in a row have passed since the last one that failed',
      runIn(
        [1, planned],
        [2, waits('store/verify')],
        [3, sees('store/verify', PASS)],
        [3, sees('store/verify', failing('no'))],
        [4, sees('store/verify', PASS)],
        [5, sees('store/verify', { verdict: 'error', reason: 'no such program' })],
        [6, sees('store/verify', PASS)],
      ),
      ['* store/verify  00:40  http: 2 of 3 looks in a row', '0 of 6 done, 1 running  00:42'],
    ],
    [
      'a look that could not be made',
      runIn(
        [1, planned],
        [2, waits('store/verify')],
        [3, sees('store/verify', { verdict: 'error', reason: 'no such program' })],
      ),
      [
        '* store/verify  00:40  http: could not look: no such program',
        '0 of 6 done, 1 running  00:42',
      ],
    ],
    [
      'how long a heartbeat has to go on',
      runIn(
        [1, planned],
        [2, waits('web-front-end/verify')],
        [3, sees('web-front-end/verify', PASS, 0)],
        [4, sees('web-front-end/verify', PASS, 1)],
      ),
      [
        '* web-front-end/verify  00:40  1 of 2 pass; http: passes, has to stay so for 5s',
        '0 of 6 done, 1 running  00:42',
      ],
    ],
    [
      'of several heartbeats one that fails comes first',
      runIn(
        [1, planned],
        [2, waits('web-front-end/verify')],
        [3, sees('web-front-end/verify', PASS, 0)],
        [4, sees('web-front-end/verify', failing('refused'), 1)],
      ),
      [
        '* web-front-end/verify  00:40  0 of 2 pass; http: refused',
        '0 of 6 done, 1 running  00:42',
      ],
    ],
    [
      'the way back is counted by itself',
      runIn(
        [1, planned],
        [2, begins('store/upgrade')],
        [3, fails('store/upgrade')],
        [4, goesBack],
        [5, begins('store/upgrade')],
      ),
      ['* store/upgrade  00:37', 'Going back: 0 of 6 done, 1 running  00:42'],
    ],
    ['when it has ended nothing is left', runIn([1, planned], [2, finished('failed', {})]), []],
  ])('%s', (_, run, lines) => {
    expect(linesAt(run, 42, [80, 24])).toEqual(lines);
  });

  test.each<[columns: number, readonly string[]]>([
    [
      60,
      [
        '* store/upgrade    00:40',
        '* haproxy/upgrade  00:38  Unpacking haproxy (2.6.12-1+deb1…',
        '0 of 6 done, 2 running  00:42',
      ],
    ],
    [
      40,
      [
        '* store/upgrade    00:40',
        '* haproxy/upgrade  00:38',
        '  Unpacking haproxy (2.6.12-1+deb12u4)…',
        '0 of 6 done, 2 running  00:42',
      ],
    ],
    [
      20,
      ['* store/upg…  00:40', '* haproxy/u…  00:38', '  Unpacking haprox…', '0 of 6 done, 2 run…'],
    ],
  ])('%i columns wide', (columns, lines) => {
    expect(linesAt(upgrading, 42, [columns, 24])).toEqual(lines);
  });

  test('as many steps as a low terminal has room for, the others counted', () => {
    const many = planFor({
      products: Object.fromEntries(
        Array.from({ length: 12 }, (_, nth) => [`p${nth}`, { version: '2', found: at('1') }]),
      ),
    });
    const all = happenings(many);
    const run = runIn(
      [1, all.planned],
      ...many.actions.map(({ id }, nth) => [2 + nth, all.begins(id)] as const),
    );
    const seen = [40, 24, 10, 7, 5, 4, 2, 1].map((rows) => linesAt(run, 42, [80, rows]));
    expect(seen.map((lines) => lines.length)).toEqual([10, 10, 8, 5, 3, 2, 1, 0]);
    expect(seen[3]).toEqual([
      '* p0/upgrade   00:40',
      '* p1/upgrade   00:39',
      '* p10/upgrade  00:38',
      '… and 9 more running',
      '0 of 12 done, 12 running  00:42',
    ]);
  });

  test('hours have their place, and a clock that was set back shows no time at all', () => {
    expect(linesAt(upgrading, 3723, [80, 24]).at(-1)).toBe('0 of 6 done, 2 running  1:02:03');
    expect(linesAt(upgrading, -60, [80, 24]).at(-1)).toBe('0 of 6 done, 2 running  00:00');
  });

  test('nothing in what is said reaches the terminal but letters, and no line is as wide', () => {
    const evil =
      '\u001b[31mred\u001b[2J\rover\b\u0007\u009b1A\u202ekcab\u2066\ttab\u2028 日本語 e\u0301🚀\ufe0f';
    const run = runIn(
      [1, planned],
      [2, begins('store/upgrade')],
      [2, waits('haproxy/verify')],
      [3, says('store/upgrade', evil.repeat(9))],
      [3, sees('haproxy/verify', failing(evil.repeat(9)))],
    );
    for (let columns = 20; columns <= 200; columns += 1) {
      const lines = linesAt(run, 42, [columns, 24]);
      expect(
        lines.filter((line) => /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028]/u.test(line)),
      ).toEqual([]);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThan(columns);
    }
    expect(linesAt(run, 42, [120, 24])[0]).toContain(
      String.raw`\x1b[31mred\x1b[2J\x0dover\x08\x07\x9b1A\u202ekcab\u2066 tab`,
    );
  });

  test('colours go around what was cut, and are closed', () => {
    const bracket = (text: string): string => `<${text}>`;
    const marks = Object.keys(plainPalette).map((name) => [name, bracket] as const);
    const palette = Object.fromEntries(marks) as unknown as Palette;
    const style = { palette, columns: 40, rows: 24, now: after(42), spinner: '*' };
    expect(renderLive(upgrading, style)).toEqual([
      '<*> store/upgrade    <00:40>',
      '<*> haproxy/upgrade  <00:38>',
      '  <Unpacking haproxy (2.6.12-1+deb12u4)…>',
      '<0 of 6 done, 2 running  00:42>',
    ]);
  });
});

describe('to a pipe', () => {
  test.each<[string, LiveRun, string]>([
    ['before the plan', runIn(), 'still at it: Looking at the server, 42s'],
    ['the lock', runIn([1, locked]), 'still at it: Waiting for the lock, 42s'],
    [
      'scripts, and what they said last',
      upgrading,
      'still running: store/upgrade 40s, haproxy/upgrade 38s (last said: "Unpacking haproxy (2.6.12-1+deb12u4) over (2.6.12-1+deb12u3…")',
    ],
    [
      'heartbeats',
      runIn(
        [1, planned],
        [2, waits('store/verify')],
        [3, sees('store/verify', failing('answered 503,\r not 200'))],
      ),
      String.raw`still running: store/verify 40s (http: answered 503,\x0d not 200)`,
    ],
    ['nothing but the end', runIn([1, planned]), 'still at it: 0 of 6 done, 42s'],
    ['a run that has ended', runIn([1, finished('failed', {})]), ''],
  ])('%s', (_, run, line) => {
    expect(renderSignOfLife(run, after(42))).toBe(line);
  });
});
