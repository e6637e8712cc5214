// What is kept of heartbeats: the last looks at each, in bounds.
import { expect, test } from 'vitest';
import { createBeatLog, type BeatLog } from '../../src/core/beat-log.ts';
import type { Heartbeat, Sample } from '../../src/model/heartbeat.ts';
import { beat, named } from './states.ts';

const pass = (latencyMs: number): Sample => ({ verdict: 'pass', latencyMs, identity: undefined });
const fail: Sample = {
  verdict: 'fail',
  latencyMs: 9,
  reason: 'answered 503, not 200',
  isGone: false,
};
const second = (seconds: number): Date => new Date(Date.UTC(2026, 10, 22, 14, 22, seconds));

interface Look {
  readonly product: string;
  readonly sample: Sample;
  readonly at?: number;
}

function looked(log: BeatLog, { product, sample, at = 0 }: Look): void {
  log.note({ product: named(product), heartbeat: beat, sample }, second(at));
}

test('a heartbeat is one track of its last sixty looks, in which a failure is a gap', () => {
  const log = createBeatLog();
  for (let at = 1; at <= 100; at++) looked(log, { product: 'web', sample: pass(at), at });
  looked(log, { product: 'web', sample: fail, at: 101 });
  const [track, ...others] = log.tracks();
  expect(others).toEqual([]);
  expect(track).toMatchObject({ product: 'web', sample: fail, at: second(101) });
  expect(track?.latenciesMs).toEqual([
    ...Array.from({ length: 59 }, (_, index) => index + 42),
    undefined,
  ]);
});

test('tracks are in order by product, one for each heartbeat of it', () => {
  const log = createBeatLog();
  const other: Heartbeat = { ...beat, probe: { kind: 'tcp', host: 'localhost', port: 80 } };
  looked(log, { product: 'web', sample: pass(1) });
  log.note({ product: named('db'), heartbeat: other, sample: fail }, second(1));
  looked(log, { product: 'db', sample: pass(2) });
  expect(log.tracks().map(({ product, sample }) => `${product} ${sample.verdict}`)).toEqual([
    'db pass',
    'db fail',
    'web pass',
  ]);
});

test('what is looked at no longer is forgotten, unless nothing is', () => {
  const log = createBeatLog();
  looked(log, { product: 'gone', sample: pass(1), at: 1 });
  looked(log, { product: 'web', sample: pass(1), at: 1 });
  log.forgetBefore(second(2));
  expect(log.tracks().length).toBe(2);
  looked(log, { product: 'web', sample: pass(1), at: 3 });
  log.forgetBefore(second(2));
  expect(log.tracks().map(({ product }) => product)).toEqual(['web']);
});
