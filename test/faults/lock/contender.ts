// A process that wants the lock, for tests that kill, stop and deceive it. Bundled by programs.ts, since Node 20 cannot run
// TypeScript. KIND is ours or plain (taking.ts):
//   contender fight KIND LOCK LOG WITNESS SLOT   takes the lock again and again until stdin ends
//   contender keep KIND LOCK                     holds it until stdin ends
//   contender try KIND LOCK                      tries once, and says as JSON what came of it
//   contender once LOCK                          on a line of stdin: takes it, holds it over a heartbeat, releases it
//   contender vulture LOCK                       breaks dead holds until stdin ends
import { openSync, readlinkSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { breakLock } from '../../../src/host/lock-break.ts';
import { hostPath } from '../../../src/model/ids.ts';
import { parts } from '../../rig/lock-holder.ts';
import { type Kind, withLock } from './taking.ts';

const WAIT_MS = 60_000;
/** Over one heartbeat, which comes each second. */
const ONE_BEAT_MS = 1150;
const TICKS = 8;
const TICK_MS = 5;
/** A witness may be that of a dead process, and be taken away by another one at the same time. */
const WITNESS_ROUNDS_MAX = 5;
const PAUSE_MS_MAX = 40;
const VULTURE_PAUSE_MS_MAX = 30;

const stdinEnd = new AbortController();

async function fight([kind, lockPath, logPath, witness, slot]: FightArgs): Promise<void> {
  endWithStdin();
  const log = openSync(logPath, 'a');
  for (let turn = 0; !stdinEnd.signal.aborted; turn += 1) {
    const section = `${slot}.${process.pid}.${turn}`;
    const note = (what: string) =>
      writeSync(log, `${process.hrtime.bigint()} ${process.pid} ${section} ${what}\n`);
    const limits = { timeoutMs: WAIT_MS, signal: stdinEnd.signal };
    const refusal = await withLock(kind, lockPath, limits, async () => {
      const isAlone = bearWitness(witness);
      note('enter');
      if (!isAlone) note('witness');
      for (let tick = 0; tick < TICKS; tick += 1) {
        await sleep(TICK_MS);
        note('tick');
      }
      note('leave');
      endWitness(witness);
    });
    if (refusal !== undefined && refusal.code !== 'interrupted') note(`refused ${refusal.code}`);
    await sleep(Math.random() * PAUSE_MS_MAX);
  }
}

type FightArgs = readonly [
  kind: Kind,
  lockPath: string,
  logPath: string,
  witness: string,
  slot: string,
];

/** Makes the witness, exclusively; false where a living process made it and has not taken it away. A link, since that is made with its text in it. */
function bearWitness(witness: string): boolean {
  const self = identityOf(process.pid);
  for (let round = 0; round < WITNESS_ROUNDS_MAX; round += 1) {
    try {
      symlinkSync(self, witness);
      return true;
    } catch {
      const other = linkText(witness);
      if (other !== undefined && identityOf(Number(other.split(' ')[0])) === other) return false;
      endWitness(witness); // whoever made it died in there
    }
  }
  return false;
}

function identityOf(pid: number): string {
  const found = parts.processes.identify(pid);
  return found.kind === 'known' ? `${pid} ${found.value.startTicks}` : 'none';
}

function linkText(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function endWitness(witness: string): void {
  try {
    unlinkSync(witness);
  } catch {
    // another one took it for that of a dead process: `witness` is noted then
  }
}

async function keep(kind: Kind, lockPath: string): Promise<void> {
  endWithStdin();
  const limits = { timeoutMs: 0, signal: new AbortController().signal };
  const refusal = await withLock(kind, lockPath, limits, async () => {
    say('held');
    if (!stdinEnd.signal.aborted) await once(stdinEnd.signal, 'abort');
  });
  say(refusal === undefined ? 'released' : JSON.stringify(refusal));
}

async function tryOnce(kind: Kind, lockPath: string): Promise<void> {
  const limits = { timeoutMs: 0, signal: new AbortController().signal };
  const refusal = await withLock(kind, lockPath, limits, () => Promise.resolve());
  say(JSON.stringify({ refusal: refusal ?? null, clockMs: Date.now() }));
}

async function onceWhole(lockPath: string): Promise<void> {
  say('ready');
  await once(process.stdin, 'data');
  process.stdin.destroy();
  const limits = { timeoutMs: WAIT_MS, signal: stdinEnd.signal };
  await withLock('ours', lockPath, limits, () => sleep(ONE_BEAT_MS));
}

async function vulture(lockPath: string): Promise<void> {
  endWithStdin();
  while (!stdinEnd.signal.aborted) {
    const request = {
      path: hostPath('', lockPath),
      living: 'ask',
      onSignal: () => undefined,
    } as const;
    await breakLock(parts, request);
    await sleep(Math.random() * VULTURE_PAUSE_MS_MAX);
  }
}

function endWithStdin(): void {
  process.stdin.on('end', () => stdinEnd.abort()).resume();
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const [verb, ...args] = process.argv.slice(2);
const [first = '', second = '', third = '', fourth = '', fifth = ''] = args;
const kind: Kind = first === 'plain' ? 'plain' : 'ours';
const VERBS: { readonly [verb: string]: () => Promise<void> } = {
  fight: () => fight([kind, second, third, fourth, fifth]),
  keep: () => keep(kind, second),
  try: () => tryOnce(kind, second),
  once: () => onceWhole(first),
  vulture: () => vulture(first),
};
VERBS[verb ?? '']?.().catch((thrown: unknown) => {
  say(String(thrown));
  process.exitCode = 1;
});
