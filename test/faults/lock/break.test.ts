// `lock break` against real processes: it takes a lock away on proof of death only, and ends nobody but the holder.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/host/host.ts';
import { type BreakRequest, breakLock } from '../../../src/host/lock-break.ts';
import { lookAtLock } from '../../../src/host/lock-look.ts';
import { ownerFileName, readHere } from '../../../src/host/lock-record.ts';
import { createLock } from '../../../src/host/lock.ts';
import { readStat } from '../../../src/host/processes.ts';
import type { HostPath } from '../../../src/model/ids.ts';
import { until } from '../../host/until.ts';
import { lockRequest, parts } from '../../rig/lock-holder.ts';
import { buildPrograms, type Programs, type Started } from './programs.ts';

const TOKEN = 'f'.repeat(32);
/** A clock on which ten seconds of patience are over in a fifth of one. */
const HURRY = 50;
const hurried: Clock = {
  ...parts.clock,
  monotonicMs: () => parts.clock.monotonicMs() * HURRY,
  sleep: async (ms) => await parts.clock.sleep(ms / HURRY),
};

let programs: Programs;
let lockPath: HostPath;
beforeAll(async () => {
  programs = await buildPrograms();
});
beforeEach(() => {
  lockPath = programs.place().lockPath as HostPath;
});
afterAll(async () => await programs.end());

describe('without --kill', () => {
  test('a free lock needs no breaking', async () => {
    expect(await breakIt()).toEqual({ ok: true, value: { state: 'free' } });
  });

  test('the hold of a dead one is taken away, and it is said whose it was', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    await holder.ended;
    expect(await breakIt()).toMatchObject({
      ok: true,
      value: { state: 'broken', ended: 'before', holder: { pid: holder.pid, command: 'apply' } },
    });
    expect(readdirSync(dirname(lockPath))).toEqual([]);
  });

  test('a living holder is left alone', async () => {
    const holder = await startHolder();
    expect(await breakIt()).toMatchObject({
      ok: false,
      error: { code: 'lock-kept', holder: { pid: holder.pid }, because: { why: 'alive' } },
    });
    holder.endStdin();
    await holder.says('released');
  });
});

describe('with --kill', () => {
  test('a holder that heeds SIGTERM is not killed', async () => {
    const holder = await startHolder();
    const signals: string[] = [];
    expect(
      await breakIt({ living: 'kill', onSignal: (signal) => signals.push(signal) }),
    ).toMatchObject({
      ok: true,
      value: { state: 'broken', ended: 'SIGTERM', holder: { pid: holder.pid } },
    });
    expect(signals).toEqual(['SIGTERM']);
    expect(await holder.ended).toBe('SIGTERM');
    await expectFree();
  });

  test('a stopped holder is killed when its time is over', async () => {
    const holder = await startHolder();
    holder.kill('SIGSTOP');
    await until(() => stateOf(holder) === 'T');
    const startMs = hurried.monotonicMs();
    expect(await breakIt({ living: 'kill' })).toMatchObject({
      ok: true,
      value: { state: 'broken', ended: 'SIGKILL' },
    });
    expect(hurried.monotonicMs() - startMs).toBeGreaterThanOrEqual(10_000);
    expect(await holder.ended).toBe('SIGKILL');
    await expectFree();
  });

  test('a process that has the pid of a dead holder is not touched', async () => {
    const other = programs.start(['sleep', '60']);
    plant({ pid: other.pid, startTicks: 1 });
    expect(await breakIt({ living: 'kill' })).toMatchObject({
      ok: true,
      value: { state: 'broken', ended: 'before' },
    });
    await expectUntouched(other);
  });

  test('nor one that got the pid just before the signal', async () => {
    const other = programs.start(['sleep', '60']);
    const found = parts.processes.identify(other.pid);
    plant({ pid: other.pid, startTicks: 1 });
    let looks = 0;
    // The first look sees the holder, later ones the process that has its pid since.
    const identify = () => {
      looks += 1;
      return looks === 1
        ? ({ kind: 'known', value: { pid: other.pid, startTicks: 1 } } as const)
        : found;
    };
    const processes = { ...parts.processes, identify };
    const request = {
      path: lockPath,
      living: 'kill',
      onSignal: () => expect.unreachable(),
    } as const;
    expect(await breakLock({ processes, clock: hurried }, request)).toMatchObject({
      ok: true,
      value: { state: 'broken', ended: 'before' },
    });
    expect(looks).toBeGreaterThan(1);
    await expectUntouched(other);
  });

  test('a holder that does not even die of SIGKILL keeps the lock', async () => {
    const other = programs.start(['sleep', '60']);
    plant({ pid: other.pid, startTicks: 1 });
    // As a process in state D: it is there, whatever it is sent.
    const identify = () => ({ kind: 'known', value: { pid: other.pid, startTicks: 1 } }) as const;
    const before = readdirSync(lockPath);
    const request = { path: lockPath, living: 'kill', onSignal: () => undefined } as const;
    expect(
      await breakLock({ processes: { ...parts.processes, identify }, clock: hurried }, request),
    ).toMatchObject({ ok: false, error: { code: 'lock-kept', because: { why: 'survived' } } });
    expect(readdirSync(lockPath)).toEqual(before);
  });

  test('the hold of the next run is not taken away', async () => {
    const first = await startHolder();
    let second: Started | undefined;
    // The first one ends, and a second has taken over before its death is looked for.
    const clock: Clock = {
      ...parts.clock,
      sleep: async () => {
        await first.ended;
        second ??= await startHolder();
      },
    };
    const request = { path: lockPath, living: 'kill', onSignal: () => undefined } as const;
    expect(await breakLock({ ...parts, clock }, request)).toMatchObject({
      ok: true,
      value: { holder: { pid: first.pid } },
    });
    expect(lookAtLock(parts, lockPath)).toMatchObject({
      value: { state: 'held', holder: { pid: second?.pid }, liveness: { is: 'alive' } },
    });
  });
});

describe('what nobody can judge stays, also with --kill', () => {
  test.each<[string, () => void, object]>([
    [
      'a stray file',
      () => writeFileSync(join(lockPath, 'notes.txt'), 'x'),
      { about: 'contents', what: 'it holds "notes.txt"' },
    ],
    [
      'a torn record',
      () => writeFileSync(join(lockPath, ownerFileName(TOKEN)), '{"v":1,'),
      { about: 'contents', what: `its ${ownerFileName(TOKEN)} is no record of a lock` },
    ],
    ['a hold from another pid namespace', () => plant({ pidNs: 'x' }), { about: 'pid-namespace' }],
    ['one from another time namespace', () => plant({ timeNs: 'x' }), { about: 'time-namespace' }],
    [
      'one from another machine',
      () => plant({ bootId: 'x', machineId: 'x' }),
      { about: 'machine' },
    ],
  ])('%s', async (_, make, doubt) => {
    mkdirSync(lockPath, { recursive: true });
    make();
    const before = readdirSync(lockPath);
    expect(await breakIt({ living: 'kill', onSignal: () => expect.unreachable() })).toMatchObject({
      ok: false,
      error: { code: 'lock-kept', because: { why: 'doubt', doubt } },
    });
    expect(readdirSync(lockPath)).toEqual(before);
  });

  test('a lock that may not be changed is a matter of permission', async () => {
    plant({ startTicks: 1 });
    chmodSync(lockPath, 0o555);
    for (let folder = dirname(lockPath); folder.includes('lock-faults-'); folder = dirname(folder))
      chmodSync(folder, 0o755);
    const isRoot = process.getuid?.() === 0; // whom no permission bits hold back
    if (isRoot) process.seteuid?.(65_534);
    const refused = await breakIt().finally(() => isRoot && process.seteuid?.(0));
    chmodSync(lockPath, 0o755);
    expect(refused).toMatchObject({ ok: false, error: { code: 'permission', path: lockPath } });
    expect(readdirSync(lockPath)).toEqual([ownerFileName(TOKEN)]);
  });
});

async function breakIt(over: Partial<BreakRequest> = {}) {
  const request: BreakRequest = {
    path: lockPath,
    living: 'ask',
    onSignal: () => undefined,
    ...over,
  };
  return await breakLock({ ...parts, clock: hurried }, request);
}

async function startHolder(): Promise<Started> {
  const holder = programs.contend('keep', 'ours', lockPath);
  await holder.says('held');
  return holder;
}

async function expectFree(): Promise<void> {
  const next = await createLock(parts).hold(lockRequest(lockPath), () => Promise.resolve('worked'));
  expect(next).toEqual({ ok: true, value: 'worked' });
}

/** No signal has reached it before ours. */
async function expectUntouched(bystander: Started): Promise<void> {
  bystander.kill('SIGKILL');
  expect(await bystander.ended).toBe('SIGKILL');
}

/** A record of this very process, but for `over`. */
function plant(over: object): void {
  const self = parts.processes.identify(process.pid);
  const identity = self.kind === 'known' ? self.value : {};
  const run = { command: 'apply', runId: 'planted', startedAt: '2026-11-22T14:22:00.000Z' };
  const record = { v: 1, token: TOKEN, ...identity, ...readHere(), ...run, ...over };
  mkdirSync(lockPath, { recursive: true });
  writeFileSync(join(lockPath, ownerFileName(TOKEN)), JSON.stringify(record));
}

function stateOf({ pid }: Pick<Started, 'pid'>): string | undefined {
  const stat = readStat(pid);
  return stat.kind === 'known' ? stat.value.state : undefined;
}
