import { createBeatLog } from '../core/beat-log.ts';
import { metered, NO_METERING, type Samples } from '../core/metrics.ts';
import type { Beat } from '../core/observation.ts';
import { renderMetrics } from '../core/render/metrics-text.ts';
import type { Host } from '../host/host.ts';
import type { Event } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import { hostPath } from '../model/ids.ts';
import type { Site } from './site.ts';
import { recordedStatus } from './status.ts';

/** What is watched, and from where counting goes on. */
export interface ObserverOptions {
  readonly site: Pick<Site, 'root'>;
  readonly version: string;
  readonly samples: Samples;
}

/** Keeps what was seen of the runs of this process, in bounds, for whoever wants to look. */
export interface Observer {
  /** A sink of runs. */
  readonly onEvent: (event: Event) => void;
  /** Heartbeats that are looked at between runs. */
  readonly onBeat: (beat: Beat) => void;
  /** In the text format of Prometheus. */
  readonly metrics: () => string;
}

/** An observer that has seen nothing yet. */
export function createObserver(host: Host, { site, version, samples }: ObserverOptions): Observer {
  const beats = createBeatLog();
  let meter = { ...NO_METERING, samples };
  let startedAt = host.clock.now();
  return {
    onEvent: (event) => {
      meter = metered(meter, event);
      if (event.type === 'run.started') startedAt = event.time;
      if (event.type === 'heartbeat.seen') beats.note(event, event.time);
      if (event.type === 'run.finished') beats.forgetBefore(startedAt);
    },
    onBeat: (beat) => beats.note(beat, host.clock.now()),
    metrics: () =>
      renderMetrics(meter.samples, {
        version,
        status: recordedStatus(host, site),
        beats: beats.tracks(),
        callbacks: { waiting: filesIn(host, site, 'outbox'), dead: filesIn(host, site, 'dead') },
      }),
  };
}

function filesIn(
  { files }: Pick<Host, 'files'>,
  { root }: Pick<Site, 'root'>,
  name: string,
): number {
  const names = valueOf(files.list(hostPath(root, `/var/bootstrap/${name}`))) ?? [];
  return names.filter((each) => !each.startsWith('.')).length;
}
