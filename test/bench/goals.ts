import { figure, ratio, type Figures, type Results } from './measure.ts';
import { HEARTBEATS, SCRIPTS } from './races.ts';
import { L, M, S } from './workload.ts';

/** The races that were run, by their key. */
export type Outcome = Readonly<Record<string, Results | undefined>>;

/** What is to be reached, and what was; undefined where a race was not run, or a peer is not installed. */
export interface Goal {
  readonly what: string;
  readonly bound: number;
  readonly unit: string;
  readonly reached: (outcome: Outcome) => number | undefined;
}

/** A ratio of two programs of one race. */
function over(
  what: string,
  [race, one, other]: readonly [string, string, string],
  bound: number,
  part: keyof Figures = 'cpuMs',
): Goal {
  return {
    what,
    bound,
    unit: `x ${other}`,
    reached: (outcome) => {
      const results = outcome[race];
      return results?.has(other) ? ratio(results, [one, other], part) : undefined;
    },
  };
}

function peak(race: string, bound: number): Goal {
  return {
    what: `${race}, no-op apply: peak`,
    bound,
    unit: 'MB',
    reached: (outcome) => {
      const results = outcome[race];
      return results && figure(results, 'apply', 'peakMb');
    },
  };
}

/** Microseconds of cpu a setting costs, the start of Node left out. */
function perSetting(outcome: Outcome, race: string, settings: number): number | undefined {
  const results = outcome[race];
  if (results === undefined) return undefined;
  const spent = figure(results, 'apply', 'cpuMs') - figure(results, 'node -e 0', 'cpuMs');
  return (spent * 1000) / settings;
}

/** How much more a setting costs at the larger size: 1 is linear. */
function growth(small: typeof S, large: typeof S): Goal {
  const settingsOf = (size: typeof S): number => size.products * size.settings;
  const keyOf = ({ name }: typeof S): string => (name === 'S' ? 'start' : name);
  return {
    what: `${small.name} to ${large.name}, no-op apply: cost of a setting`,
    bound: 1,
    unit: `x ${small.name}`,
    reached: (outcome) => {
      const before = perSetting(outcome, keyOf(small), settingsOf(small));
      const after = perSetting(outcome, keyOf(large), settingsOf(large));
      return before !== undefined && after !== undefined ? after / before : undefined;
    },
  };
}

/** Everything that is to be reached, in the order in which it is shown. */
export const GOALS: readonly Goal[] = [
  over('--version', ['start', '--version', 'node -e 0'], 1.2),
  over('S, no-op plan', ['start', 'plan', 'node -e 0'], 1.6),
  over('S, no-op apply', ['start', 'apply', 'CFEngine'], 0.9),
  over('M, no-op apply', ['M', 'apply', 'CFEngine'], 0.3),
  over('L, no-op apply', ['L', 'apply', 'c-floor'], 7),
  over('L, no-op apply', ['L', 'apply', 'CFEngine'], 0.05),
  over('L, no-op apply', ['L', 'apply', 'rsync -c'], 1),
  over('L, plan of one edited setting', ['L', 'plan, one setting edited', 'plan'], 1.3),
  over('L, apply with nothing cached', ['L', 'apply, nothing cached', 'node-floor'], 1.1),
  over('L from nothing, durable', ['first', 'apply', 'c-floor, fsync'], 1.2, 'wallMs'),
  over('L from nothing, durable', ['first', 'apply', 'node-floor'], 0.6, 'wallMs'),
  {
    what: 'M, one change: apply less plan',
    bound: 5,
    unit: 'ms cpu',
    reached: ({ change }) =>
      change && figure(change, 'apply', 'cpuMs') - figure(change, 'plan', 'cpuMs'),
  },
  growth(S, M),
  growth(M, L),
  { ...peak('start', 48), what: 'S, no-op apply: peak' },
  peak('M', 60),
  peak('L', 130),
  {
    what: '100 products with a script of 100 ms, 8 at a time',
    bound: 1.1,
    unit: 'x critical path',
    reached: ({ scripts }) => {
      const { products, parallelism, eachMs } = SCRIPTS;
      const pathMs = Math.ceil(products / parallelism) * eachMs;
      return scripts && figure(scripts, 'apply', 'wallMs') / pathMs;
    },
  },
  {
    what: '100 heartbeats',
    bound: 1.2,
    unit: 'x the slowest',
    reached: ({ heartbeats }) =>
      heartbeats && figure(heartbeats, 'heartbeat', 'wallMs') / HEARTBEATS.slowestMs,
  },
];
