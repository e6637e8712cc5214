import { createObserver, type Observer } from '../app/observer.ts';
import { readMetrics } from '../core/render/metrics-text.ts';
import { valueOf } from '../model/fact.ts';
import type { Sink } from '../model/event.ts';
import type { HostPath } from '../model/ids.ts';
import { metricsFileSink } from '../report/metrics-file.ts';
import type { Session } from './session.ts';

declare const __VERSION__: string;

/** Who keeps what is seen of the runs of a command, and who is to be told of them for that. */
export interface Observing {
  readonly observer: Observer;
  readonly sinks: readonly Sink[];
}

/** Begins to observe; with a file of metrics counting goes on from what it says, and it is written after each run. */
export function observe(
  { host, site, streams, text }: Session,
  path: HostPath | undefined,
): Observing {
  const before = path === undefined ? undefined : valueOf(host.files.read(path));
  const samples = readMetrics(before ?? '');
  const observer = createObserver(host, { site, version: __VERSION__, samples });
  const { onEvent, metrics } = observer;
  if (path === undefined) return { observer, sinks: [onEvent] };
  const warn = (message: string): void =>
    streams.err(`${text.palette.warn('warning:')} ${message}\n`);
  return { observer, sinks: [onEvent, metricsFileSink(host.files, { path, metrics, warn })] };
}
