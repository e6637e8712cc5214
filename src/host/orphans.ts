import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../model/heartbeat.ts';
import type { Clock, OrphanRequest, Orphans, ScriptSought } from './host.ts';
import { signalGroup } from './process-group.ts';
import { identify, readStat } from './processes.ts';

const POLL_MS = 20;
/** As for a script of our own whose time is up: what it gets to end in order. */
const TERM_GRACE_MS = 5_000;
/** A killed process that is still there after this hangs in the kernel, perhaps for ever. */
const KILLED_WAIT_MS = 10_000;
/** Clock ticks a second in /proc, USER_HZ: 100 on every architecture that Linux has with Node. */
const TICKS_PER_SECOND = 100;

/** The scripts on this machine that outlived their engine. */
export function createOrphans(clock: Clock): Orphans {
  return { settle: (request) => settle(clock, request), find };
}

async function settle(
  clock: Clock,
  { leader, timeoutMs, signal }: OrphanRequest,
): Promise<boolean> {
  const isGone = (): boolean => {
    const found = identify(leader.pid);
    return found.kind === 'known'
      ? found.value.startTicks !== leader.startTicks
      : found.kind === 'absent';
  };
  const gone = async (ms: number): Promise<boolean> => {
    const untilMs = clock.monotonicMs() + ms;
    while (!isGone() && !signal.aborted && clock.monotonicMs() < untilMs)
      await clock.sleep(POLL_MS, signal);
    return isGone();
  };
  if (await gone(Math.max(0, timeoutMs - ageMs(leader)))) return true;
  for (const [name, patienceMs] of [
    ['SIGTERM', TERM_GRACE_MS],
    ['SIGKILL', KILLED_WAIT_MS],
  ] as const) {
    if (signal.aborted) return false;
    // Looked up again right before: its number may be somebody else's by now.
    if (isGone()) return true;
    signalGroup(leader.pid, name);
    if (await gone(patienceMs)) return true;
  }
  return false;
}

// By the machine's uptime, which no clock jump moves.
function ageMs({ startTicks }: ProcessIdentity): number {
  const [uptime = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return (Number(uptime) - startTicks / TICKS_PER_SECOND) * 1000;
}

function find({ path, args, runId, product }: ScriptSought): ProcessIdentity | undefined {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid)) continue;
    const words = readWords(`/proc/${pid}/cmdline`);
    if (!isCalled(words, [path, ...args])) continue;
    const variables = readWords(`/proc/${pid}/environ`);
    const isOurs =
      variables.includes(`BOOTSTRAP_RUN_ID=${runId}`) &&
      variables.includes(`BOOTSTRAP_PRODUCT=${product}`);
    // A leader of its own group: what it started itself is in its group, or is a daemon.
    const stat = isOurs ? readStat(pid) : undefined;
    if (stat?.kind !== 'known' || stat.value.group !== pid) continue;
    const leader = identify(pid);
    if (leader.kind === 'known') return leader.value;
  }
  return undefined;
}

// Behind its interpreter, if it has one; a command line ends in NUL.
function isCalled(words: readonly string[], script: readonly string[]): boolean {
  return words.slice(0, -1).slice(-script.length).join('\0') === script.join('\0');
}

// Of a process that ends at this moment, or of somebody else's, there is nothing to read.
function readWords(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
}
