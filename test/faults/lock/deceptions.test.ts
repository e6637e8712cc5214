// What makes a living holder look dead, or a dead one alive: a lock that goes by age, by a clock or by a bare pid falls for it.
// Each control shows that the deception is real.
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAtLock } from '../../../src/host/lock-look.ts';
import { readStat } from '../../../src/host/processes.ts';
import type { HostPath } from '../../../src/model/ids.ts';
import { until } from '../../host/until.ts';
import { parts } from '../../rig/lock-holder.ts';
import { buildPrograms, type Programs, type Started } from './programs.ts';
import { type Kind, PLAIN_TAKES_AFTER_MS } from './taking.ts';

const DAYS_10_MS = 10 * 86_400_000;
/** libfaketime: the wall clock only, and files keep their real times. */
const ONLY_THE_WALL_CLOCK = {
  NO_FAKE_STAT: '1',
  DONT_FAKE_MONOTONIC: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
};
/** Also those who are not root may make namespaces of their own. */
const APART = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
const PIDS_APART = [...APART, '--pid', '--fork', '--kill-child', '--mount-proc'];

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(async () => await programs.end());

describe.concurrent('a living holder keeps the lock', () => {
  test('while it is stopped, and goes on with it; proper-lockfile alone gives it away', async () => {
    const lockPath = newLock();
    const plainPath = programs.place().folder + '/lock';
    const holder = await heldBy('ours', lockPath);
    const plain = await heldBy('plain', plainPath);
    for (const { kill } of [holder, plain]) kill('SIGSTOP');
    await until(() => stateOf(holder) === 'T' && stateOf(plain) === 'T');
    await sleep(PLAIN_TAKES_AFTER_MS);
    expect(await tried('plain', plainPath)).toMatchObject({ refusal: null });
    expect(await tried('ours', lockPath)).toMatchObject({
      refusal: { code: 'locked', holder: { pid: holder.pid } },
    });
    expect(look(lockPath)).toMatchObject({ liveness: { is: 'alive' }, processState: 'T' });
    expect(look(lockPath)).toHaveProperty('heartbeatAgeMs', expect.any(Number));
    for (const { kill } of [holder, plain]) kill('SIGCONT');
    holder.endStdin();
    await holder.says('released');
    expect(await tried('ours', lockPath)).toMatchObject({ refusal: null });
  });

  test.each([
    ['ten days ahead', '+10d', DAYS_10_MS],
    ['an hour behind', '-1h', -3_600_000],
  ])('from one whose clock is %s; proper-lockfile alone minds the clock', async (_, jump, byMs) => {
    const lockPath = newLock();
    const plainPath = programs.place().folder + '/lock';
    await heldBy('ours', lockPath);
    const faked = ['faketime', '-f', jump];
    const ours = await tried('ours', lockPath, faked);
    expect(ours).toMatchObject({ refusal: { code: 'locked' } });
    expect(Math.abs(ours.clockMs - Date.now() - byMs)).toBeLessThan(60_000);
    if (byMs > 0) {
      await heldBy('plain', plainPath);
      expect(await tried('plain', plainPath, faked)).toMatchObject({ refusal: null });
    } else {
      // One that died a minute ago: an hour of waiting for nobody.
      mkdirSync(plainPath);
      utimesSync(plainPath, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
      expect(await tried('plain', plainPath, faked)).toMatchObject({
        refusal: { code: 'ELOCKED' },
      });
      expect(await tried('plain', plainPath)).toMatchObject({ refusal: null });
    }
  });

  test('from one in another time namespace, where its start is another number', async () => {
    const lockPath = newLock();
    const holder = await heldBy('ours', lockPath);
    const apart = [...APART, '--time', '--boottime', '86400', '--fork'];
    const stat = programs.start([...apart, 'cat', `/proc/${holder.pid}/stat`]);
    await stat.ended;
    expect(ticksIn(stat.said())).not.toBe(
      ticksIn(readFileSync(`/proc/${holder.pid}/stat`, 'utf8')),
    );
    expect(await tried('ours', lockPath, apart)).toMatchObject({
      refusal: { code: 'locked', doubt: { about: 'time-namespace' } },
    });
  });

  test('from one in another pid namespace, where nobody has its pid', async () => {
    const lockPath = newLock();
    await heldBy('ours', lockPath);
    expect(await tried('ours', lockPath, PIDS_APART)).toMatchObject({
      refusal: { code: 'locked', doubt: { about: 'pid-namespace' } },
    });
  });
});

describe.concurrent('a dead holder loses the lock at once', () => {
  test('though another process has its pid now', async () => {
    const lockPath = newLock();
    const argv = programs.contender.map((word) => `'${word}'`).join(' ');
    // In a pid namespace of its own, where the next pid can be chosen. `kill -0` is what a bare pid would go by.
    const script = `
      exec 3<&0
      ${argv} keep ours '${lockPath}' <&3 >"$1" &
      holder=$!
      tries=500
      until grep -q held "$1"; do sleep 0.02; [ $((tries -= 1)) -gt 0 ] || exit 9; done
      kill -9 $holder; wait $holder
      echo $((holder - 1)) >/proc/sys/kernel/ns_last_pid
      sleep 60 &
      [ $! = $holder ] || { echo "pid $! instead of $holder"; exit 9; }
      kill -0 $holder && echo 'naive: alive'
      ${argv} try ours '${lockPath}'
      kill $!`;
    const said = join(programs.place().folder, 'said');
    const reuse = programs.start([...PIDS_APART, 'sh', '-c', script, 'sh', said]);
    expect(await reuse.ended, reuse.errors()).toBe(0);
    const [naive, ours] = reuse.said().trim().split('\n');
    expect(naive).toBe('naive: alive');
    expect(JSON.parse(ours ?? '')).toMatchObject({ refusal: null });
  });

  test('as a zombie that nobody collects', async () => {
    const lockPath = newLock();
    const argv = programs.contender.map((word) => `'${word}'`).join(' ');
    // The shell becomes `sleep`, which never waits for its child.
    const parent = programs.start([
      'sh',
      '-c',
      `exec 3<&0; ${argv} keep ours '${lockPath}' <&3 & echo "pid $!"; exec sleep 60`,
    ]);
    await parent.says('held');
    const pid = Number(/pid (\d+)/.exec(parent.said())?.[1]);
    process.kill(pid, 'SIGKILL');
    await until(() => stateOf({ pid }) === 'Z');
    await until(() => parts.processes.identify(pid).kind === 'absent');
    expect(() => process.kill(pid, 0), 'a bare pid would still be there').not.toThrow();
    expect(look(lockPath)).toMatchObject({
      liveness: { is: 'dead', proof: 'ended' },
      processState: 'Z',
    });
    expect(await tried('ours', lockPath)).toMatchObject({ refusal: null });
  });

  test('that a reboot ended, though a process of this boot has its very pid', async () => {
    const lockPath = newLock();
    const holder = await heldBy('ours', lockPath);
    const [name = ''] = readdirSync(lockPath);
    const path = join(lockPath, name);
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    // The holder lives on, as the process of this boot.
    writeFileSync(path, JSON.stringify(Object.assign({}, record, { bootId: 'the-boot-before' })));
    expect(stateOf(holder)).not.toBe('Z');
    expect(look(lockPath)).toMatchObject({ liveness: { is: 'dead', proof: 'rebooted' } });
    expect(await tried('ours', lockPath)).toMatchObject({ refusal: null });
  });
});

function newLock(): HostPath {
  return programs.place().lockPath as HostPath;
}

async function heldBy(kind: Kind, path: string): Promise<Started> {
  const holder = programs.contend('keep', kind, path);
  await holder.says('held');
  return holder;
}

interface Tried {
  readonly refusal: object | null;
  readonly clockMs: number;
}

/** What comes of one try, by a contender that `wrapper` runs. */
async function tried(kind: Kind, path: string, wrapper: readonly string[] = []): Promise<Tried> {
  const argv = [...wrapper, ...programs.contender, 'try', kind, path];
  const child = programs.start(argv, ONLY_THE_WALL_CLOCK);
  expect(await child.ended, child.errors()).toBe(0);
  const said: unknown = JSON.parse(child.said());
  return said as Tried;
}

function look(lockPath: HostPath): object {
  const looked = lookAtLock(parts, lockPath);
  return looked.ok ? looked.value : looked.error;
}

function stateOf({ pid }: Pick<Started, 'pid'>): string | undefined {
  const stat = readStat(pid);
  return stat.kind === 'known' ? stat.value.state : undefined;
}

function ticksIn(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}
