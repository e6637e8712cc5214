import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Files } from '../host/host.ts';
import type { Sink } from '../model/event.ts';
import type { HostPath } from '../model/ids.ts';

// node-exporter runs as a user of its own.
const METRICS_FILE_BITS = 0o644;

/** What a file of metrics is written with. */
export interface MetricsFile {
  readonly path: HostPath;
  readonly metrics: () => string;
  /** Told why it cannot be written: no ground for a run to fail. */
  readonly warn: (message: string) => void;
}

/** Writes the metrics whole, in place of the file, after each run; for the textfile collector of node-exporter. */
export function metricsFileSink(
  files: Pick<Files, 'replace'>,
  { path, metrics, warn }: MetricsFile,
): Sink {
  return (event) => {
    if (event.type !== 'run.finished') return;
    const written = files.replace(path, metrics(), { modeBits: METRICS_FILE_BITS });
    if (!written.ok) warn(renderFailureLine(written.error));
  };
}
