import { createBeatLog } from '../core/beat-log.ts';
import { followRuns } from '../core/live-run.ts';
import { metered, NO_METERING, type Samples } from '../core/metrics.ts';
import type { Beat } from '../core/observation.ts';
import { renderMetrics } from '../core/render/metrics-text.ts';
import type { PageState, SeenDrift } from '../core/render/page-html.ts';
import { summaryAtEnd } from '../core/run-summary.ts';
import type { Host } from '../host/host.ts';
import type { Event } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { DriftDocument } from '../model/plan-document.ts';
import type { StatusDocument } from '../model/status.ts';
import { createRunList } from './run-list.ts';
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
  /** As the last run recorded it, with what is done now; undefined where no run left any. */
  readonly status: () => StatusDocument | undefined;
  readonly page: () => PageState;
  /** Reads the journals of before, one after the other, so that nobody has to wait for that. */
  readonly readPast: (signal: AbortSignal) => Promise<void>;
}

/** An observer that has seen nothing yet. */
export function createObserver(host: Host, { site, version, samples }: ObserverOptions): Observer {
  const { outbox, dead } = layoutOf(site.root);
  const beats = createBeatLog();
  const follower = followRuns();
  const runs = createRunList(host, site.root);
  let meter = { ...NO_METERING, samples };
  let drift: readonly SeenDrift[] | undefined;
  const status = (): StatusDocument | undefined => recordedStatus(host, site);
  return {
    onEvent: (event) => {
      meter = metered(meter, event);
      follower.note(event);
      if (event.type === 'heartbeat.seen') beats.note(event, event.time);
      if (event.type === 'plan.made') {
        // What the first look finds may be what a process before this one found.
        const since = drift === undefined ? recordedDrift(status()) : undefined;
        drift = seenDrift(drift ?? [], event.body.drift, since ?? event.time);
      }
      const run = follower.run();
      if (event.type !== 'run.finished' || run === undefined) return;
      beats.forgetBefore(run.startedAt);
      runs.add(summaryAtEnd(run, event));
    },
    onBeat: (beat) => beats.note(beat, host.clock.now()),
    metrics: () =>
      renderMetrics(meter.samples, {
        version,
        status: status(),
        beats: beats.tracks(),
        callbacks: { waiting: filesIn(host, outbox), dead: filesIn(host, dead) },
      }),
    status,
    page: () => {
      const run = follower.run();
      // What goes on is shown as such; its journal only looks cut off.
      const past = runs
        .list()
        .filter(({ runId, end }) => end !== undefined || runId !== run?.runId);
      return {
        host: host.machine.hostname(),
        status: status(),
        run,
        runs: past,
        beats: beats.tracks(),
        drift: drift ?? [],
      };
    },
    readPast: async (signal) => await runs.readPast(signal),
  };
}

function seenDrift(
  before: readonly SeenDrift[],
  drift: readonly DriftDocument[],
  since: Date,
): readonly SeenDrift[] {
  return drift.map((each) => {
    const known = before.find(
      ({ product, path }) => product === each.product && path === each.path,
    );
    return { ...each, since: known?.since ?? since };
  });
}

// Since when there has been drift, of whatever values, as the last run recorded it; undefined where it found none.
function recordedDrift(recorded: StatusDocument | undefined): Date | undefined {
  const condition = recorded?.conditions.find(({ type }) => type === 'DriftDetected');
  return condition?.status === 'True' ? new Date(condition.lastTransitionTime) : undefined;
}

function filesIn({ files }: Pick<Host, 'files'>, folder: HostPath): number {
  const names = valueOf(files.list(folder)) ?? [];
  return names.filter((each) => !each.startsWith('.')).length;
}
