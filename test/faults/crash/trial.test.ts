// kill -9 of an apply on trial, of its guard and of `confirm`: once the time is up, the generation before it has returned, once; or
// what was confirmed stays. Never both, and never half of either.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStat } from '../../../src/host/processes.ts';
import { valueOf } from '../../../src/model/fact.ts';
import { until } from '../../host/until.ts';
import { guardsOf, killGuards } from '../../rig/guards.ts';
import type { World } from '../../rig/world.ts';
import { journalsOf, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, metAt, type Ended, type Engine } from './engine.ts';
import { callsIn, chosen, failpointsIn, killAt, killAtEach } from './matrix.ts';
import type { Case, Matrix, Struck } from './matrix.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';
import { isOnTrial, lostGenerations, newestGoodNumber, notAsOn, quarantined } from './way-back.ts';

const SAMPLE = 5;
const FAILPOINTS_MIN = 500;
const CALLS_MIN = 1100;
const TEST_MS_MAX = 3_600_000;
const SETTLED_MS_MAX = 60_000;
const JUDGED_MS = 4000;
const TRIAL = 'var/bootstrap/trial.json';
const HOUR_MS = 3_600_000;
const APPLY = ['apply', '--yes', '--format', 'json'];
const ON_TRIAL = [...APPLY, '--confirm-within', '1h'];
const GOOD: Wish = { version: 1, mode: 'production', onFailure: 'rollback' };
const NEW: Wish = { ...GOOD, version: 2, lone: 1 };
const PRODUCTS = ['db', 'app', 'lone'];

/** Who is killed, and on which server. */
interface Scene {
  readonly from: 'good' | 'on trial' | 'on trial that confirms itself' | 'bad';
  readonly args: readonly string[];
  /** So long from now the time of the trial is up; an hour where nothing is said. */
  readonly leftMs?: number;
  /** The guard that the killed one has started goes on; else all that ran is gone, as after a reboot. */
  readonly guardLives?: true;
}

const SCENES = {
  'an apply on trial': { from: 'good', args: ON_TRIAL },
  'an apply on trial whose guard lives': { from: 'good', args: ON_TRIAL, guardLives: true },
  'an apply on trial that fails': { from: 'bad', args: ON_TRIAL },
  'the guard': { from: 'on trial', args: ['trial-guard'], leftMs: 0 },
  'the guard that confirms': {
    from: 'on trial that confirms itself',
    args: ['trial-guard'],
    leftMs: JUDGED_MS,
  },
  confirm: { from: 'on trial', args: ['confirm'] },
  'a rollback by hand': { from: 'on trial', args: ['rollback', '--yes', '--format', 'json'] },
} as const satisfies { readonly [name: string]: Scene };
type SceneName = keyof typeof SCENES;
const SCENE_NAMES = Object.keys(SCENES) as readonly SceneName[];
/** Of the others the engine makes the same calls. */
const TRACED: readonly SceneName[] = [
  'an apply on trial',
  'the guard',
  'the guard that confirms',
  'confirm',
];

let engine: Engine;
let matrix: Matrix<SceneName>;
let good: World;
const bases = new Map<Scene['from'], World>();

beforeAll(async () => {
  engine = await buildEngine();
  matrix = { engine, serverOf, argsOf: (scene) => SCENES[scene].args, faultsAfter };
  good = newServer(GOOD);
  const first = await engine.start({ root: good.root, args: APPLY }).ended;
  expect(first, first.stdout).toMatchObject({ exitCode: 0 });
  for (const from of ['good', 'on trial', 'on trial that confirms itself', 'bad'] as const) {
    const base = freshCopyOf(good);
    base.put({ 'desired-state.yaml': desiredState(NEW) });
    bases.set(from, base);
  }
  bases.get('bad')?.put({ 'bad/app-upgrade-2': '' });
  for (const [from, args] of [
    ['on trial', ON_TRIAL],
    ['on trial that confirms itself', [...ON_TRIAL, '--confirm-auto']],
  ] as const) {
    const { root = '' } = bases.get(from) ?? {};
    const begun = await engine.start({ root, args }).ended;
    expect(begun, begun.stdout).toMatchObject({ exitCode: 0 });
    killGuards(root);
  }
});
afterAll(async () => {
  for (const base of [good, ...bases.values()]) base.end();
  await engine.end();
});

/** Each of these ended badly once. */
const FOUND: readonly Case<SceneName>[] = [
  { scene: 'the guard', place: { name: 'trial.ended', count: 1 } },
  { scene: 'an apply on trial', place: { name: 'generation.written', count: 1 } },
  { scene: 'an apply on trial', place: { name: 'trial.written', count: 2 } },
  { scene: 'an apply on trial that fails', place: { name: 'record.valid', count: 3 } },
  { scene: 'confirm', place: { name: 'trial.confirmed', count: 1 } },
];

test.concurrent.each(FOUND)(
  'ends as it should after a kill of $scene, at $place.name',
  { timeout: TEST_MS_MAX },
  async (found) => {
    expect((await killAt(matrix, found)).faults).toEqual([]);
  },
);

test.concurrent(
  'what is begun returns by itself, though its engine was killed',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const server = serverOf('an apply on trial');
    context.onTestFinished(() => end(server));
    const { root } = server;
    const args = [...APPLY, '--confirm-within', '500ms', '--timeout', '4s'];
    await engine.startAt('exited.written:kill@2', { root, args }).ended;
    expect(isOnTrial(server)).toBe(true);
    expect(notAsOn(good, server, PRODUCTS)).not.toEqual([]);
    await until(() => !isOnTrial(server) && guardsOf(root).length === 0, SETTLED_MS_MAX);
    expect(notAsOn(good, server, PRODUCTS)).toEqual([]);
    expect(quarantined(server)).toEqual(['app', 'db']);
  },
);

test.concurrent(
  'a guard that waited for its run guards the window that this opens',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const server = serverOf('an apply on trial');
    context.onTestFinished(() => end(server));
    const { root } = server;
    const args = [...APPLY, '--confirm-within', '500ms'];
    const run = engine.startAt('generation.written:stop@1', { root, args });
    await until(() => isStopped(run.pid));
    setTimeLeft(server, 0);
    await until(() => metAt(root).has('trial.overdue'));
    run.kill('SIGCONT');
    expect(await run.ended).toMatchObject({ exitCode: 0 });
    await until(() => !isOnTrial(server) && guardsOf(root).length === 0, SETTLED_MS_MAX);
    expect(notAsOn(good, server, PRODUCTS)).toEqual([]);
  },
);

test.concurrent(
  'a confirm that was stopped until the way back is begun is too late',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const server = serverOf('confirm');
    context.onTestFinished(() => end(server));
    const { root } = server;
    const stopped = engine.startAt('confirm.before:stop', { root, args: ['confirm'] });
    await until(() => isStopped(stopped.pid));
    setTimeLeft(server, 0);
    await engine.startAt('action.begun:kill', { root, args: ['trial-guard'] }).ended;
    stopped.kill('SIGCONT');
    const late = await stopped.ended;
    expect(late).toMatchObject({ exitCode: 6, stdout: '' });
    expect(late.stderr).toContain('too late');
    expect(await faultsAfter(late, { server, scene: 'confirm' })).toEqual([]);
    expect(notAsOn(good, server, PRODUCTS)).toEqual([]);
  },
);

test.concurrent(
  'a guard that was stopped until somebody confirmed takes nothing back',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const server = serverOf('the guard');
    context.onTestFinished(() => end(server));
    const { root } = server;
    const guard = engine.startAt('return.before:stop', { root, args: ['trial-guard'] });
    await until(() => isStopped(guard.pid));
    setTimeLeft(server, HOUR_MS);
    const confirmed = await engine.start({ root, args: ['confirm'] }).ended;
    expect(confirmed, confirmed.stderr).toMatchObject({ exitCode: 0 });
    guard.kill('SIGCONT');
    expect(await guard.ended).toMatchObject({ exitCode: 0 });
    expect(faultsOfKept(server)).toEqual([]);
  },
);

test('ends as it should after a kill at any failpoint', { timeout: TEST_MS_MAX }, async () => {
  const all = await failpointsIn(matrix, SCENE_NAMES);
  const { faults } = await killAtEach(matrix, chosen(all, SAMPLE), 'a failpoint of a trial');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(FAILPOINTS_MIN);
});

test('ends as it should after a kill at any system call', { timeout: TEST_MS_MAX }, async () => {
  const all = await callsIn(matrix, TRACED);
  const cases = chosen(all, SAMPLE);
  const { faults, killed } = await killAtEach(matrix, cases, 'a system call of a trial');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(CALLS_MIN);
  expect(killed).toBeGreaterThanOrEqual(cases.length * 0.9);
});

function isStopped(pid: number): boolean {
  return valueOf(readStat(pid))?.state === 'T';
}

/** In one piece, as the engine writes it: a guard may be reading it. */
function setTimeLeft(server: World, leftMs: number): void {
  const { root } = server;
  const deadline = new Date(Date.now() + leftMs).toISOString();
  const trial = server.text(TRIAL)?.replace(/"deadline": "[^"]*"/, `"deadline": "${deadline}"`);
  if (trial === undefined) return;
  writeFileSync(join(root, 'trial.json'), trial);
  renameSync(join(root, 'trial.json'), join(root, TRIAL));
}

function serverOf(scene: SceneName): World {
  const { from, leftMs }: Scene = SCENES[scene];
  const server = copyOf(bases.get(from) ?? expect.unreachable(`no server ${from}`));
  if (leftMs !== undefined) setTimeLeft(server, leftMs);
  return server;
}

function end(server: World): void {
  killGuards(server.root);
  server.end();
}

/** What is wrong right after a kill, and when the time of the trial is up. */
async function faultsAfter(
  killed: Ended,
  { server, scene }: Struck<SceneName>,
): Promise<readonly string[]> {
  const { root } = server;
  const { guardLives }: Scene = SCENES[scene];
  if (guardLives === undefined) await loseGuards(root);
  const faults = [
    ...unreadableState(root),
    ...notAsOn(good, server, ['lone']),
    ...lostGenerations(good, server),
  ];
  // Else nothing was done yet, and it is simply tried.
  const wasBegun = isOnTrial(server) || journalsOf(root).journals.length > 0;
  const isConfirmed = killed.stdout.includes('Confirmed');
  faults.push(...(await faultsOfEnd(server)));
  const isKept = server.text('var/bootstrap/products/app/version') === '2\n';
  if (isConfirmed && !isKept) faults.push('confirmed, and taken back');
  faults.push(...(isKept ? faultsOfKept(server) : notAsOn(good, server, PRODUCTS)));
  const mode = server.text('var/bootstrap/server-mode')?.trim();
  if (mode !== 'production') faults.push(`server-mode is ${mode}`);
  const held = quarantined(server);
  const before = scriptLines(server.text('log')).length;
  const { exitCode, stdout } = await engine.start({ root, args: APPLY }).ended;
  const expected = isKept ? 0 : wasBegun ? 6 : scene === 'an apply on trial that fails' ? 3 : 0;
  if (exitCode !== expected) faults.push(`the next apply: ${exitCode} ${stdout.slice(-700)}`);
  // A run that took itself back has nothing against the other products.
  const isStill = isKept || (wasBegun && held.includes('db'));
  if (isStill && scriptLines(server.text('log')).length > before)
    faults.push('the next apply ran a script');
  return [
    ...faults,
    ...unreadableState(root),
    ...lostGenerations(good, server),
    ...unlawfulRuns(root, scriptLines(server.text('log'))),
  ];
}

/** Until none of them is seen any more. */
async function loseGuards(root: string): Promise<void> {
  killGuards(root);
  await until(() => guardsOf(root).length === 0);
}

/** When its time is up a trial ends: by its guard, or by that which the next command starts. */
async function faultsOfEnd(server: World): Promise<readonly string[]> {
  const { root } = server;
  const faults: string[] = [];
  setTimeLeft(server, 0);
  if (guardsOf(root).length === 0) {
    const looked = await engine.start({ root, args: ['status'] }).ended;
    if (looked.exitCode !== 0) faults.push(`status: ${looked.exitCode} ${looked.stderr}`);
  }
  const hasEnded = (): boolean => !isOnTrial(server) && guardsOf(root).length === 0;
  await until(hasEnded, SETTLED_MS_MAX).catch(() => faults.push('nobody comes to its end'));
  return faults;
}

/** What was confirmed is a good generation, and nothing of it is in quarantine. */
function faultsOfKept(server: World): readonly string[] {
  const onTrial = bases.get('on trial') ?? expect.unreachable();
  const faults = [...notAsOn(onTrial, server, PRODUCTS)];
  if (newestGoodNumber(server) !== 2) faults.push(`the newest good generation is another one`);
  const held = quarantined(server);
  return held.length === 0 ? faults : [...faults, `in quarantine: ${held.join(' ')}`];
}
