import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What one run of a program cost, as a whole process, from outside. */
export interface Figures {
  readonly wallMs: number;
  /** User and system time, of the process and of all it waited for. */
  readonly cpuMs: number;
  /** The largest process among these. */
  readonly peakMb: number;
}

/** A program in a race. */
export interface Contestant {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Done before each of its runs, and in no figure. */
  readonly before?: (round: number) => void;
  /** 0 where this is left out. */
  readonly exitCodes?: readonly number[];
}

/** Programs that are run in turn, so that what else the machine does meets them alike. */
export interface Race {
  readonly title: string;
  readonly rounds: number;
  readonly contestants: readonly Contestant[];
}

/** The figures of a race: each contestant's, by round. */
export type Results = ReadonlyMap<string, readonly Figures[]>;

/** What a race needs of the machine. */
export interface Track {
  /** The compiled floors/figures.c. */
  readonly figures: string;
  /** Where it writes to. */
  readonly scratch: string;
}

// Nothing else comes through: NODE_EXTRA_CA_CERTS alone makes each start of Node three times as slow.
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LANG: 'C.UTF-8',
};

/** Runs a race; who comes first differs from round to round. Throws where a program fails. */
export async function run({ contestants, rounds }: Race, track: Track): Promise<Results> {
  const results = new Map(contestants.map(({ name }) => [name, [] as Figures[]]));
  for (const contestant of contestants) await runOnce(contestant, track, 0); // the page cache is warm from here on
  for (let round = 1; round <= rounds; round++) {
    const inTurn = contestants.map((_, index) => (index + round) % contestants.length);
    for (const index of inTurn) {
      const contestant = contestants[index];
      if (contestant === undefined) continue;
      results.get(contestant.name)?.push(await runOnce(contestant, track, round));
    }
  }
  return results;
}

async function runOnce(
  { name, argv, env, before, exitCodes = [0] }: Contestant,
  { figures, scratch }: Track,
  round: number,
): Promise<Figures> {
  before?.(round);
  const child = spawn(figures, [scratch, ...argv], {
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  const [wallMs = NaN, cpuMs = NaN, peakKb = NaN, status = NaN] = readFileSync(scratch, 'utf8')
    .split(' ')
    .map(Number);
  if (!exitCodes.includes(status)) throw new Error(`${name} ended with ${status}: ${said}`);
  return { wallMs, cpuMs, peakMb: peakKb / 1024 };
}

/** The middle of the values; NaN where there are none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}

/** The median of what one program cost for each unit that another cost in the same round. */
export function ratio(
  results: Results,
  [one, other]: readonly [string, string],
  part: keyof Figures,
): number {
  const over = results.get(other) ?? [];
  return median(
    (results.get(one) ?? []).map((figures, round) => figures[part] / (over[round]?.[part] ?? NaN)),
  );
}

/** The median of one figure of a program. */
export function figure(results: Results, name: string, part: keyof Figures): number {
  return median((results.get(name) ?? []).map((figures) => figures[part]));
}
