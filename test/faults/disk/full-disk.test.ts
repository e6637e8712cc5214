import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, type Ran } from '../../rig/cli.ts';
import { createWorld, type FileTexts, type World } from '../../rig/world.ts';
import { IS_FULL } from '../lock/programs.ts';
import { applyTo, LATER, planOf, SERVER } from './server.ts';
import { mountMemory, type Volume } from './volumes.ts';

const TEST_MS_MAX = 300_000;
/** More than an apply asks to be free before it begins. */
const SIZE_KIB = 1024;
const PAGE_BYTES = 4096;
/** Pages left when the first script has ended, from none to more than the rest of the apply takes. */
const PAGES = IS_FULL ? Array.from({ length: 50 }, (_, pages) => pages) : [0, 4, 9, 40];
const FILLER = 'filler';
const ONE_AT_A_TIME = ['apply', '--yes', '--parallelism', '1'];
const PAGES_LEFT = 'pages-left';

let world: World;
let volume: Volume;

beforeEach(() => {
  world = createWorld();
  volume = mountMemory(world.root, SIZE_KIB);
  world.put(SERVER);
});
afterEach(() => {
  volume.end();
  world.end();
});

/** The first script that is run takes all room but so many pages: what is checked beforehand is there. */
const GREEDY = `${SERVER['etc/bootstrap/upgrade']}cd "$BOOTSTRAP_ROOT"
[ -f ${PAGES_LEFT} ] && [ ! -f ${FILLER} ] || exit 0
dd if=/dev/zero of=${FILLER} bs=${PAGE_BYTES} 2>/dev/null
truncate --size=-$(($(cat ${PAGES_LEFT}) * ${PAGE_BYTES})) ${FILLER}
`;

describe('on a disk that fills up an apply stops, says so, and leaves what was there', () => {
  test.each<readonly [string, FileTexts | undefined]>([
    ['at the first apply', undefined],
    ['at an upgrade', LATER],
  ])('%s', { timeout: TEST_MS_MAX }, async (_, later) => {
    world.put({ 'etc/bootstrap/upgrade': GREEDY });
    if (later !== undefined) {
      expect(await applyTo(world)).toMatchObject({ exitCode: 0 });
      world.put(later);
    }
    const saved = fs.mkdtempSync(join(world.root, '../bootstrap-saved-'));
    fs.cpSync(world.root, saved, { recursive: true });
    const ends = new Map<string, number>();
    try {
      for (const pages of PAGES) {
        world.put({ [PAGES_LEFT]: String(pages) });
        // One at a time: what is written beside the script would meet the disk before it gives the pages back.
        const ran = await runCli(world, [...ONE_AT_A_TIME, '--format', 'json']);
        await judge(ran, pages);
        const end = ran.exitCode === 0 ? 'converged' : `exit ${ran.exitCode}`;
        ends.set(end, (ends.get(end) ?? 0) + 1);
        for (const name of fs.readdirSync(world.root))
          fs.rmSync(join(world.root, name), { recursive: true });
        fs.cpSync(saved, world.root, { recursive: true });
      }
    } finally {
      fs.rmSync(saved, { recursive: true });
    }
    if (IS_FULL) console.log(JSON.stringify([...ends]));
    expect(ends.size).toBeGreaterThan(1);
  });

  async function judge({ exitCode, stdout, stderr }: Ran, pages: number): Promise<void> {
    const said = `with ${pages} pages: ${stdout}${stderr}`;
    expect(exitCode, said).not.toBe(70);
    expect(exitCode, said).not.toBe(null);
    expect(stderr, said).not.toMatch(/\n +at /);
    if (exitCode !== 0) expect(said).toMatch(/no space left on device|only a part|No space left/i);
    expect(temps(), said).toEqual([]);
    const plan = await planOf(world);
    expect(
      plan.held.filter(({ why }) => why === 'unreadable'),
      said,
    ).toEqual([]);
    const planned = plan.actions.map((action) => String(action.id));
    expect(
      planned.filter((id) => lasting(stdout).includes(id)),
      said,
    ).toEqual([]);
    world.put({ [FILLER]: null, [PAGES_LEFT]: null });
    const again = await applyTo(world);
    expect(again.exitCode, `${said}\nthen ${JSON.stringify(again.events)}`).toBe(0);
    expect((await planOf(world)).actions, said).toEqual([]);
  }
});

const temps = (): readonly string[] => world.list().filter((path) => path.endsWith('.tmp'));

/** What an apply said was done, of products with which all went well: that is not planned again. */
function lasting(stdout: string): readonly string[] {
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; action?: Record<'id' | 'product', string> });
  const of = (type: string) =>
    events.flatMap((each) => (each.type === type ? (each.action ?? []) : []));
  const failed = new Set(of('action.failed').map(({ product }) => product));
  return of('action.completed').flatMap(({ id, product }) => (failed.has(product) ? [] : [id]));
}

test('where there is no room to begin with, nothing is begun', async () => {
  fs.writeFileSync(join(world.root, FILLER), Buffer.alloc((SIZE_KIB - 128) * 1024));
  const ran = await runCli(world, ['apply', '--yes']);
  expect(ran).toMatchObject({ exitCode: 1 });
  expect(ran.stderr).toContain(`too little room for what is to be written to ${world.root}/var`);
  expect(world.list().filter((path) => path.startsWith('var/') || path === 'log')).toEqual([]);
});

test('a disk that may only be read: plan and status tell, apply refuses, and later goes on', async () => {
  fs.mkdirSync(join(world.root, 'run/bootstrap'), { recursive: true });
  volume.remount('ro');
  const plan = await runCli(world, ['plan']);
  expect(plan).toMatchObject({ exitCode: 0 });
  expect(await runCli(world, ['status'])).toMatchObject({ exitCode: 0 });
  const apply = await runCli(world, ['apply', '--yes']);
  expect([0, 70, null]).not.toContain(apply.exitCode);
  expect(apply.stderr).toContain(world.root);
  expect(apply.stderr).toContain('read-only file system');
  expect(apply.stderr).not.toMatch(/\n +at /);
  expect(world.list().filter((path) => path.startsWith('var/'))).toEqual([]);
  volume.remount('rw');
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
});

test('also where there never was a lock', async () => {
  volume.remount('ro');
  const apply = await runCli(world, ['apply', '--yes']);
  expect(apply.exitCode).not.toBe(75);
  expect(apply.stderr).toContain('read-only file system');
});

// The script has brought the new version, and what failed was to put that on record.
test('a rollback that says all is as it was has brought back what its scripts had changed', async () => {
  world.put({ 'etc/bootstrap/upgrade': GREEDY });
  expect(await applyTo(world)).toMatchObject({ exitCode: 0 });
  world.put({ ...LATER, [PAGES_LEFT]: '0' });
  await runCli(world, ['apply', '--yes', '--on-failure', 'rollback']);
  world.put({ [FILLER]: null, [PAGES_LEFT]: null });
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 3 });
  const upgrades = (world.text('log') ?? '')
    .split('\n')
    .filter((line) => line.includes('upgrade web'));
  expect(upgrades.at(-1)).toContain('2.6.12-1+deb12u4');
});
