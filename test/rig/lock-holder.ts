// A process that holds or fights for a lock, for tests that kill it. Bundled by the test, since Node 20 cannot run TypeScript:
//   lock-holder hold LOCK LISTEN     holds until told otherwise on stdin; LISTEN is on, once or none, for SIGINT
//   lock-holder contend LOCK LOG SLOT COUNT DEATHS    takes the lock COUNT times, and kills itself in DEATHS of 100 sections
import { appendFileSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../src/host/clock.ts';
import type { HeldLock, LockRequest } from '../../src/host/host.ts';
import { createLock } from '../../src/host/lock.ts';
import { createProcesses } from '../../src/host/processes.ts';
import { durationMs } from '../../src/model/duration.ts';
import { hostPath } from '../../src/model/ids.ts';

/** What the lock is made of: the real things. */
export const parts = { processes: createProcesses(), clock: createClock() };

/** A request with the usual in it: no waiting, nobody interrupts. */
export function lockRequest(path: string, over: Partial<LockRequest> = {}): LockRequest {
  return {
    path: hostPath('', path),
    command: 'apply',
    runId: 'run-1',
    timeoutMs: durationMs(0),
    signal: new AbortController().signal,
    onWait: () => undefined,
    ...over,
  };
}

const FILE_TOO_LARGE_BYTES = 1024 * 1024;
const CONTEND_TIMEOUT_MS = 30_000;

/** What stdin may ask of a holder. The answer is one line. */
const QUESTIONS: { readonly [name: string]: (lock: HeldLock) => string } = {
  owned: (lock) => `owned ${lock.owned()}`,
  listeners: () =>
    `listeners ${['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)).join(' ')}`,
  'write-too-much': () => {
    try {
      appendFileSync(`${lockPath}.large`, Buffer.alloc(FILE_TOO_LARGE_BYTES));
      return 'written';
    } catch (thrown) {
      return `refused ${thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''}`;
    }
  },
};

async function hold(path: string, listen: string): Promise<void> {
  if (listen === 'on') process.on('SIGINT', () => say('heard SIGINT'));
  if (listen === 'once') process.once('SIGINT', () => say('heard SIGINT'));
  const held = await createLock(parts).hold(lockRequest(path), async (lock) => {
    lock.lost.addEventListener('abort', () => say('lost'));
    say('held');
    for await (const line of createInterface(process.stdin)) {
      if (line === 'release') break;
      if (line === 'exit') process.exit(0);
      say(QUESTIONS[line]?.(lock) ?? `what is ${line}?`);
    }
  });
  say(held.ok ? 'released' : JSON.stringify(held.error));
  process.stdin.destroy();
}

interface Contest {
  readonly lockPath: string;
  readonly logPath: string;
  readonly slot: string;
  readonly count: number;
  readonly deathsPercent: number;
}

async function contend(contest: Contest): Promise<void> {
  const log = openSync(contest.logPath, 'a');
  const request = lockRequest(contest.lockPath, { timeoutMs: durationMs(CONTEND_TIMEOUT_MS) });
  for (let turn = 0; turn < contest.count; turn += 1) {
    const note = (what: string) =>
      writeSync(
        log,
        `${process.hrtime.bigint()} ${process.pid} ${contest.slot}.${process.pid}.${turn} ${what}\n`,
      );
    const dies = Math.random() * 100 < contest.deathsPercent;
    const held = await createLock(parts).hold(request, async () => {
      note('enter');
      for (let tick = 0; tick < 3; tick += 1) {
        await sleep(1);
        note('tick');
        if (dies && tick === 1) {
          note('dies');
          process.kill(process.pid, 'SIGKILL');
        }
      }
      note('leave');
    });
    if (!held.ok) throw new Error(JSON.stringify(held.error));
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const [verb, ...args] = process.argv.slice(2);
const [lockPath = '', second = '', slot = '', count, deathsPercent] = args;
if (verb === 'hold') {
  hold(lockPath, second).catch(fail);
} else if (verb === 'contend') {
  contend({
    lockPath,
    logPath: second,
    slot,
    count: Number(count),
    deathsPercent: Number(deathsPercent),
  }).catch(fail);
}

function fail(thrown: unknown): void {
  say(String(thrown));
  process.exitCode = 1;
}
