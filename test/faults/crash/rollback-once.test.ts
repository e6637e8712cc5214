// kill -9 in a run that is taken back, of a product whose scripts must not be run twice: none is, until somebody says --redo; and
// with that the way back comes to its end.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { World } from '../../rig/world.ts';
import { journalsOf, unreadableState } from './aftermath.ts';
import { buildEngine, type Ended, type Engine } from './engine.ts';
import { chosen, failpointsIn, killAtEach, type Matrix, type Struck } from './matrix.ts';
import { scriptLines } from './script-log.ts';
import { copyOf, desiredState, freshCopyOf, newServer, type Wish } from './server.ts';
import { lostGenerations, notAsOn, quarantined } from './way-back.ts';

const SAMPLE = 6;
const FAILPOINTS_MIN = 150;
const TEST_MS_MAX = 3_600_000;
const APPLIES_MAX = 4;
const APPLY = ['apply', '--yes', '--format', 'json'];
const GOOD: Wish = { version: 1, mode: 'production', onFailure: 'rollback' };
const INI = 'etc/bootstrap/bootstrap.ini';

let engine: Engine;
let good: World;
let base: World;
let matrix: Matrix<'rollback'>;

beforeAll(async () => {
  engine = await buildEngine();
  good = newServer(GOOD);
  const once = good.text(INI)?.replace('[product: app]', '[product: app]\nidempotent = no');
  good.put({ [INI]: once ?? null });
  const first = await engine.start({ root: good.root, args: APPLY }).ended;
  expect(first, first.stdout).toMatchObject({ exitCode: 0 });
  base = freshCopyOf(good);
  const wish = desiredState({ ...GOOD, version: 2, lone: 1 });
  base.put({ 'desired-state.yaml': wish, 'bad/app-upgrade-2': '' });
  const serverOf = (): World => copyOf(base);
  matrix = { engine, serverOf, argsOf: () => APPLY, faultsAfter };
});
afterAll(async () => {
  for (const server of [good, base]) server.end();
  await engine.end();
});

test('no script of it is run twice on the way back', { timeout: TEST_MS_MAX }, async () => {
  const all = await failpointsIn(matrix, ['rollback']);
  const cases = chosen(all, SAMPLE);
  const { faults } = await killAtEach(matrix, cases, 'a failpoint of it, with idempotent = no');
  expect(faults).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(FAILPOINTS_MIN);
});

async function faultsAfter(_: Ended, { server }: Struck<'rollback'>): Promise<readonly string[]> {
  const { root } = server;
  const faults = [...unreadableState(root), ...lostGenerations(good, server)];
  const codes = await applyUntilStill(server, APPLY);
  faults.push(...runTwice(root));
  const wasHeld = notAsOn(good, server, ['app']).length > 0;
  if (wasHeld) codes.push('redo', ...(await applyUntilStill(server, [...APPLY, '--redo', 'app'])));
  const left = notAsOn(good, server, ['app', 'lone']);
  if (left.length > 0) faults.push(`${codes.join(' ')}: ${left.join(', ')}`);
  if (quarantined(server).join(' ') !== 'app')
    faults.push(`in quarantine: ${quarantined(server).join(' ')}`);
  const mode = server.text('var/bootstrap/server-mode')?.trim();
  if (mode !== 'production') faults.push(`server-mode is ${mode}, after ${codes.join(' ')}`);
  return [...faults, ...unreadableState(root), ...lostGenerations(good, server)];
}

/** What was run again, though it was interrupted or had ended well: what failed by itself is tried anew. */
function runTwice(root: string): readonly string[] {
  const runs = journalsOf(root).journals.flatMap((records) =>
    records.flatMap((record, index) => {
      if (record.type !== 'intent' || record.product !== 'app' || record.script === 'mode')
        return [];
      const end = records
        .slice(index)
        .find((each) => each.type === 'exited' && each.product === 'app');
      const hasFailed = end?.type === 'exited' && end.end.how === 'exit' && end.end.exitCode !== 0;
      return [{ call: [record.script, ...record.args].join(' '), hasFailed }];
    }),
  );
  const again = runs.filter(({ call }, index) =>
    runs.slice(0, index).some((before) => before.call === call && !before.hasFailed),
  );
  return again.map(({ call }) => `run twice: ${call}`);
}

/** The exit codes of applies, until one of them runs no script. */
async function applyUntilStill(server: World, args: readonly string[]): Promise<string[]> {
  const codes: string[] = [];
  for (let isStill = false; !isStill && codes.length < APPLIES_MAX;) {
    const before = scriptLines(server.text('log')).length;
    const { exitCode } = await engine.start({ root: server.root, args }).ended;
    isStill = scriptLines(server.text('log')).length === before;
    codes.push(String(exitCode));
  }
  return codes;
}
