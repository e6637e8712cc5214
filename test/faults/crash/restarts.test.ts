// kill -9 at each failpoint of a restart: no restart is run that was not counted, none that was cut short is forgotten, and a
// product that stays dead is not restarted before its time, whatever became of the engine.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRestarts } from '../../../src/app/restarts.ts';
import type { FailpointName } from '../../../src/host/failpoint.ts';
import { createFiles } from '../../../src/host/files.ts';
import { until } from '../../host/until.ts';
import { leftRunning, type World } from '../../rig/world.ts';
import { lostAcknowledged, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, each, IS_FULL, metAt, sampleOf, type Engine } from './engine.ts';
import { scriptLines, type ScriptLine } from './script-log.ts';
import { desiredState, freshCopyOf, newServer } from './server.ts';

const APPLY = ['apply', '--yes', '--format', 'json'];
const SAMPLE = 8;
const NAMES_MIN = 15;
const TEST_MS_MAX = 300_000;
const RESTARTS = 'var/bootstrap/restarts.json';
const WISH = desiredState({ version: 1, mode: 'production' }).replace(
  'deadline: 10s',
  'deadline: 10s, restart: true',
);

let engine: Engine;
let base: World;

beforeAll(async () => {
  engine = await buildEngine();
  base = newServer({ version: 1, mode: 'production' }, { 'desired-state.yaml': WISH });
  const ended = await engine.start({ root: base.root, args: APPLY }).ended;
  expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  base.end();
  await engine.end();
});

/** A server whose daemon was killed; each of its scripts takes a moment. */
async function serverWithTheDead(): Promise<World> {
  const server = freshCopyOf(base);
  const pid = Number(server.text('run/app.pid'));
  process.kill(pid, 'SIGKILL');
  await until(() => !leftRunning(server.root).includes(pid));
  server.put({ 'run/app.pid': null, pause: '0.2\n' });
  return server;
}

test('killed anywhere in a restart', { timeout: TEST_MS_MAX }, async () => {
  const server = await serverWithTheDead();
  const whole = await engine.startAt('', { root: server.root, args: APPLY }).ended;
  expect(whole, whole.stdout).toMatchObject({ exitCode: 0 });
  const names = [...metAt(server.root).keys()];
  server.end();
  expect(names.length).toBeGreaterThanOrEqual(NAMES_MIN);
  expect(names).toContain('restart.counted');
  const chosen = new Set(IS_FULL ? names : [...sampleOf(names, SAMPLE), ...ALWAYS]);
  const faults = (await each([...chosen], killAt)).flat();
  console.log(
    `| kill -9 in a restart | ${chosen.size} of ${names.length} failpoints | ${faults.length} faults |`,
  );
  expect(faults).toEqual([]);
});

/** Between them the count, the script and its end come to be on disk. */
const ALWAYS: readonly FailpointName[] = [
  'restart.counted',
  'script.spawned',
  'exited.written',
  'verify.judged',
];

async function killAt(name: FailpointName): Promise<readonly string[]> {
  const server = await serverWithTheDead();
  const { root } = server;
  const killed = await engine.startAt(`${name}:kill`, { root, args: APPLY }).ended;
  const faults = [...unreadableState(root), ...lostAcknowledged(root, killed.stdout)];
  const begun = restartsIn(server).length;
  // What was seen to live is counted no more.
  if (begun > countIn(root) && !killed.stdout.includes('"verify.passed"'))
    faults.push(`run ${begun}, counted ${countIn(root)}`);
  const next = await engine.start({ root, args: APPLY }).ended;
  const isAlive = server.text('run/app.pid') !== null;
  const waits = next.stdout.includes('; next restart at ') && restartsIn(server).length === 0;
  if (isAlive ? next.exitCode !== 0 : !waits || next.exitCode !== 1)
    faults.push(`the next apply: ${next.exitCode} ${next.stdout.slice(-700)}`);
  faults.push(...unlawfulRuns(root, scriptLines(server.text('log'))), ...unreadableState(root));
  const text = server.text(RESTARTS);
  // Long enough ago.
  server.put({
    [RESTARTS]: text?.replace(/"nextAt": "[^"]*"/, '"nextAt": "2026-01-01T00:00:00Z"') ?? null,
  });
  const third = await engine.start({ root, args: APPLY }).ended;
  if (third.exitCode !== 0 || server.text('run/app.pid') === null || countIn(root) !== 0)
    faults.push(`the third apply: ${third.exitCode} ${third.stdout.slice(-700)}`);
  const calls = restartsIn(server).length;
  const fourth = await engine.start({ root, args: ['apply'] }).ended;
  if (!fourth.stdout.startsWith('No changes.') || restartsIn(server).length > calls)
    faults.push(`the fourth apply: ${fourth.exitCode} ${fourth.stdout.slice(-700)}`);
  server.end();
  return faults.map((fault) => `${name}: ${fault.replaceAll(root, '')}`);
}

function restartsIn(server: World): readonly ScriptLine[] {
  return scriptLines(server.text('log')).filter(({ what }) => what === 'start');
}

function countIn(root: string): number {
  const restarts = readRestarts(createFiles(), root);
  return restarts.ok ? (restarts.value['app']?.attempts ?? 0) : Infinity;
}
