// Where nothing is printed for ten seconds while something runs, a line says what; no such line comes at any other time.
import { afterEach, expect, test } from 'vitest';
import { plainPalette } from '../../src/core/render/palette.ts';
import type { Clock } from '../../src/host/host.ts';
import type { EventBody } from '../../src/model/event.ts';
import { runIdOf } from '../../src/model/ids.ts';
import { plainView } from '../../src/report/plain-view.ts';
import type { RunView } from '../../src/report/run-view.ts';
import { after, finished, happenings, planFor } from '../core/live-runs.ts';
import { at } from '../core/states.ts';

const STARTED: EventBody = { type: 'run.started', command: 'apply', root: '' };
const that = happenings(planFor({ products: { web: { version: '2', found: at('1') } } }));
const TEXT = { palette: plainPalette, verbose: false, width: undefined, isLive: false };

let view: RunView | undefined;
afterEach(async () => await view?.close());

test('ten seconds after the last line, and again ten seconds later', async () => {
  const run = begin();
  await run.wait(9.9);
  expect(run.printed()).toEqual([]);
  await run.wait(0.2);
  expect(run.printed()).toEqual(['still at it: Looking at the server, 10s']);
  run.tell(that.begins('web/upgrade'));
  await run.wait(5);
  run.tell(that.says('web/upgrade', 'Unpacking'));
  await run.wait(9);
  expect(run.printed().slice(1)).toEqual(['web/upgrade: started', 'web/upgrade | Unpacking']);
  await run.wait(20);
  expect(run.printed().slice(3)).toEqual([
    'still running: web/upgrade 15s (last said: "Unpacking")',
    'still running: web/upgrade 25s (last said: "Unpacking")',
  ]);
});

test('a word of anybody is a line too', async () => {
  const run = begin();
  await run.wait(9);
  view?.streams.err('SIGINT: nothing new is started\n');
  await run.wait(9);
  expect(run.printed()).toEqual(['SIGINT: nothing new is started']);
});

test('a run that has ended says nothing more, and keeps nothing waiting', async () => {
  const run = begin();
  run.tell(finished('changed', {}));
  expect(run.sleepers()).toBe(0);
  await run.wait(60);
  expect(run.printed()).toEqual([]);
});

test('the next run begins to be silent when it begins', async () => {
  const run = begin();
  run.tell(finished('changed', {}));
  await run.wait(60);
  run.tell(STARTED);
  await run.wait(9);
  expect(run.printed()).toEqual([]);
  await run.wait(2);
  expect(run.printed()).toHaveLength(1);
});

test('who is asked something is not disturbed', async () => {
  const run = begin();
  let answer: (() => void) | undefined;
  const asked = view?.aside(async () => await new Promise<void>((resolve) => (answer = resolve)));
  await run.wait(60);
  expect(run.printed()).toEqual([]);
  answer?.();
  await asked;
  await run.wait(11);
  expect(run.printed()).toHaveLength(1);
});

test('with -q there are no such lines', async () => {
  const run = begin({ quiet: true });
  await run.wait(60);
  expect(run.printed()).toEqual([]);
});

/** A run that has begun, shown to a pipe, on a clock that goes when it is told to. */
function begin({ quiet = false } = {}) {
  const { clock, wait, sleepers } = createHandClock();
  let printed = '';
  const print = (text: string): void => void (printed += text);
  const begun = plainView({ out: print, err: print }, { clock, text: { ...TEXT, quiet } });
  view = begun;
  let seq = 0;
  const tell = (body: EventBody): void =>
    begun.sink({ ...body, seq: (seq += 1), time: clock.now(), runId: runIdOf(after(0), 'abcdef') });
  tell(STARTED);
  return { tell, wait, sleepers, printed: () => printed.split('\n').slice(0, -1) };
}

/** A clock that stands still until somebody waits; who sleeps wakes on time. */
function createHandClock() {
  let nowMs = 0;
  const sleepers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => after(nowMs / 1000),
    monotonicMs: () => nowMs,
    sleep: async (ms, signal) =>
      await new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.set(wake, nowMs + ms);
        signal?.addEventListener('abort', wake);
      }),
  };
  const wait = async (seconds: number): Promise<void> => {
    const untilMs = nowMs + seconds * 1000;
    for (;;) {
      // Whoever was woken goes on first.
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...sleepers].toSorted(([, one], [, other]) => one - other);
      if (next === undefined || next[1] > untilMs) break;
      nowMs = next[1];
      next[0]();
    }
    nowMs = untilMs;
  };
  return { clock, wait, sleepers: () => sleepers.size };
}
