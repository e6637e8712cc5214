// kill -9 of an apply on trial, of its guard and of `confirm`: once the time is up, the generation before it has returned, once; or
// what was confirmed stays. Never both, and never half of either.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailpointName } from '../../../src/host/failpoint.ts';
import { readStat } from '../../../src/host/processes.ts';
import { valueOf } from '../../../src/model/fact.ts';
import { until } from '../../host/until.ts';
import { guardsOf, killGuards } from '../../rig/guards.ts';
import type { World } from '../../rig/world.ts';
import { journalsOf, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, type Ended, type Engine } from './engine.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';
import { isOnTrial, lostGenerations, newestGoodNumber, notAsOn, quarantined } from './way-back.ts';

const SETTLED_MS_MAX = 60_000;
const APPLY = ['apply', '--yes', '--format', 'json'];
const ON_TRIAL = [...APPLY, '--confirm-within', '1h'];
const GOOD: Wish = { version: 1, mode: 'production', onFailure: 'rollback' };
const NEW: Wish = { ...GOOD, version: 2, lone: 1 };
const PRODUCTS = ['db', 'app', 'lone'];

/** The next day, when every trial of today has run out: the wall clock only. What outlives faketime has no part in its shared memory. */
const TOMORROW = {
  through: ['faketime', '-f', '+1d', 'env', '-u', 'FAKETIME_SHARED'],
  env: { NO_FAKE_STAT: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
};

/** Who is killed, and on which server. */
interface Scene {
  readonly from: 'good' | 'on trial' | 'bad';
  readonly args: readonly string[];
  readonly when?: typeof TOMORROW;
}

const SCENES = {
  'an apply on trial': { from: 'good', args: ON_TRIAL },
  'an apply on trial that fails': { from: 'bad', args: ON_TRIAL },
  'the guard': { from: 'on trial', args: ['trial-guard'], when: TOMORROW },
  confirm: { from: 'on trial', args: ['confirm'] },
} as const satisfies { readonly [name: string]: Scene };
type SceneName = keyof typeof SCENES;

interface Case {
  readonly scene: SceneName;
  readonly name: FailpointName;
  readonly count: number;
}

let engine: Engine;
let good: World;
const bases = new Map<Scene['from'], World>();

beforeAll(async () => {
  engine = await buildEngine();
  good = newServer(GOOD);
  const first = await engine.start({ root: good.root, args: APPLY }).ended;
  expect(first, first.stdout).toMatchObject({ exitCode: 0 });
  for (const from of ['good', 'on trial', 'bad'] as const) {
    const base = freshCopyOf(good);
    base.put({ 'desired-state.yaml': desiredState(NEW) });
    bases.set(from, base);
  }
  bases.get('bad')?.put({ 'bad/app-upgrade-2': '' });
  const { root = '' } = bases.get('on trial') ?? {};
  const begun = await engine.start({ root, args: ON_TRIAL }).ended;
  expect(begun, begun.stdout).toMatchObject({ exitCode: 0 });
  killGuards(root);
});
afterAll(async () => {
  for (const base of [good, ...bases.values()]) base.end();
  await engine.end();
});

/** Each of these ended badly once. */
const FOUND: readonly Case[] = [
  { scene: 'the guard', name: 'trial.ended', count: 1 },
  { scene: 'an apply on trial', name: 'generation.written', count: 1 },
  { scene: 'an apply on trial', name: 'trial.written', count: 2 },
  { scene: 'an apply on trial that fails', name: 'record.valid', count: 3 },
  { scene: 'confirm', name: 'trial.confirmed', count: 1 },
];

test.each(FOUND)('ends as it should after a kill of $scene, at $name', async (found) => {
  expect(await killAt(found)).toEqual([]);
});

test('a confirm that was stopped until the way back is begun is too late', async (context) => {
  const server = serverOf('confirm');
  context.onTestFinished(() => end(server));
  const { root } = server;
  const stopped = engine.startAt('confirm.before:stop', { root, args: ['confirm'] });
  await until(() => isStopped(stopped.pid));
  const args = ['trial-guard'];
  await engine.startAt('action.begun:kill', { root, args, ...TOMORROW }).ended;
  stopped.kill('SIGCONT');
  const late = await stopped.ended;
  expect(late).toMatchObject({ exitCode: 6, stdout: '' });
  expect(late.stderr).toContain('too late');
  expect(await faultsAfter(late, { server, scene: 'confirm' })).toEqual([]);
  expect(notAsOn(good, server, PRODUCTS)).toEqual([]);
});

test('a guard that was stopped until somebody confirmed takes nothing back', async (context) => {
  const server = serverOf('the guard');
  context.onTestFinished(() => end(server));
  const { root } = server;
  const args = ['trial-guard'];
  const guard = engine.startAt('return.before:stop', { root, args, ...TOMORROW });
  await until(() => guardsOf(root).some(isStopped));
  const confirmed = await engine.start({ root, args: ['confirm'] }).ended;
  expect(confirmed, confirmed.stderr).toMatchObject({ exitCode: 0 });
  for (const pid of guardsOf(root)) process.kill(pid, 'SIGCONT');
  expect(await guard.ended).toMatchObject({ exitCode: 0 });
  expect(faultsOfKept(server)).toEqual([]);
});

function isStopped(pid: number): boolean {
  return valueOf(readStat(pid))?.state === 'T';
}

async function killAt({ scene, name, count }: Case): Promise<readonly string[]> {
  const server = serverOf(scene);
  const at = `${name}:kill@${count}`;
  const killed = await startAt(at, { server, scene });
  const faults = await faultsAfter(killed, { server, scene });
  end(server);
  return faults.map((fault) => `${scene}, ${at}: ${fault.replaceAll(server.root, '')}`);
}

interface Struck {
  readonly server: World;
  readonly scene: SceneName;
}

/** With all that ran on the server at that moment: as after a reboot. */
async function startAt(at: string, { server: { root }, scene }: Struck): Promise<Ended> {
  const { args, when }: Scene = SCENES[scene];
  const ended = await engine.startAt(at, { root, args, ...when }).ended;
  killGuards(root);
  return ended;
}

function serverOf(scene: SceneName): World {
  const { from } = SCENES[scene];
  return copyOf(bases.get(from) ?? expect.unreachable(`no server ${from}`));
}

function end(server: World): void {
  killGuards(server.root);
  server.end();
}

/** What is wrong right after a kill, and when the time of the trial is up. */
async function faultsAfter(killed: Ended, { server, scene }: Struck): Promise<readonly string[]> {
  const { root } = server;
  const faults = [
    ...unreadableState(root),
    ...notAsOn(good, server, ['lone']),
    ...lostGenerations(good, server),
  ];
  // Else nothing was done yet, and it is simply tried.
  const wasBegun = isOnTrial(server) || journalsOf(root).journals.length > 0;
  const isConfirmed = killed.stdout.includes('Confirmed');
  const looked = await engine.start({ root, args: ['status'], ...TOMORROW }).ended;
  if (looked.exitCode !== 0) faults.push(`status: ${looked.exitCode} ${looked.stderr}`);
  await until(() => !isOnTrial(server) && guardsOf(root).length === 0, SETTLED_MS_MAX);
  const isKept = server.text('var/bootstrap/products/app/version') === '2\n';
  if (isConfirmed && !isKept) faults.push('confirmed, and taken back');
  faults.push(...(isKept ? faultsOfKept(server) : notAsOn(good, server, PRODUCTS)));
  const mode = server.text('var/bootstrap/server-mode')?.trim();
  if (mode !== 'production') faults.push(`server-mode is ${mode}`);
  const held = quarantined(server);
  const before = scriptLines(server.text('log')).length;
  const { exitCode, stdout } = await engine.start({ root, args: APPLY, ...TOMORROW }).ended;
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

/** What was confirmed is a good generation, and nothing of it is in quarantine. */
function faultsOfKept(server: World): readonly string[] {
  const onTrial = bases.get('on trial') ?? expect.unreachable();
  const faults = [...notAsOn(onTrial, server, PRODUCTS)];
  if (newestGoodNumber(server) !== 2) faults.push(`the newest good generation is another one`);
  const held = quarantined(server);
  return held.length === 0 ? faults : [...faults, `in quarantine: ${held.join(' ')}`];
}
