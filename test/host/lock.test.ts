// The lock against real processes that are killed, stopped and deceived (CONTRACT 6; the faults are those of reliability.md §2).
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type OwnerRecord,
  judge,
  lookAt,
  ownerFileName,
  parseRecord,
  readHere,
  readHolder,
} from '../../src/host/lock-record.ts';
import type { HeldLock, LockRequest } from '../../src/host/host.ts';
import { createLock } from '../../src/host/lock.ts';
import { hasEnded, readStat } from '../../src/host/processes.ts';
import { durationMs } from '../../src/model/duration.ts';
import { unreadable } from '../../src/model/fact.ts';
import type { DeathProof, LockDoubt } from '../../src/model/lock.ts';
import { lockRequest, parts } from '../rig/lock-holder.ts';

const { processes } = parts;

const LINE_DEADLINE_MS = 10_000;
const YEAR_MS = 365 * 86_400_000;
/** One update of the library, and time to notice. */
const LOST_WITHIN_MS = 1500;
const TOKEN = 'f'.repeat(32);

let built: string;
let folder: string;
let lockPath: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  built = fs.mkdtempSync(join(tmpdir(), 'lock-holder-'));
  const outfile = join(built, 'holder.cjs');
  await build({
    entryPoints: ['test/rig/lock-holder.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
  return () => fs.rmSync(built, { recursive: true });
});

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'lock-'));
  lockPath = join(folder, 'run/bootstrap/lock');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map(end));
  fs.rmSync(folder, { recursive: true });
});

describe('a held lock', () => {
  test('is refused to the next one, who learns who holds it since when', async () => {
    const holder = await startHolder();
    const refused = await tryLock();
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'locked',
        lockPath,
        holder: { pid: holder.pid, command: 'apply', runId: 'run-1' },
      },
    });
    expect(readHolder(processes, lockPath)).toMatchObject({
      state: 'held',
      liveness: { is: 'alive' },
      holder: { pid: holder.pid },
    });
    await holder.ask('release', 'released');
    expect(readHolder(processes, lockPath)).toEqual({ state: 'free' });
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
  });

  test('is refused to its own process too', async () => {
    const nested = await createLock(parts).hold(lockRequest(lockPath), () => tryLock());
    expect(nested).toMatchObject({
      ok: true,
      value: { ok: false, error: { code: 'locked', holder: { pid: process.pid } } },
    });
  });

  test('is not taken from a stopped holder, however old its heartbeat', async () => {
    const holder = await startHolder();
    holder.kill('SIGSTOP');
    await until(() => processState(holder.pid) === 'T');
    const longAgo = new Date(Date.now() - YEAR_MS);
    fs.utimesSync(ownerPath(), longAgo, longAgo);
    fs.utimesSync(lockPath, longAgo, longAgo);
    expect(await tryLock({ timeoutMs: durationMs(400) })).toMatchObject({
      ok: false,
      error: { code: 'locked' },
    });
    expect(readHolder(processes, lockPath)).toMatchObject({ liveness: { is: 'alive' } });
    holder.kill('SIGCONT');
    await sleep(LOST_WITHIN_MS); // two updates, which must not take the foreign times for a loss
    await holder.ask('owned', 'owned true');
    expect(holder.said).not.toContain('lost');
  });

  test('is free again after the work threw, and the error comes through', async () => {
    const broken = createLock(parts).hold(lockRequest(lockPath), () =>
      Promise.reject(new Error('a bug')),
    );
    await expect(broken).rejects.toThrow('a bug');
    expect(readHolder(processes, lockPath)).toEqual({ state: 'free' });
  });

  test('is free again after process.exit in the middle', async () => {
    const holder = await startHolder();
    await holder.ask('exit');
    await holder.ended;
    expect(fs.readdirSync(join(folder, 'run/bootstrap'))).toEqual([]);
  });
});

describe('waiting', () => {
  test('ends when the holder releases, and is told of once', async () => {
    const holder = await startHolder();
    const told: unknown[] = [];
    const waiting = tryLock({
      timeoutMs: durationMs(LINE_DEADLINE_MS),
      onWait: (who) => told.push(who?.pid),
    });
    await until(() => told.length > 0);
    await sleep(300);
    await holder.ask('release', 'released');
    expect(await waiting).toEqual({ ok: true, value: 'worked' });
    expect(told).toEqual([holder.pid]);
  });

  test('ends at its limit, not before', async () => {
    await startHolder();
    const refused = await tryLock({ timeoutMs: durationMs(250) });
    const waitedMs = !refused.ok && refused.error.code === 'locked' ? refused.error.waitedMs : 0;
    expect(waitedMs).toBeGreaterThanOrEqual(250);
    expect(waitedMs).toBeLessThan(10_000);
  });

  test('ends at once when interrupted', async () => {
    await startHolder();
    const interrupt = new AbortController();
    const onWait = () => interrupt.abort('SIGTERM');
    const refused = await tryLock({
      timeoutMs: durationMs(LINE_DEADLINE_MS),
      signal: interrupt.signal,
      onWait,
    });
    expect(refused).toEqual({ ok: false, error: { code: 'interrupted', signal: 'SIGTERM' } });
  });

  test('does not begin without time to wait', async () => {
    await startHolder();
    const refused = await tryLock({ onWait: () => expect.unreachable() });
    expect(refused).toMatchObject({ ok: false, error: { code: 'locked' } });
  });
});

describe('a dead holder', () => {
  test('killed with -9 holds nothing up', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    await holder.ended;
    expect(readHolder(processes, lockPath)).toMatchObject({
      liveness: { is: 'dead', proof: 'ended' },
      holder: { pid: holder.pid },
    });
    const startMs = performance.now();
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test('is dead as a zombie', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    // Held up on purpose: Node collects the dead child as soon as its loop turns.
    const deadlineMs = performance.now() + LINE_DEADLINE_MS;
    while (!hasEndedUncollected(holder.pid) && performance.now() < deadlineMs);
    expect(readHolder(processes, lockPath)).toMatchObject({
      liveness: { is: 'dead', proof: 'ended' },
    });
  });

  test.each<[string, Partial<OwnerRecord>, DeathProof]>([
    ['before the last boot', { bootId: 'another-boot' }, 'rebooted'],
    ['whose pid another process has now', { startTicks: 1 }, 'pid-reused'],
    ['whose pid nobody has', { pid: 2 ** 22 }, 'ended'],
    ['in another time namespace whose pid nobody has', { timeNs: 't', pid: 2 ** 22 }, 'ended'],
  ])('%s is replaced', async (_, over, proof) => {
    plant(over);
    expect(readHolder(processes, lockPath)).toMatchObject({
      state: 'held',
      liveness: { is: 'dead', proof },
    });
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
  });

  test.each<[string, Partial<OwnerRecord>, LockDoubt['about']]>([
    ['on another machine', { bootId: 'another-boot', machineId: 'another-machine' }, 'machine'],
    ['in another pid namespace', { pidNs: 'pid:[1]', pid: 2 ** 22 }, 'pid-namespace'],
    ['of an unknown boot', { bootId: '', pid: 2 ** 22 }, 'boot'],
    ['of an unknown pid namespace', { pidNs: '', pid: 2 ** 22 }, 'pid-namespace'],
    ['in another time namespace', { timeNs: 'time:[1]', startTicks: 1 }, 'time-namespace'],
  ])('cannot be proved %s, and is left alone', async (_, over, about) => {
    plant(over);
    const doubt = { about };
    expect(readHolder(processes, lockPath)).toMatchObject({
      state: 'held',
      liveness: { is: 'unknown', doubt },
    });
    expect(await tryLock()).toMatchObject({
      ok: false,
      error: { code: 'locked', holder: { runId: 'planted' }, doubt },
    });
  });

  test('already replaced by a quicker process is not replaced twice', async () => {
    plant({ startTicks: 1 });
    const living = { token: 'e'.repeat(32), runId: 'quicker' };
    // The quicker one moves in after we have read the dead record, before we act on it.
    const identify = (pid: number) => {
      if (fs.existsSync(ownerPath(TOKEN))) plant(living);
      fs.rmSync(ownerPath(TOKEN), { force: true });
      return processes.identify(pid);
    };
    const late = createLock({ ...parts, processes: { ...processes, identify } });
    const refused = await late.hold(lockRequest(lockPath), () => Promise.resolve('worked'));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'locked', holder: { runId: 'quicker' } },
    });
    expect(fs.readdirSync(lockPath)).toEqual([ownerFileName(living.token)]);
  });

  test('cannot be proved where /proc hides it', () => {
    expect(judge(recordLike(), readHere(), unreadable('hidden'))).toEqual({
      is: 'unknown',
      doubt: { about: 'process', why: 'hidden' },
    });
  });
});

describe('what is no lock of ours', () => {
  test.each<[string, () => void]>([
    ['a stray file', () => fs.writeFileSync(join(lockPath, 'notes.txt'), 'x')],
    [
      'a stray file beside a dead record',
      () => (plant({ startTicks: 1 }), fs.writeFileSync(join(lockPath, 'notes.txt'), 'x')),
    ],
    [
      'two dead records',
      () => (plant({ startTicks: 1 }), plant({ startTicks: 1, token: 'e'.repeat(32) })),
    ],
    ['a torn record', () => fs.writeFileSync(ownerPath(TOKEN), '{"v":1,"tok')],
    ['an empty record', () => fs.writeFileSync(ownerPath(TOKEN), '')],
    [
      'a record of another version',
      () =>
        fs.writeFileSync(
          ownerPath(TOKEN),
          JSON.stringify({ ...recordLike({ startTicks: 1 }), v: 2 }),
        ),
    ],
    [
      'a record under another name',
      () =>
        fs.writeFileSync(
          ownerPath(TOKEN),
          JSON.stringify(recordLike({ startTicks: 1, token: 'e'.repeat(32) })),
        ),
    ],
    ['a folder named as a record', () => fs.mkdirSync(ownerPath(TOKEN))],
    ['a record leading elsewhere', () => fs.symlinkSync('/etc/hostname', ownerPath(TOKEN))],
    ['a plain file', () => (fs.rmdirSync(lockPath), fs.writeFileSync(lockPath, ''))],
  ])('%s is refused, not taken', async (_, make) => {
    fs.mkdirSync(lockPath, { recursive: true });
    make();
    const before = treeOf(folder);
    expect(await tryLock()).toMatchObject({
      ok: false,
      error: { code: 'locked', holder: undefined, doubt: { about: 'contents' } },
    });
    expect(readHolder(processes, lockPath)).toMatchObject({ state: 'unknown' });
    expect(treeOf(folder)).toEqual(before);
  });

  test('an empty folder is free', async () => {
    fs.mkdirSync(lockPath, { recursive: true });
    expect(readHolder(processes, lockPath)).toEqual({ state: 'free' });
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
  });

  test('drafts of the dead are swept, a living one is spared', async () => {
    fs.mkdirSync(lockPath, { recursive: true });
    const draft = (letter: string) => `${lockPath}.${letter.repeat(32)}.draft`;
    fs.mkdirSync(draft('a'));
    for (const [letter, over] of [
      ['b', { startTicks: 1 }],
      ['c', {}],
    ] as const) {
      const token = letter.repeat(32);
      fs.mkdirSync(draft(letter));
      fs.writeFileSync(
        join(draft(letter), ownerFileName(token)),
        JSON.stringify(recordLike({ ...over, token })),
      );
    }
    fs.writeFileSync(`${lockPath}.txt`, 'not ours');
    await tryLock();
    expect(fs.readdirSync(join(lockPath, '..'))).toEqual([
      `lock.${'c'.repeat(32)}.draft`,
      'lock.txt',
    ]);
  });

  test.runIf(process.getuid?.() === 0)(
    'a folder that may not be written is a matter of permission',
    async () => {
      fs.chmodSync(folder, 0o755);
      process.seteuid?.(65_534);
      const refused = await tryLock().finally(() => process.seteuid?.(0));
      expect(refused).toMatchObject({
        ok: false,
        error: { code: 'permission', path: expect.stringContaining('run/bootstrap') },
      });
    },
  );
});

describe('a lost lock', () => {
  test('is known at once when asked, and within one update unasked; the work still ends', async () => {
    const seen: unknown[] = [];
    const held = await createLock(parts).hold(lockRequest(lockPath), async (lock) => {
      seen.push(lock.owned());
      fs.rmSync(lockPath, { recursive: true });
      seen.push(lock.owned());
      const startMs = performance.now();
      await new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
      seen.push(performance.now() - startMs < LOST_WITHIN_MS);
      return 'ended';
    });
    expect(held).toEqual({ ok: true, value: 'ended' });
    expect(seen).toEqual([true, false, true]);
  });

  test.each([
    ['before it is noticed', 0],
    ['after it was noticed', LOST_WITHIN_MS],
  ])("is another's: it survives our release %s", async (_, noticeMs) => {
    let next: Holder | undefined;
    await createLock(parts).hold(lockRequest(lockPath), async () => {
      fs.rmSync(lockPath, { recursive: true });
      next = await startHolder();
      await sleep(noticeMs);
    });
    await next?.ask('owned', 'owned true');
    expect(await tryLock()).toMatchObject({
      ok: false,
      error: { code: 'locked', holder: { pid: next?.pid } },
    });
  });

  test("is another's: it survives our exit", async () => {
    const first = await startHolder();
    fs.rmSync(lockPath, { recursive: true });
    const second = await startHolder();
    await first.ask('exit');
    await first.ended;
    await second.ask('owned', 'owned true');
  });

  test('kept of ours is still removed', async () => {
    const aside = join(folder, 'aside');
    let held: HeldLock | undefined;
    await createLock(parts).hold(lockRequest(lockPath), async (lock) => {
      held = lock;
      fs.renameSync(lockPath, aside);
      await new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
      fs.renameSync(aside, lockPath);
    });
    expect(held?.owned()).toBe(false);
    expect(readHolder(processes, lockPath)).toEqual({ state: 'free' });
  });
});

describe('signals', () => {
  test.each(['on', 'once'])(
    'a SIGINT heard with `%s` neither ends the process nor frees the lock',
    async (listen) => {
      const holder = await startHolder(listen);
      holder.kill('SIGINT');
      await holder.hears('heard SIGINT');
      await holder.ask('owned', 'owned true');
      expect(await tryLock()).toMatchObject({ ok: false, error: { code: 'locked' } });
    },
  );

  test('a SIGINT that nobody hears ends the process as ever, and the lock is there for the next', async () => {
    const holder = await startHolder();
    holder.kill('SIGINT');
    expect(await holder.ended).toBe('SIGINT');
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
  });

  test('the library listens to none, and a file too large stays an error', async () => {
    const holder = await startHolder('none', 8);
    await holder.ask('listeners', 'listeners 0 0 0');
    await holder.ask('write-too-much', 'refused EFBIG');
    await holder.ask('owned', 'owned true');
  });
});

describe('contenders', () => {
  const SLOTS = 8;
  const TURNS = 40;
  const DEATHS_PERCENT = 5;
  const KILLS = 20;

  test('never overlap, whoever is killed where', { timeout: 60_000 }, async () => {
    const logPath = join(folder, 'log');
    fs.writeFileSync(logPath, '');
    const startMs = performance.now();
    const killedAt = new Map<number, bigint>();
    const running = new Map<string, ChildProcess>();
    const fight = async (slot: string): Promise<void> => {
      for (let left = TURNS; left > 0; left = TURNS - entriesOf(logPath, slot)) {
        const child = start([
          'contend',
          lockPath,
          logPath,
          slot,
          String(left),
          String(DEATHS_PERCENT),
        ]);
        running.set(slot, child);
        await endOf(child);
        running.delete(slot);
      }
    };
    const fights = Promise.all(Array.from({ length: SLOTS }, (_, index) => fight(`s${index}`)));
    const over = fights.then(() => true);
    for (let kills = 0; kills < KILLS; kills += 1) {
      if (await Promise.race([over, sleep(50 + Math.random() * 150, false)])) break;
      const [child] = [...running.values()].toSorted(() => Math.random() - 0.5);
      if (child?.pid === undefined) continue;
      killedAt.set(child.pid, process.hrtime.bigint());
      child.kill('SIGKILL');
    }
    await fights;
    const elapsedMs = performance.now() - startMs;
    const { entered, deaths, overlaps } = readLog(fs.readFileSync(logPath, 'utf8'), killedAt);
    console.log(
      `lock: ${entered} sections, ${deaths} died holding, ${killedAt.size} kills from outside, ${Math.round(elapsedMs)} ms`,
    );
    expect(overlaps).toEqual([]);
    expect(entered).toBeGreaterThanOrEqual(SLOTS * TURNS);
    expect(deaths).toBeGreaterThan(0);
    expect(await tryLock()).toEqual({ ok: true, value: 'worked' });
    expect(fs.readdirSync(join(lockPath, '..'))).toEqual([]);
  });

  test('that overlapped would be found out', () => {
    const killed = new Map([[2, 25n]]);
    expect(
      readLog('10 1 a enter\n11 1 a leave\n20 2 b enter\n30 3 c enter\n40 3 c leave\n', killed)
        .overlaps,
    ).toEqual([]);
    expect(readLog('10 1 a enter\n20 2 b enter\n21 2 b leave\n', new Map()).overlaps).not.toEqual(
      [],
    );
    expect(readLog('20 2 b enter\n24 3 c enter\n40 3 c leave\n', killed).overlaps).not.toEqual([]);
    expect(
      readLog('10 1 a enter\n20 2 b enter\n21 1 a tick\n', new Map([[1, 5n]])).overlaps,
    ).not.toEqual([]);
  });
});

test('a record comes back as it was written, and only a record does', () => {
  expect(parseRecord(JSON.stringify(recordLike()))).toEqual(recordLike());
  for (const wrong of [
    { pid: 0 },
    { pid: -1 },
    { pid: 1.5 },
    { startTicks: '7' },
    { bootId: 1 },
    { machineId: null },
    { timeNs: 1 },
    { runId: undefined },
  ]) {
    expect(parseRecord(JSON.stringify({ ...recordLike(), ...wrong }))).toBeUndefined();
  }
  for (const text of ['', 'null', '[]', '7', '{}']) expect(parseRecord(text)).toBeUndefined();
});

interface Holder {
  readonly pid: number;
  readonly said: readonly string[];
  readonly ended: Promise<string | number>;
  kill(signal: NodeJS.Signals): void;
  hears(line: string): Promise<void>;
  /** Writes the question, and waits for the answer where one is named. */
  ask(question: string, answer?: string): Promise<void>;
}

/** A process that holds the lock by the time this returns. */
async function startHolder(listen = 'none', fileBlocksMax?: number): Promise<Holder> {
  const child = start(['hold', lockPath, listen], fileBlocksMax);
  const said: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => said.push(line));
  const hears = (line: string) =>
    until(
      () => said.includes(line),
      () => `${line}, but heard ${said.join(' / ')}`,
    );
  await hears('held');
  return {
    pid: child.pid ?? 0,
    said,
    ended: endOf(child),
    kill: (signal) => void child.kill(signal),
    hears,
    ask: async (question, answer) => {
      child.stdin?.write(`${question}\n`);
      if (answer !== undefined) await hears(answer);
    },
  };
}

function start(args: readonly string[], fileBlocksMax?: number): ChildProcess {
  const argv = [process.execPath, join(built, 'holder.cjs'), ...args];
  const [program = '', ...rest] =
    fileBlocksMax === undefined
      ? argv
      : ['/bin/sh', '-c', `ulimit -f ${fileBlocksMax}; exec "$@"`, 'sh', ...argv];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined); // a question to a process that just died
  started.push(child);
  return child;
}

function endOf(child: ChildProcess): Promise<string | number> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.signalCode ?? child.exitCode ?? '');
  return new Promise((resolve) =>
    child.once('exit', (exitCode, signal) => resolve(signal ?? exitCode ?? '')),
  );
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await endOf(child);
}

async function until(isSo: () => boolean, what: () => string = () => String(isSo)): Promise<void> {
  const deadlineMs = performance.now() + LINE_DEADLINE_MS;
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for: ${what()}`);
    await sleep(5);
  }
}

function tryLock(over: Partial<LockRequest> = {}) {
  return createLock(parts).hold(lockRequest(lockPath, over), () => Promise.resolve('worked'));
}

/** A record like that of a process which lives: our own. */
function recordLike(over: Partial<OwnerRecord> = {}): OwnerRecord {
  const self = processes.identify(process.pid);
  const startTicks = self.kind === 'known' ? self.value.startTicks : 0;
  const who = { pid: process.pid, startTicks, ...readHere() };
  const what = { command: 'apply', runId: 'planted', startedAt: '2026-11-22T14:22:00.000Z' };
  return { v: 1, token: TOKEN, ...who, ...what, ...over };
}

function plant(over: Partial<OwnerRecord>): void {
  const record = recordLike(over);
  fs.mkdirSync(lockPath, { recursive: true });
  fs.writeFileSync(ownerPath(record.token), JSON.stringify(record));
}

function ownerPath(token?: string): string {
  const look = lookAt(lockPath);
  return join(lockPath, ownerFileName(token ?? (look.state === 'held' ? look.record.token : '')));
}

function processState(pid: number): string | undefined {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}

function hasEndedUncollected(pid: number): boolean {
  const stat = readStat(pid);
  return stat.kind === 'known' && hasEnded(stat.value);
}

function treeOf(path: string): readonly string[] {
  return fs.readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted();
}

function entriesOf(logPath: string, slot: string): number {
  const lines = fs.readFileSync(logPath, 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(' enter') && line.includes(` ${slot}.`)).length;
}

/** Judges a log of `TIME PID SECTION WHAT` lines, whose order is that of the writes. Whoever was killed before the next one entered may not have left. */
function readLog(text: string, killedAt: ReadonlyMap<number, bigint>) {
  const overlaps: string[] = [];
  let entered = 0;
  let deaths = 0;
  let open: { section: string; pid: number; died: boolean } | undefined;
  for (const line of text.trimEnd().split('\n')) {
    const [time = '', pidText = '', section = '', what = ''] = line.split(' ');
    if (what === 'enter') {
      entered += 1;
      const killed = open === undefined ? undefined : killedAt.get(open.pid);
      const wasDead =
        open === undefined || open.died || (killed !== undefined && killed <= BigInt(time));
      if (!wasDead) overlaps.push(`${line} while in ${open?.section}`);
      if (open !== undefined) deaths += 1;
      open = { section, pid: Number(pidText), died: false };
      continue;
    }
    if (open?.section !== section || open.died) overlaps.push(`${line} while in ${open?.section}`);
    else if (what === 'leave') open = undefined;
    else if (what === 'dies') open.died = true;
  }
  return { entered, deaths, overlaps };
}
