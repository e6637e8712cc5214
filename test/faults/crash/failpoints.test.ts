// kill -9 at each failpoint, the first time it is met and the last: nothing acknowledged is lost, nothing that ended well is
// run again, the next apply has the lock at once and converges, and the one after it finds nothing to do.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailpointName } from '../../../src/host/failpoint.ts';
import type { World } from '../../rig/world.ts';
import { lostAcknowledged, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, each, IS_FULL, metAt, sampleOf, type Engine } from './engine.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';

const CASES_MIN = 150;
const SAMPLE = 20;
const NAMES_MIN = 32;
const TEST_MS_MAX = 900_000;
const APPLY = ['apply', '--yes', '--allow-remove', 'lone', '--format', 'json'];
const WORKS: Wish = { version: 1, mode: 'production' };

/** What a server is on its way to when it is killed. */
interface Scene {
  readonly from: 'nothing' | 'production' | 'idle' | 'killed';
  readonly wish: Wish;
  /** Files that are gone before the next apply. */
  readonly trouble?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

const SCENES: { readonly [name: string]: Scene } = {
  'apply from scratch': { from: 'nothing', wish: WORKS },
  upgrade: { from: 'production', wish: { version: 2, mode: 'production' } },
  recovery: { from: 'killed', wish: { version: 2, mode: 'production' } },
  'to idle': { from: 'production', wish: { version: 1, mode: 'idle' } },
  'to production': { from: 'idle', wish: WORKS },
  removal: { from: 'production', wish: { ...WORKS, lone: null } },
  'failing scripts': {
    from: 'production',
    wish: { version: 2, mode: 'production' },
    trouble: { broken: '' },
  },
  'saved plan': {
    from: 'production',
    wish: { version: 2, mode: 'production' },
    args: ['apply', 'plan.json', '--yes', '--format', 'json'],
  },
};

interface Case {
  readonly scene: string;
  readonly name: FailpointName;
  readonly count: number;
}

let engine: Engine;
const bases = new Map<Scene['from'], World>();

beforeAll(async () => {
  engine = await buildEngine();
  for (const from of ['nothing', 'production', 'idle'] as const) {
    const base = newServer({ version: 1, mode: from === 'idle' ? 'idle' : 'production' });
    bases.set(from, base);
    if (from === 'nothing') continue;
    const ended = await engine.start({ root: base.root, args: APPLY }).ended;
    expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
  }
  bases.set('killed', await killedServer());
});
afterAll(async () => {
  for (const base of bases.values()) base.end();
  await engine.end();
});

/** One whose upgrade was killed while the upgrade-script of `app` ran, which has ended since. */
async function killedServer(): Promise<World> {
  const base = serverFrom('production', SCENES['recovery']?.wish ?? WORKS);
  await engine.startAt('script.spawned:kill@4', { root: base.root, args: APPLY }).ended;
  return base;
}

test('a remove-script that ended well is not run again', async () => {
  expect(await killAt({ scene: 'removal', name: 'exited.written', count: 1 })).toEqual([]);
});

test('killed anywhere, the next apply goes on from there', { timeout: TEST_MS_MAX }, async () => {
  const all = (await each(Object.keys(SCENES), casesOf)).flat();
  const cases = IS_FULL ? all : sampleOf(all, SAMPLE);
  const startMs = performance.now();
  const faults = (await each(cases, killAt)).flat();
  const names = new Set(all.map(({ name }) => name)).size;
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(
    `| kill -9 at a failpoint | ${cases.length} of ${all.length} cases, ${names} names | ${seconds} s | ${faults.length} faults |`,
  );
  expect(faults.toSorted()).toEqual([]);
  expect(names).toBeGreaterThanOrEqual(NAMES_MIN);
  expect(all.length).toBeGreaterThanOrEqual(CASES_MIN);
});

/** The first and the last time that each failpoint is met in a scene. */
async function casesOf(scene: string): Promise<readonly Case[]> {
  const server = await serverOf(scene);
  await engine.startAt('', { root: server.root, args: argsOf(scene) }).ended;
  const met = metAt(server.root);
  server.end();
  if (scene === 'removal') met.delete('exited.written');
  return [...met].flatMap(([name, last]) =>
    [...new Set([1, last])].map((count) => ({ scene, name, count })),
  );
}

async function killAt({ scene, name, count }: Case): Promise<readonly string[]> {
  const server = await serverOf(scene);
  const { root } = server;
  const at = `${name}:kill@${count}`;
  const killed = await engine.startAt(at, { root, args: argsOf(scene) }).ended;
  const faults = [
    ...(killed.signal === 'SIGKILL' || !isCertain(name)
      ? []
      : [`was not killed: ${killed.exitCode}`]),
    ...unreadableState(root),
    ...lostAcknowledged(root, killed.stdout),
  ];
  for (const path of Object.keys(SCENES[scene]?.trouble ?? {})) server.put({ [path]: null });
  const next = await engine.start({ root, args: APPLY }).ended;
  if (next.exitCode !== 0) faults.push(`the next apply: ${next.exitCode} ${tailOf(next.stdout)}`);
  const lines = scriptLines(server.text('log'));
  faults.push(...unlawfulRuns(root, lines), ...unreadableState(root));
  const third = await engine.start({ root, args: ['apply'] }).ended;
  if (third.exitCode !== 0 || !third.stdout.startsWith('No changes.'))
    faults.push(`the third apply: ${third.exitCode} ${tailOf(third.stdout)}`);
  if (scriptLines(server.text('log')).length > lines.length) faults.push('the third ran a script');
  server.end();
  return faults.map((fault) => `${scene}, ${at}: ${fault.replaceAll(root, '')}`);
}

// A script that ends before it is looked at has no process to be written down.
function isCertain(name: FailpointName): boolean {
  return name !== 'spawned.written';
}

function argsOf(scene: string): readonly string[] {
  return SCENES[scene]?.args ?? APPLY;
}

async function serverOf(scene: string): Promise<World> {
  const { from, wish, trouble = {}, args } = SCENES[scene] ?? { from: 'nothing', wish: WORKS };
  const server = serverFrom(from, wish);
  const { root } = server;
  if (args !== undefined) await engine.start({ root, args: ['plan', '--out', 'plan.json'] }).ended;
  server.put(trouble);
  return server;
}

function serverFrom(from: Scene['from'], wish: Wish): World {
  const base = bases.get(from) ?? expect.unreachable(`no server ${from}`);
  const server = from === 'killed' ? copyOf(base) : freshCopyOf(base);
  server.put({ 'desired-state.yaml': desiredState(wish) });
  return server;
}

function tailOf(text: string): string {
  return text.slice(-700);
}
