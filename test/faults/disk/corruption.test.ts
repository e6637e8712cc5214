import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan.ts';
import { runCli } from '../../rig/cli.ts';
import { createWorld, type World } from '../../rig/world.ts';
import { IS_FULL } from '../lock/programs.ts';
import { damagesOf, type Damage } from './damage.ts';
import { applyTo, planOf, SERVER, statusOf, WITHOUT_OLD } from './server.ts';

const TEST_MS_MAX = 900_000;
const EVERY = IS_FULL ? { cutEvery: 1, flipEvery: 1 } : { cutEvery: 61, flipEvery: 67 };
/** After every so manieth damage the server is applied to as well, which takes longest. */
const APPLY_EVERY = IS_FULL ? 5 : 11;
const STATE = 'var/bootstrap';
/** Values that have no check of their own: any text may be somebody's. A wrong one is put right by what is declared. */
const UNCHECKED = /\/(?:version|repository|settings\.json|config-digest)$/;

/** What to do about it. */
const WAY_OUT = /\b(?:remove|write|move|doctor)\b/;

let world: World;
let sound: string;

beforeAll(async () => {
  world = createWorld(SERVER);
  sound = fs.mkdtempSync(join(world.root, 'sound-'));
  expect(await applyTo(world)).toMatchObject({ exitCode: 0 });
  world.put({ ...WITHOUT_OLD, [`${STATE}/plans-used`]: 'a1b2c3\nd4e5f6\n' });
  expect(work(await planOf(world))).toEqual([]);
  keep();
});
afterAll(() => world.end());

/** This state is what `restore` brings back. */
function keep(): void {
  fs.rmSync(sound, { recursive: true });
  fs.cpSync(join(world.root, STATE), sound, { recursive: true });
}

function restore(): void {
  fs.rmSync(join(world.root, STATE), { recursive: true });
  fs.cpSync(sound, join(world.root, STATE), { recursive: true });
  world.put({ log: '' });
}

function put(path: string, { result }: Damage): void {
  const at = join(world.root, path);
  fs.rmSync(at, { recursive: true, force: true });
  if (result === 'folder') fs.mkdirSync(at);
  else fs.writeFileSync(at, result);
}

const work = ({ actions }: Plan) => actions.filter(({ blocked }) => blocked === undefined);
const stateFiles = (): readonly string[] =>
  world.list().filter((path) => path.startsWith(`${STATE}/`));

/** What became of the damages of one file. */
interface Tally {
  damages: number;
  /** What could not be read was named, and left alone. */
  named: number;
  /** Another value, as somebody might have written it: what is declared is brought about again. */
  taken: number;
  applied: number;
  readonly problems: string[];
}

async function damageAll(path: string): Promise<Tally> {
  const tally: Tally = { damages: 0, named: 0, taken: 0, applied: 0, problems: [] };
  restore();
  for (const damage of damagesOf(fs.readFileSync(join(world.root, path)), EVERY)) {
    tally.damages += 1;
    put(path, damage);
    const found = await lookOver(path, tally);
    const isApplied = tally.damages % APPLY_EVERY === 1;
    if (isApplied) found.push(...(await applyOver(path, tally)));
    tally.problems.push(...found.map((problem) => `${path}, ${damage.how}: ${problem}`));
    if (isApplied) restore();
  }
  return tally;
}

async function lookOver(path: string, tally: Tally): Promise<string[]> {
  const problems: string[] = [];
  try {
    await statusOf(world);
    const plan = await planOf(world);
    const unread = plan.held.filter(({ why }) => why === 'unreadable');
    if (unread.length > 0) tally.named += 1;
    const told = unread.map(({ detail }) => detail).filter((detail) => detail.includes(path));
    if (unread.length > 0 && told.length === 0) problems.push(`not named: ${unread[0]?.detail}`);
    problems.push(
      ...told.filter((detail) => !WAY_OUT.test(detail)).map((detail) => `no way out: ${detail}`),
    );
    const todo = work(plan);
    if (todo.length > 0) tally.taken += 1;
    for (const { kind, product = 'server' } of todo) {
      const isPutRight =
        UNCHECKED.test(path) && (kind === 'upgrade' || kind === 'downgrade' || kind === 'set');
      if (!isPutRight) problems.push(`it would ${kind} ${product}`);
    }
  } catch (thrown) {
    problems.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  return problems;
}

async function applyOver(path: string, tally: Tally): Promise<readonly string[]> {
  tally.applied += 1;
  try {
    const { exitCode } = await applyTo(world);
    const log = (world.text('log') ?? '').split('\n').filter((line) => line !== '');
    const done = UNCHECKED.test(path) ? log.filter((line) => !/^(?:upgrade|set) /.test(line)) : log;
    const bad = exitCode === 70 ? ['a bug'] : [];
    return [...bad, ...done.map((line) => `it did: ${line}`)];
  } catch (thrown) {
    return [thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)];
  }
}

describe('no damage makes anything be removed or installed anew, and what cannot be read is named', () => {
  test('in any file of a server at rest', { timeout: TEST_MS_MAX }, async () => {
    const problems: string[] = [];
    for (const path of stateFiles()) {
      const { problems: found, ...tally } = await damageAll(path);
      say(path, { ...tally, problems: found.length });
      problems.push(...found);
    }
    expect(problems).toEqual([]);
  });

  test('in the journal of a run that was interrupted', { timeout: TEST_MS_MAX }, async () => {
    interrupt();
    const [journal = ''] = stateFiles().filter((path) => path.endsWith('.ndjson'));
    for (const path of [journal, `${STATE}/runs/newest`]) {
      const tally = { damages: 0, named: 0, problems: new Array<string>() };
      restore();
      for (const damage of damagesOf(fs.readFileSync(join(world.root, path)), EVERY)) {
        tally.damages += 1;
        put(path, damage);
        const isApplied = tally.damages % APPLY_EVERY === 1;
        const found = await lookOverInterrupted(path, damage, isApplied);
        if (found.isNamed) tally.named += 1;
        tally.problems.push(...found.problems.map((each) => `${path}, ${damage.how}: ${each}`));
        if (isApplied) restore();
      }
      say(path, { ...tally, problems: tally.problems.length });
      expect(tally.problems).toEqual([]);
    }
  });

  test('as the command line tells it: no stack trace, no exit 70', async () => {
    for (const [path, damage] of Object.entries(TOLD)) {
      restore();
      put(path, { how: '', result: damage });
      for (const [command, exitCode] of [
        ['plan', 0],
        ['status', 0],
        ['apply --yes', 1],
      ] as const) {
        const ran = await runCli(world, command.split(' '));
        const { stdout, stderr } = ran;
        expect(ran, `${command} over ${path}`).toMatchObject({ exitCode });
        expect(stderr).not.toMatch(/\n +at /);
        expect(stdout + stderr, command).toContain(join(world.root, path));
        expect(stdout + stderr, command).toMatch(WAY_OUT);
      }
    }
  });
});

const TOLD: Readonly<Record<string, Damage['result']>> = {
  [`${STATE}/server-mode`]: Buffer.alloc(0),
  [`${STATE}/products/web/version`]: Buffer.alloc(8),
  [`${STATE}/products/web/status`]: 'folder',
  [`${STATE}/products/store/settings.json`]: Buffer.from('{"schema": "bootstrap.settings/2"}'),
};

/** As if the engine had died when the script of `web` had just ended well. */
function interrupt(): void {
  restore();
  const [path = ''] = stateFiles().filter((each) => each.endsWith('.ndjson'));
  const lines = (world.text(path) ?? '').split('\n');
  const last = lines.findIndex((line) => line.includes('"exited"') && line.includes('"web"'));
  const text = `${lines.slice(0, last + 1).join('\n')}\n`;
  world.put({ [path]: text, [`${STATE}/products/web/status`]: 'upgrading\n' });
  keep();
}

// Less of the journal is less that counts as done: the script of `web` is run again, as one that was interrupted.
async function lookOverInterrupted(
  path: string,
  { how }: Damage,
  isApplied: boolean,
): Promise<{ readonly isNamed: boolean; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  try {
    await statusOf(world);
    const { held, actions } = await planOf(world);
    const told = held.filter(({ detail }) => detail.includes(path));
    if (told.some(({ detail }) => !WAY_OUT.test(detail))) problems.push('no way out');
    for (const { kind, product } of actions)
      if (kind !== 'remove' && product !== 'web') problems.push(`it would ${kind} ${product}`);
    if (actions.some(({ kind, blocked }) => kind === 'remove' && blocked === undefined))
      problems.push('it would remove');
    if (how.startsWith('bit') && path.endsWith('.ndjson') && !isInLastLine(path, how))
      if (told.length === 0) problems.push('taken as it is');
    if (isApplied) {
      const { exitCode } = await applyTo(world);
      if (exitCode === 70) problems.push('a bug');
      const strange = (world.text('log') ?? '')
        .split('\n')
        .filter((line) => /^remove|store/.test(line));
      problems.push(...strange.map((line) => `it did: ${line}`));
    }
    return { isNamed: told.length > 0, problems };
  } catch (thrown) {
    return {
      isNamed: false,
      problems: [thrown instanceof Error ? (thrown.stack ?? '') : 'thrown'],
    };
  }
}

function isInLastLine(path: string, how: string): boolean {
  const text = world.text(path) ?? '';
  const at = Number(/byte (\d+)/.exec(how)?.[1]);
  return at > text.trimEnd().lastIndexOf('\n');
}

function say(path: string, figures: object): void {
  if (IS_FULL) console.log(path, JSON.stringify(figures));
}
