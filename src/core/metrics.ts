import type { Event } from '../model/event.ts';

/** What is counted and measured, each with its kind and what it says (Prometheus, "Metric and label naming"). */
export const METRICS = {
  bootstrap_runs_total: ['counter', 'Runs that ended, by command and outcome.'],
  bootstrap_run_duration_seconds: ['histogram', 'How long runs took.'],
  bootstrap_actions_total: ['counter', 'Actions that ended, by kind and verdict.'],
  bootstrap_action_duration_seconds: [
    'histogram',
    'How long actions took that were begun, by kind.',
  ],
  bootstrap_verifications_total: ['counter', 'Waits for the heartbeats of a product, by result.'],
  bootstrap_rollbacks_total: ['counter', 'Rollbacks, by whether they were verified.'],
  bootstrap_lock_waits_total: ['counter', 'Times that a run had to wait for the lock.'],
  bootstrap_lock_wait_seconds_total: ['counter', 'Time that runs have waited for the lock.'],
  bootstrap_last_run_timestamp_seconds: ['gauge', 'When the last run ended.'],
  bootstrap_last_success_timestamp_seconds: ['gauge', 'When a run last ended without a failure.'],
  bootstrap_last_run_exit_code: ['gauge', 'The exit code of the last run.'],
  bootstrap_last_run_duration_seconds: ['gauge', 'How long the last run took.'],
  bootstrap_drift_values: ['gauge', 'Values that moved on the server by themselves, by product.'],
} as const satisfies Readonly<Record<string, readonly [kind: MetricKind, help: string]>>;

/** How a metric behaves. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** What is counted and measured. */
export type MetricName = keyof typeof METRICS;

/** Values of each metric by the rest of their name: `{kind="set"}`, `_bucket{le="1"}`, or nothing. */
export type Samples = Readonly<Partial<Record<MetricName, ReadonlyMap<string, number>>>>;

/** What was counted and measured so far. */
export interface Meter {
  readonly samples: Samples;
  /** Of the run under way. */
  readonly command: string;
  readonly waitingSince: Date | undefined;
}

/** Nothing happened yet. */
export const NO_METERING: Meter = {
  samples: {},
  command: '',
  waitingSince: undefined,
};

/** What was counted so far, and one more event: the one fold behind every number that is scraped. */
export function metered(before: Meter, event: Event): Meter {
  const meter = waited(before, event);
  const { samples } = meter;
  switch (event.type) {
    case 'run.started':
      return { ...meter, command: event.command };
    case 'lock.waiting':
      return {
        ...meter,
        waitingSince: event.time,
        samples: counted(samples, 'bootstrap_lock_waits_total', {}),
      };
    case 'plan.made':
      return { ...meter, samples: withDrift(samples, event.body.drift) };
    case 'action.completed': {
      const verdict = 'succeeded';
      return { ...meter, samples: actionEnded(samples, event.action.kind, { ...event, verdict }) };
    }
    case 'action.failed':
    case 'action.skipped':
      return { ...meter, samples: actionEnded(samples, event.action.kind, event) };
    case 'verify.passed':
    case 'verify.failed': {
      const result = event.type === 'verify.passed' ? 'passed' : 'failed';
      return { ...meter, samples: counted(samples, 'bootstrap_verifications_total', { result }) };
    }
    case 'rollback.completed': {
      const verified = String(event.verified);
      return { ...meter, samples: counted(samples, 'bootstrap_rollbacks_total', { verified }) };
    }
    case 'run.finished':
      return runEnded(meter, event);
    case 'action.started':
    case 'action.output':
    case 'verify.started':
    case 'heartbeat.seen':
    case 'rollback.started':
    case 'diagnostic':
      return meter;
  }
}

// The lock was had, or not, when the next thing happens.
function waited(meter: Meter, { time }: Event): Meter {
  const { waitingSince, samples } = meter;
  if (waitingSince === undefined) return meter;
  const seconds = Math.max(0, (time.getTime() - waitingSince.getTime()) / 1000);
  return {
    ...meter,
    waitingSince: undefined,
    samples: counted(samples, 'bootstrap_lock_wait_seconds_total', {}, seconds),
  };
}

function withDrift(samples: Samples, drift: readonly { readonly product: string }[]): Samples {
  const fresh: Samples = { ...samples, bootstrap_drift_values: new Map() };
  return drift.reduce(
    (all, { product }) => counted(all, 'bootstrap_drift_values', { product }),
    fresh,
  );
}

function actionEnded(
  samples: Samples,
  kind: string,
  { verdict, ...event }: { readonly verdict: string; readonly durationMs?: number },
): Samples {
  const sum = counted(samples, 'bootstrap_actions_total', { kind, verdict });
  return event.durationMs === undefined
    ? sum
    : observed(sum, 'bootstrap_action_duration_seconds', { kind }, event.durationMs / 1000);
}

function runEnded(
  meter: Meter,
  { time, outcome, exitCode, durationMs }: Extract<Event, { readonly type: 'run.finished' }>,
): Meter {
  const { command } = meter;
  const [now, seconds] = [time.getTime() / 1000, durationMs / 1000];
  let samples = counted(meter.samples, 'bootstrap_runs_total', { command, outcome });
  samples = observed(samples, 'bootstrap_run_duration_seconds', {}, seconds);
  samples = put(samples, 'bootstrap_last_run_timestamp_seconds', [['', now]]);
  samples = put(samples, 'bootstrap_last_run_exit_code', [['', exitCode]]);
  samples = put(samples, 'bootstrap_last_run_duration_seconds', [['', seconds]]);
  if (outcome === 'in-sync' || outcome === 'changed')
    samples = put(samples, 'bootstrap_last_success_timestamp_seconds', [['', now]]);
  return { ...meter, samples };
}

type Labels = Readonly<Record<string, string>>;

/** Labels as they stand in an exposition; '' where there are none. Source: Prometheus, "Text-based format". */
export function labels(values: Labels): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function counted(samples: Samples, name: MetricName, of: Labels, by = 1): Samples {
  const key = labels(of);
  return put(samples, name, [[key, (samples[name]?.get(key) ?? 0) + by]]);
}

// From a file that is written to an upgrade that takes an hour.
const BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600];

function observed(samples: Samples, name: MetricName, of: Labels, seconds: number): Samples {
  const before = samples[name];
  const plus = (key: string, by: number): readonly [string, number] => [
    key,
    (before?.get(key) ?? 0) + by,
  ];
  const buckets = [
    ...BUCKETS.map((bound) => [String(bound), seconds <= bound] as const),
    ['+Inf', true] as const,
  ];
  return put(samples, name, [
    ...buckets.map(([le, isIn]) => plus(`_bucket${labels({ ...of, le })}`, isIn ? 1 : 0)),
    plus(`_sum${labels(of)}`, seconds),
    plus(`_count${labels(of)}`, 1),
  ]);
}

function put(
  samples: Samples,
  name: MetricName,
  values: readonly (readonly [string, number])[],
): Samples {
  return { ...samples, [name]: new Map([...(samples[name] ?? []), ...values]) };
}
