import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClock } from '../../src/host/clock.ts';
import { createProcesses, hasEnded } from '../../src/host/processes.ts';
import { until } from './until.ts';

const processes = createProcesses();

test('a process is told apart by its start', () => {
  const found = processes.identify(process.pid);
  expect(found).toMatchObject({ kind: 'known', value: { pid: process.pid } });
  expect(processes.identify(process.pid)).toEqual(found);
});

test('a name with brackets and blanks does not move the fields', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-proc-'));
  const program = join(folder, 'a) S 1 (b');
  copyFileSync('/bin/sleep', program);
  const plain = spawn('/bin/sleep', ['60']);
  const odd = spawn(program, ['60']);
  try {
    await until(() => readFileSync(`/proc/${odd.pid}/comm`, 'utf8').startsWith('a) S 1'));
    const ticks = [plain, odd].map(({ pid = 0 }) => {
      const found = processes.identify(pid);
      return found.kind === 'known' ? found.value.startTicks : Number.NaN;
    });
    const [first = 0, second = 0] = ticks;
    expect(second - first).toBeGreaterThanOrEqual(0);
    expect(second - first).toBeLessThan(1000); // hundredths of a second
  } finally {
    plain.kill('SIGKILL');
    odd.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test('a zombie, one that has ended, and what is no pid are absent', async () => {
  // The shell becomes `sleep`, which never waits for its child.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const zombie = Number(String((await once(parent.stdout, 'data'))[0]));
    await until(() => readFileSync(`/proc/${zombie}/stat`, 'utf8').includes(') Z '));
    expect(processes.identify(zombie)).toEqual({ kind: 'absent' });
  } finally {
    parent.kill('SIGKILL');
  }
  await once(parent, 'close');
  expect(processes.identify(parent.pid ?? 0)).toEqual({ kind: 'absent' });
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31, 2 ** 32 + process.pid]) {
    expect(processes.identify(pid), String(pid)).toEqual({ kind: 'absent' });
  }
});

test.each([
  ['Z', 1, true],
  ['X', 1, true],
  ['Z', 2, false], // its first thread has ended, another one may still be writing
  ['T', 1, false],
  ['D', 1, false],
])('a process in state %s with %d threads has ended: %s', (state, threads, ended) => {
  expect(hasEnded({ state, threads })).toBe(ended);
});

test('self is the user this process acts as', () => {
  expect(processes.self()).toEqual({ uid: process.geteuid?.(), gid: process.getegid?.() });
});

test('sleep waits its time, and no longer once it is called off', async () => {
  const clock = createClock();
  const startMs = clock.monotonicMs();
  await clock.sleep(30);
  expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(30);

  const off = new AbortController();
  setTimeout(() => off.abort(), 20);
  await clock.sleep(2 ** 40, off.signal);
  await clock.sleep(60_000, off.signal);
  expect(clock.monotonicMs() - startMs).toBeLessThan(30_000);
});
