// Applies that are killed, stopped and interrupted at random while others contend, scripts that are killed, and wishes that
// change meanwhile: at the end of every round the server converges, and its log, its journals and its records agree.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../../../src/host/processes.ts';
import type { World } from '../../rig/world.ts';
import { journalsOf, unlawfulRuns, unreadableState } from './aftermath.ts';
import { buildEngine, IS_FULL, type Engine, type Started } from './engine.ts';
import { scriptLines } from './script-log.ts';
import { desiredState, newServer, type Wish } from './server.ts';

/** How long it goes on; BOOTSTRAP_CHAOS_SECONDS says otherwise. */
const SECONDS = Number(process.env['BOOTSTRAP_CHAOS_SECONDS'] ?? (IS_FULL ? 180 : 6));
const CONTENDERS = 3;
const BLOWS_A_ROUND = 4;
const PAUSE_MS_MAX = 250;
const STOP_MS_MAX = 300;
/** Long enough for a script to be met, so many seconds each. */
const SCRIPT_SECONDS = '0.04';
const SCRIPT_WAIT_MS = 400;
const SCRIPT_POLL_MS = 5;
/** A script that was killed leaves its product invalid: that is reported once, and mended by the next apply. */
const APPLIES_MAX = 3;
const TEST_MS_MAX = (SECONDS + 60) * 1000;
const APPLY = ['apply', '--yes', '--lock-timeout', '20s', '--format', 'json'];

const BLOWS = ['SIGKILL', 'SIGSTOP', 'SIGINT', 'SIGTERM', 'script'] as const;
type Blow = (typeof BLOWS)[number];

let engine: Engine;
beforeAll(async () => {
  engine = await buildEngine();
});
afterAll(async () => await engine.end());

test('chaos ends in order, again and again', { timeout: TEST_MS_MAX }, async (context) => {
  const server = newServer({ version: 1, mode: 'production' }, { pause: SCRIPT_SECONDS });
  context.onTestFinished(() => server.end());
  const endMs = performance.now() + SECONDS * 1000;
  const blows = new Map<Blow, number>();
  const faults: string[] = [];
  let rounds = 0;
  for (; performance.now() < endMs && faults.length === 0; rounds += 1) {
    await makeChaos(server, rounds, blows);
    faults.push(...(await converge(server)).map((fault) => `round ${rounds}: ${fault}`));
  }
  const lines = scriptLines(server.text('log'));
  const runs = lines.filter(({ what }) => what === 'start').length;
  const ended = lines.filter(({ what }) => what === 'end').length;
  const struck = [...blows].map(([blow, count]) => `${count} ${blow}`).join(', ');
  console.log(
    `| chaos for ${SECONDS} s | ${rounds} rounds, ${journalsOf(server.root).journals.length} journals | ${struck} | ${runs} scripts, ${ended} to their end | ${faults.length} faults |`,
  );
  expect(faults).toEqual([]);
  expect(rounds).toBeGreaterThan(0);
});

async function makeChaos(server: World, round: number, blows: Map<Blow, number>): Promise<void> {
  const { root } = server;
  const started: Started[] = [];
  for (let blow = 0; blow < BLOWS_A_ROUND; blow += 1) {
    wish(server, { version: 1 + round, mode: Math.random() < 0.3 ? 'idle' : 'production' });
    while (running(started).length < CONTENDERS) started.push(engine.start({ root, args: APPLY }));
    await sleep(Math.random() * PAUSE_MS_MAX);
    const kind = oneOf(BLOWS);
    if (kind !== undefined && (await strike(server, kind, running(started))))
      blows.set(kind, (blows.get(kind) ?? 0) + 1);
  }
  await Promise.all(started.map(({ ended }) => ended));
}

/** Renamed into place, as an editor does: nobody ever reads half of it. */
function wish({ root }: World, wished: Wish): void {
  writeFileSync(join(root, 'next.yaml'), desiredState(wished));
  renameSync(join(root, 'next.yaml'), join(root, 'desired-state.yaml'));
}

function running(started: readonly Started[]): readonly Started[] {
  return started.filter(({ pid }) => identify(pid).kind === 'known');
}

/** False where nobody was there to be struck. */
async function strike(server: World, kind: Blow, engines: readonly Started[]): Promise<boolean> {
  if (kind === 'script') return await killScript(server);
  const struck = oneOf(engines);
  struck?.kill(kind);
  if (kind === 'SIGSTOP') {
    await sleep(Math.random() * STOP_MS_MAX);
    struck?.kill('SIGCONT');
  }
  return struck !== undefined;
}

async function killScript(server: World): Promise<boolean> {
  const endMs = performance.now() + SCRIPT_WAIT_MS;
  while (performance.now() < endMs) {
    const lines = scriptLines(server.text('log'));
    const ended = new Set(lines.filter(({ what }) => what === 'end').map(({ pid }) => pid));
    const last = lines.findLast(({ what, pid }) => what === 'start' && !ended.has(pid));
    if (last !== undefined && isScriptOf(server, last.pid)) {
      process.kill(last.pid, 'SIGKILL');
      return true;
    }
    await sleep(SCRIPT_POLL_MS);
  }
  return false;
}

// Its pid alone does not tell: one that was killed before has left it to anybody.
function isScriptOf({ root }: World, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(root);
  } catch {
    return false; // it ended at this moment
  }
}

async function converge(server: World): Promise<readonly string[]> {
  const { root } = server;
  const faults = [...unreadableState(root)];
  let exitCode: number | null = null;
  for (let applies = 0; applies < APPLIES_MAX && exitCode !== 0; applies += 1)
    ({ exitCode } = await engine.start({ root, args: APPLY }).ended);
  if (exitCode !== 0) faults.push(`not in order after ${APPLIES_MAX} applies: ${exitCode}`);
  const before = scriptLines(server.text('log')).length;
  const idle = await engine.start({ root, args: ['apply'] }).ended;
  if (idle.exitCode !== 0 || !idle.stdout.startsWith('No changes.'))
    faults.push(`the last apply: ${idle.exitCode} ${idle.stdout}${idle.stderr}`);
  const lines = scriptLines(server.text('log'));
  if (lines.length > before) faults.push('the last apply ran a script');
  return [...faults, ...unlawfulRuns(root, lines), ...unwitnessed(server)];
}

/** What a journal says ended well, and the script itself does not; and versions on record that no script brought. */
function unwitnessed(server: World): readonly string[] {
  const lines = scriptLines(server.text('log')).filter(({ what }) => what === 'end');
  const faults = journalsOf(server.root).journals.flatMap((records) => {
    const [begin] = records;
    const runId = begin?.type === 'begin' ? begin.runId : '';
    const well = records.filter(
      (record) =>
        record.type === 'exited' && record.end.how === 'exit' && record.end.exitCode === 0,
    ).length;
    const said = lines.filter((line) => line.runId === runId).length;
    return said < well ? [`run ${runId}: ${well} scripts ended well, ${said} say so`] : [];
  });
  for (const product of ['db', 'app', 'lone']) {
    const version = server.text(`var/bootstrap/products/${product}/version`)?.trim() ?? '';
    const call = new RegExp(`^${product} (provision|upgrade)  ?${version} `);
    if (!lines.some((line) => call.test(`${line.call} `)))
      faults.push(`${product} is on record at ${version}, and no script brought it there`);
  }
  return faults;
}

function oneOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
