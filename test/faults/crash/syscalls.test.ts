// kill -9 at the entry of system calls of an apply of three products. The control does the same steps with plain writes and no
// journal, and must go wrong.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { World } from '../../rig/world.ts';
import { lostAcknowledged, unlawfulRuns, unreadableState } from './aftermath.ts';
import {
  isTelling,
  ONE_THREAD as env,
  pointsAfter,
  tracing,
  wasKilled,
  type Point,
} from './calls.ts';
import { buildEngine, each, IS_FULL, sampleOf, type Engine } from './engine.ts';
import { naiveFaults, startNaive } from './naive.ts';
import { scriptLines } from './script-log.ts';
import { freshCopyOf, desiredState, newServer } from './server.ts';

const POINTS_MIN = 500;
const SAMPLE = 12;
const NAIVE_SAMPLE = 12;
const TEST_MS_MAX = 1_500_000;
const APPLY = ['apply', '--yes', '--format', 'json'];

let engine: Engine;
let base: World;
beforeAll(async () => {
  engine = await buildEngine();
  base = newServer({ version: 1, mode: 'production' });
  const first = await engine.start({ root: base.root, args: APPLY }).ended;
  expect(first.exitCode).toBe(0);
});
afterAll(async () => {
  base.end();
  await engine.end();
});

test('killed at any system call, the next apply goes on', { timeout: TEST_MS_MAX }, async () => {
  const server = upgrading();
  const whole = await engine.start({
    root: server.root,
    args: APPLY,
    env,
    through: tracing(server),
  }).ended;
  expect(whole.exitCode, whole.stderr).toBe(0);
  const all = pointsAfter(server, 'run/bootstrap');
  server.end();
  const points = IS_FULL ? all : sampleOf(all.filter(isTelling), SAMPLE);
  const startMs = performance.now();
  const ends = await each(points, killAt);
  const killed = ends.filter(({ isKilled }) => isKilled).length;
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const faults = ends.flatMap((end) => end.faults);
  console.log(
    `| kill -9 at a system call | ${points.length} of ${all.length} points, ${killed} killed | ${seconds} s | ${faults.length} faults |`,
  );
  expect(faults.toSorted()).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(POINTS_MIN);
  expect(killed).toBeGreaterThanOrEqual(points.length * 0.9);
});

test('the control loses or repeats what it had done', { timeout: TEST_MS_MAX }, async () => {
  const server = newServer({ version: 1, mode: 'production' });
  await startNaive(server, tracing(server)).ended;
  const all = pointsAfter(server, 'var/bootstrap');
  server.end();
  const points = IS_FULL ? all : sampleOf(all, NAIVE_SAMPLE);
  const faults = (await each(points, killNaive)).flat();
  console.log(
    `| the control | ${points.length} of ${all.length} points | ${faults.length} faults |`,
  );
  expect(faults.length).toBeGreaterThan(0);
});

function upgrading(): World {
  const server = freshCopyOf(base);
  server.put({ 'desired-state.yaml': desiredState({ version: 2, mode: 'production' }) });
  return server;
}

async function killAt(point: Point) {
  const { call, count } = point;
  const server = upgrading();
  const { root } = server;
  const through = tracing(server, point);
  const killed = await engine.start({ root, args: APPLY, env, through }).ended;
  const isKilled = wasKilled(server);
  const faults = [...unreadableState(root), ...lostAcknowledged(root, killed.stdout)];
  const next = await engine.start({ root, args: APPLY }).ended;
  if (next.exitCode !== 0)
    faults.push(`the next apply: ${next.exitCode} ${next.stdout.slice(-700)}`);
  const lines = scriptLines(server.text('log'));
  faults.push(...unlawfulRuns(root, lines), ...unreadableState(root));
  const third = await engine.start({ root, args: ['apply'] }).ended;
  if (third.exitCode !== 0 || !third.stdout.startsWith('No changes.'))
    faults.push(`the third apply: ${third.exitCode} ${third.stdout.slice(-700)}`);
  if (scriptLines(server.text('log')).length > lines.length) faults.push('the third ran a script');
  server.end();
  return {
    isKilled,
    faults: faults.map((fault) => `${call} ${count}: ${fault.replaceAll(root, '')}`),
  };
}

async function killNaive(point: Point): Promise<readonly string[]> {
  const server = newServer({ version: 1, mode: 'production' });
  const killed = await startNaive(server, tracing(server, point)).ended;
  const lost = naiveFaults(server, killed.stdout);
  await startNaive(server, []).ended;
  const calls = scriptLines(server.text('log')).filter(({ what }) => what === 'end');
  const again = calls.filter(({ call: each, runId }, index) =>
    calls.slice(0, index).some((earlier) => earlier.call === each && earlier.runId !== runId),
  );
  server.end();
  return [...lost, ...again.map((each) => `run again: ${each.call}`)];
}
