// kill -9 anywhere in a run that fails and takes back what it did: the next apply goes on with the way back, or finds it done, and
// what failed is never tried again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { World } from '../../rig/world.ts';
import { lostAcknowledged, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, type Ended, type Engine } from './engine.ts';
import { callsIn, chosen, failpointsIn, killAt, killAtEach } from './matrix.ts';
import type { Case, Matrix, Struck } from './matrix.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';
import { lostGenerations, notAsOn, quarantined, timesFailed } from './way-back.ts';

const APPLY = ['apply', '--yes', '--format', 'json'];
const GOOD: Wish = { version: 1, mode: 'production', onFailure: 'rollback' };
/** `lone` is wished for as before: it is none of the run's business. A heartbeat that fails is not waited for as long as one that may pass. */
const BAD: Wish = { ...GOOD, version: 2, lone: 1, deadline: '300ms' };
const APPLIES_MAX = 4;
const SAMPLE = 6;
const FAILPOINTS_MIN = 500;
const CALLS_MIN = 500;
const TEST_MS_MAX = 3_600_000;

/** What goes wrong in a run, and how it then ends. */
interface Scene {
  readonly bad: readonly string[];
  readonly exitCode: 3 | 4;
  /** Where a run was killed already, before the one that is. */
  readonly killed?: string;
}

const SCENES = {
  'a script fails': { bad: ['app-upgrade-2'], exitCode: 3 },
  'a heartbeat fails': { bad: ['app-daemon-2'], exitCode: 3 },
  'the way back fails too': { bad: ['app-upgrade-2', 'app-upgrade-1'], exitCode: 4 },
  'killed before the way back': {
    bad: ['app-upgrade-2'],
    exitCode: 3,
    killed: 'faulty.written:kill',
  },
  'killed on the way back already': {
    bad: ['app-upgrade-2'],
    exitCode: 3,
    killed: 'script.spawned:kill@5',
  },
} as const satisfies { readonly [name: string]: Scene };
type SceneName = keyof typeof SCENES;
const SCENE_NAMES = Object.keys(SCENES) as readonly SceneName[];
/** Nothing but the way back, and all of it. */
const TRACED: readonly SceneName[] = ['killed before the way back'];

let engine: Engine;
let matrix: Matrix<SceneName>;
let good: World;
const bases = new Map<SceneName, World>();

beforeAll(async () => {
  engine = await buildEngine();
  matrix = { engine, serverOf, argsOf: () => APPLY, faultsAfter };
  good = newServer(GOOD);
  const first = await engine.start({ root: good.root, args: APPLY }).ended;
  expect(first, first.stdout).toMatchObject({ exitCode: 0 });
  for (const name of SCENE_NAMES) {
    const { bad, killed }: Scene = SCENES[name];
    const base = freshCopyOf(good);
    bases.set(name, base);
    base.put({
      'desired-state.yaml': desiredState(BAD),
      ...Object.fromEntries(bad.map((what) => [`bad/${what}`, ''])),
    });
    if (killed === undefined) continue;
    const ended = await engine.startAt(killed, { root: base.root, args: APPLY }).ended;
    expect(ended).toMatchObject({ signal: 'SIGKILL' });
  }
});
afterAll(async () => {
  for (const base of [good, ...bases.values()]) base.end();
  await engine.end();
});

/** Each of these ended badly once. */
const FOUND: readonly Case<SceneName>[] = [
  { scene: 'a script fails', place: { name: 'quarantine.written', count: 1 } },
  { scene: 'a script fails', place: { name: 'action.told', count: 3 } },
  { scene: 'a heartbeat fails', place: { name: 'record.invalid', count: 1 } },
  { scene: 'killed on the way back already', place: { name: 'journal.named', count: 1 } },
  { scene: 'the way back fails too', place: { name: 'rollback.ended', count: 1 } },
  { scene: 'the way back fails too', place: { name: 'record.server-invalid', count: 1 } },
];

test.concurrent.each(FOUND)(
  'goes back after a kill where $scene, at $place.name',
  { timeout: TEST_MS_MAX },
  async (found) => {
    expect((await killAt(matrix, found)).faults).toEqual([]);
  },
);

test('goes back after a kill at any failpoint', { timeout: TEST_MS_MAX }, async () => {
  const all = await failpointsIn(matrix, SCENE_NAMES);
  const cases = chosen(all, SAMPLE);
  const { faults } = await killAtEach(matrix, cases, 'a failpoint of a run that is taken back');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(FAILPOINTS_MIN);
});

test('goes back after a kill at any system call', { timeout: TEST_MS_MAX }, async () => {
  const all = await callsIn(matrix, TRACED);
  const cases = chosen(all, SAMPLE);
  const { faults, killed } = await killAtEach(matrix, cases, 'a system call of it');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(CALLS_MIN);
  expect(killed).toBeGreaterThanOrEqual(cases.length * 0.9);
});

function serverOf(scene: SceneName): World {
  return copyOf(bases.get(scene) ?? expect.unreachable(`no scene ${scene}`));
}

/** What is wrong right after a kill, after each apply that follows, and once one of them has nothing more to do. */
async function faultsAfter(
  killed: Ended,
  { server, scene }: Struck<SceneName>,
): Promise<readonly string[]> {
  const { root } = server;
  const faults = [
    ...unreadableState(root),
    ...lostAcknowledged(root, killed.stdout),
    ...notAsOn(good, server, ['lone']),
    ...lostGenerations(good, server),
    ...(await faultsOfApplies(server, scene)),
  ];
  const isBack = SCENES[scene].exitCode === 3;
  // `db` is brought to its new version again: nothing was wrong with that.
  faults.push(...notAsOn(good, server, isBack ? ['app', 'lone'] : ['lone']));
  const mode = server.text('var/bootstrap/server-mode')?.trim();
  if (mode !== (isBack ? 'production' : 'invalid')) faults.push(`server-mode is ${mode}`);
  const times = timesFailed(server, 'app');
  if (times > 1) faults.push(`app was tried ${times} times`);
  return [
    ...faults,
    ...unreadableState(root),
    ...lostGenerations(good, server),
    ...unlawfulRuns(root, scriptLines(server.text('log'))),
  ];
}

/** Applies until nothing more is to be done: back if it was not yet, then what may be done beside the quarantine, then nothing. */
async function faultsOfApplies(server: World, scene: SceneName): Promise<readonly string[]> {
  const { root } = server;
  const faults: string[] = [];
  const held = quarantined(server);
  const codes: (number | null)[] = [];
  for (let isStill = false; !isStill && codes.length < APPLIES_MAX;) {
    const before = scriptLines(server.text('log')).length;
    const { exitCode, stdout } = await engine.start({ root, args: APPLY }).ended;
    isStill = codes.at(-1) === 6 && exitCode === 6;
    codes.push(exitCode);
    if (isStill && scriptLines(server.text('log')).length > before)
      faults.push('a script was run, though nothing was to do');
    if (exitCode === 3) faults.push(...notAsOn(good, server, ['db', 'app', 'lone']));
    if (![3, 4, 6].includes(exitCode ?? 0)) faults.push(stdout.slice(-700));
  }
  const ends = codes.join(' ');
  if (ends !== '6 6' && ends !== `${SCENES[scene].exitCode} 6 6`)
    faults.push(`the applies ended with ${ends}`);
  const kept = quarantined(server);
  if (kept.join(' ') !== 'app' || held.some((name) => !kept.includes(name)))
    faults.push(`in quarantine: ${held.join(' ')}, then ${kept.join(' ')}`);
  return faults;
}
