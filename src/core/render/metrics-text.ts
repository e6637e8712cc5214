import { SERVER_MODES } from '../../model/mode.ts';
import type { Sample } from '../../model/heartbeat.ts';
import type { StatusDocument } from '../../model/status.ts';
import type { BeatTrack } from '../beat-log.ts';
import { labels, METRICS, type MetricKind, type MetricName, type Samples } from '../metrics.ts';

/** What is said beside what was counted. */
export interface MetricsFrame {
  readonly version: string;
  /** The status on record; undefined where there is none. */
  readonly status: StatusDocument | undefined;
  readonly beats: readonly BeatTrack[];
  /** Callbacks on their way, and given up. */
  readonly callbacks: { readonly waiting: number; readonly dead: number };
}

/** The media type of what `renderMetrics` makes. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Everything that can be scraped, in the text format of Prometheus. Ends in a newline. Source: Prometheus, "Text-based format". */
export function renderMetrics(samples: Samples, frame: MetricsFrame): string {
  const counted = NAMES.map((name) => family(name, METRICS[name], samples[name] ?? new Map()));
  return [...counted, ...beatFamilies(frame), ...statusFamilies(frame)].join('');
}

const NAMES = Object.keys(METRICS) as readonly MetricName[];

function family(
  name: string,
  [kind, help]: readonly [MetricKind, string],
  values: Iterable<readonly [string, number]>,
): string {
  const lines = Array.from(values, ([rest, value]) => `${name}${rest} ${value}\n`);
  return lines.length === 0
    ? ''
    : `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

type Value = readonly [rest: string, value: number];

function beatFamilies({ beats }: MetricsFrame): readonly string[] {
  const named = beats.map(({ product, probe: heartbeat, sample }) => ({
    key: labels({ product, heartbeat }),
    sample,
  }));
  return [
    gauge(
      'bootstrap_heartbeat_state',
      'The last look: 1 passed, 0 failed, -1 could not be made.',
      named.map(({ key, sample }) => [key, STATE[sample.verdict]]),
    ),
    gauge(
      'bootstrap_heartbeat_latency_seconds',
      'How long the last look at a heartbeat took.',
      named.flatMap(({ key, sample }) =>
        sample.verdict === 'error' ? [] : [[key, sample.latencyMs / 1000] as const],
      ),
    ),
  ];
}

const STATE: { readonly [V in Sample['verdict']]: number } = { pass: 1, fail: 0, error: -1 };

function gauge(name: string, help: string, values: readonly Value[]): string {
  return family(name, ['gauge', help], values);
}

function statusFamilies({ version, status, callbacks }: MetricsFrame): readonly string[] {
  const conditions = status?.conditions ?? [];
  const products = Object.entries(status?.products ?? {});
  return [
    gauge('bootstrap_build_info', 'The version that runs.', [[labels({ version }), 1]]),
    gauge(
      'bootstrap_condition',
      'Conditions of the server as recorded: 1 for the status that each has.',
      conditions.flatMap(({ type, status: now }) =>
        CONDITION_STATES.map((state): Value => [
          labels({ type, status: state }),
          bit(state === now),
        ]),
      ),
    ),
    gauge(
      'bootstrap_condition_since_timestamp_seconds',
      'Since when each condition has its status.',
      conditions.map(({ type, lastTransitionTime }): Value => [
        labels({ type }),
        Date.parse(lastTransitionTime) / 1000,
      ]),
    ),
    gauge(
      'bootstrap_server_mode',
      'The mode of the server: 1 for the one it is in.',
      status === undefined
        ? []
        : SERVER_MODES.map((mode) => [labels({ mode }), bit(mode === status.mode.actual)]),
    ),
    gauge(
      'bootstrap_product_ready',
      'Whether a product is as wished, and not known to be sick.',
      products.map(([product, { sync, health }]) => [
        labels({ product }),
        bit(sync === 'Synced' && (health === 'Healthy' || health === 'NotApplicable')),
      ]),
    ),
    gauge(
      'bootstrap_product_info',
      'Versions, sync and health of each product.',
      products.map(([product, { sync, health, desired, applied, actual }]) => [
        labels({
          product,
          desired: desired ?? '',
          applied: applied ?? '',
          actual: actual ?? '',
          sync,
          health,
        }),
        1,
      ]),
    ),
    gauge('bootstrap_callbacks', 'Callbacks that are not delivered, by state.', [
      [labels({ state: 'waiting' }), callbacks.waiting],
      [labels({ state: 'dead' }), callbacks.dead],
    ]),
  ];
}

const CONDITION_STATES = ['True', 'False', 'Unknown'] as const;

function bit(is: boolean): number {
  return is ? 1 : 0;
}

/** What a text of `renderMetrics` says was counted, so that counting goes on from there; what is not understood is left out. */
export function readMetrics(text: string): Samples {
  const samples: Partial<Record<MetricName, Map<string, number>>> = {};
  for (const line of text.split('\n')) {
    const [, full = '', braces = '', value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    const name = NAMES.find(
      (each) => full === each || HISTOGRAM_PARTS.some((part) => full === each + part),
    );
    if (name === undefined || !Number.isFinite(Number(value))) continue;
    samples[name] ??= new Map();
    samples[name].set(full.slice(name.length) + braces, Number(value));
  }
  return samples;
}

const HISTOGRAM_PARTS = ['_bucket', '_sum', '_count'];
