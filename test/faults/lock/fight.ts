import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStat } from '../../../src/host/processes.ts';
import type { Programs, Started } from './programs.ts';
import type { Kind } from './taking.ts';
import { judgeTicks, openSection, type Verdict } from './ticks.ts';

/** How a fight over one lock is fought. */
export interface FightRules {
  readonly kind: Kind;
  readonly contenders: number;
  /** Processes that do nothing but break dead holds. */
  readonly vultures: number;
  readonly forMs: number;
  readonly killEveryMs: number;
  readonly stopEveryMs: number;
  readonly stopForMs: number;
}

/** What came of a fight. */
export interface Fought extends Verdict {
  readonly kills: number;
  /** Holders that were stopped in their section, and went on afterwards. */
  readonly stops: number;
  readonly lockPath: string;
  readonly errors: readonly string[];
}

// Enough that a crowd of fifty on two cores can still end its sections.
const LEAVE_MS_MAX = 20_000;
// Over the longest pause between two holds.
const LOOKS_MAX = 200;

/** Lets contenders fight for a lock, kills and stops them meanwhile, and judges what they wrote. */
export async function fight(programs: Programs, rules: FightRules): Promise<Fought> {
  const { folder, lockPath } = programs.place();
  const logPath = join(folder, 'log');
  writeFileSync(logPath, '');
  mkdirSync(dirname(lockPath)); // proper-lockfile makes none
  const args = ['fight', rules.kind, lockPath, logPath, join(folder, 'witness')];
  const ring = openRing(rules, (slot) => programs.contend(...args, slot));
  const vultures = Array.from({ length: rules.vultures }, () =>
    programs.contend('vulture', lockPath),
  );
  const hurt = { killedAt: new Map<number, bigint>(), stopped: new Set<number>(), stops: 0 };
  const holder = () => ring.find(openSection(readFileSync(logPath, 'utf8'))?.pid);
  const over = AbortSignal.timeout(rules.forMs);
  await Promise.all([
    killNowAndThen({ rules, over, hurt, holder, anybody: ring.anybody }),
    stopNowAndThen({ rules, over, hurt, holder }),
  ]);
  const errors = [...(await ring.close()), ...(await endAll(vultures))];
  const verdict = judgeTicks(readFileSync(logPath, 'utf8'), hurt.killedAt);
  return { ...verdict, kills: hurt.killedAt.size, stops: hurt.stops, lockPath, errors };
}

interface Hurt {
  readonly killedAt: Map<number, bigint>;
  /** Those who are stopped at this moment. */
  readonly stopped: Set<number>;
  stops: number;
}

interface Fray {
  readonly rules: FightRules;
  readonly over: AbortSignal;
  readonly hurt: Hurt;
  readonly holder: () => Started | undefined;
}

// By turns the one in its section, and anybody: who waits, takes over or releases at that moment.
async function killNowAndThen({
  rules,
  over,
  hurt,
  holder,
  anybody,
}: Fray & { readonly anybody: () => Started | undefined }): Promise<void> {
  for (let turn = 0; !over.aborted; turn += 1) {
    await sleep(rules.killEveryMs * (0.5 + Math.random()));
    const victim = turn % 3 === 2 ? anybody() : await soon(holder);
    if (victim === undefined || hurt.stopped.has(victim.pid)) continue;
    // It may still look alive to us: what counts is when it was killed first.
    if (hurt.killedAt.has(victim.pid)) continue;
    hurt.killedAt.set(victim.pid, process.hrtime.bigint());
    victim.kill('SIGKILL');
  }
}

async function stopNowAndThen({ rules, over, hurt, holder }: Fray): Promise<void> {
  while (!over.aborted) {
    const victim = await soon(holder);
    if (victim === undefined) continue;
    hurt.stopped.add(victim.pid);
    const isCaught = await stopInSection(victim, holder);
    if (isCaught) {
      await sleep(rules.stopForMs);
      hurt.stops += 1;
    }
    victim.kill('SIGCONT');
    hurt.stopped.delete(victim.pid);
    if (isCaught) await sleep(rules.stopEveryMs);
  }
}

/** Whoever is in there next. */
async function soon(holder: Fray['holder']): Promise<Started | undefined> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const found = holder();
    if (found !== undefined) return found;
    await sleep(1);
  }
  return undefined;
}

/** Stops a process; true where it stands still in its section. */
async function stopInSection(victim: Started, holder: Fray['holder']): Promise<boolean> {
  victim.kill('SIGSTOP');
  for (;;) {
    const stat = readStat(victim.pid);
    if (stat.kind !== 'known' || stat.value.state === 'Z') return false;
    if (stat.value.state === 'T') return holder()?.pid === victim.pid;
    await sleep(1);
  }
}

/** So many contenders at any time: whoever is killed is followed by another one. */
function openRing({ contenders }: FightRules, start: (slot: string) => Started) {
  const running = new Map<string, Started>();
  const errors: string[] = [];
  let isOpen = true;
  const enter = (slot: string): void => {
    const child = start(slot);
    running.set(slot, child);
    child.ended
      .then((how) => {
        if (how !== 'SIGKILL' && how !== 0) errors.push(`${slot} ended by ${how}`);
        if (child.errors() !== '') errors.push(child.errors());
        if (isOpen) enter(slot);
      })
      .catch((thrown: unknown) => errors.push(String(thrown)));
  };
  for (let index = 0; index < contenders; index += 1) enter(`s${index}`);
  return {
    find: (pid: number | undefined) => [...running.values()].find((child) => child.pid === pid),
    anybody: () => [...running.values()].toSorted(() => Math.random() - 0.5)[0],
    close: async () => {
      isOpen = false;
      return [...errors, ...(await endAll([...running.values()]))];
    },
  };
}

/** Lets them end by themselves; says who did not. */
async function endAll(children: readonly Started[]): Promise<readonly string[]> {
  for (const child of children) child.endStdin();
  const ends = children.map(async ({ ended, pid, kill }) => {
    if ((await Promise.race([ended, sleep(LEAVE_MS_MAX, 'late', { ref: false })])) !== 'late')
      return [];
    kill('SIGKILL');
    return [`pid ${pid} did not end`];
  });
  return (await Promise.all(ends)).flat();
}
