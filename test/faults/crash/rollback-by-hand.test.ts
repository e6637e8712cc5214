// kill -9 anywhere in `bootstrap rollback`: once more it comes to its end, and the present files are in quarantine.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { World } from '../../rig/world.ts';
import { lostAcknowledged, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, type Ended, type Engine } from './engine.ts';
import { callsIn, chosen, failpointsIn, killAtEach, type Matrix, type Struck } from './matrix.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';
import { lostGenerations, notAsOn, quarantined } from './way-back.ts';

const SAMPLE = 6;
const FAILPOINTS_MIN = 80;
const CALLS_MIN = 400;
const TEST_MS_MAX = 3_600_000;
const APPLY = ['apply', '--yes', '--format', 'json'];
const BACK = ['rollback', '1', '--yes', '--format', 'json'];
const GOOD: Wish = { version: 1, mode: 'production', onFailure: 'rollback' };
const PRODUCTS = ['db', 'app', 'lone'];

let engine: Engine;
let good: World;
let base: World;
let matrix: Matrix<'rollback'>;

beforeAll(async () => {
  engine = await buildEngine();
  good = newServer(GOOD);
  const first = await engine.start({ root: good.root, args: APPLY }).ended;
  expect(first, first.stdout).toMatchObject({ exitCode: 0 });
  const newer = copyOf(good);
  newer.put({ 'desired-state.yaml': desiredState({ ...GOOD, version: 2, lone: 1 }) });
  const second = await engine.start({ root: newer.root, args: APPLY }).ended;
  expect(second, second.stdout).toMatchObject({ exitCode: 0 });
  base = freshCopyOf(newer);
  newer.end();
  const serverOf = (): World => copyOf(base);
  matrix = { engine, serverOf, argsOf: () => BACK, faultsAfter };
});
afterAll(async () => {
  for (const server of [good, base]) server.end();
  await engine.end();
});

test('goes back after a kill at any failpoint', { timeout: TEST_MS_MAX }, async () => {
  const all = await failpointsIn(matrix, ['rollback']);
  const cases = chosen(all, SAMPLE);
  const { faults } = await killAtEach(matrix, cases, 'a failpoint of bootstrap rollback');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(FAILPOINTS_MIN);
});

test('goes back after a kill at any system call', { timeout: TEST_MS_MAX }, async () => {
  const all = await callsIn(matrix, ['rollback']);
  const cases = chosen(all, SAMPLE);
  const { faults, killed } = await killAtEach(matrix, cases, 'a system call of bootstrap rollback');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(CALLS_MIN);
  expect(killed).toBeGreaterThanOrEqual(cases.length * 0.9);
});

/** The same command once more; then the file that was gone back from is not applied again. */
async function faultsAfter(
  killed: Ended,
  { server }: Struck<'rollback'>,
): Promise<readonly string[]> {
  const { root } = server;
  const faults = [
    ...unreadableState(root),
    ...lostAcknowledged(root, killed.stdout),
    ...lostGenerations(base, server),
  ];
  const back = await engine.start({ root, args: BACK }).ended;
  if (back.exitCode !== 0) faults.push(`rollback: ${back.exitCode} ${back.stdout.slice(-700)}`);
  faults.push(...notAsOn(good, server, PRODUCTS));
  const mode = server.text('var/bootstrap/server-mode')?.trim();
  if (mode !== 'production') faults.push(`server-mode is ${mode}`);
  const held = quarantined(server).join(' ');
  if (held !== 'app db') faults.push(`in quarantine: ${held}`);
  const before = scriptLines(server.text('log')).length;
  const { exitCode, stdout } = await engine.start({ root, args: APPLY }).ended;
  if (exitCode !== 6) faults.push(`the next apply: ${exitCode} ${stdout.slice(-700)}`);
  const lines = scriptLines(server.text('log'));
  if (lines.length > before) faults.push('the next apply ran a script');
  return [
    ...faults,
    ...unreadableState(root),
    ...lostGenerations(base, server),
    ...unlawfulRuns(root, lines),
  ];
}
