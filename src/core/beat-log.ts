import { showProbe, type Sample } from '../model/heartbeat.ts';
import { compareText } from '../model/text-order.ts';
import type { Beat } from './observation.ts';

/** What was seen of one heartbeat. */
export interface BeatTrack {
  readonly product: string;
  /** Its kind and what it looks at. */
  readonly probe: string;
  /** The last look, and when it was. */
  readonly sample: Sample;
  readonly at: Date;
  /** The last looks, oldest first: how long each took in milliseconds, undefined where it did not pass. */
  readonly latenciesMs: readonly (number | undefined)[];
}

/** The last looks at each heartbeat. */
export interface BeatLog {
  note(beat: Beat, at: Date): void;
  /** Forgets the heartbeats that were not looked at since; where none was, it says nothing of them. */
  forgetBefore(since: Date): void;
  /** By product, then by heartbeat. */
  tracks(): readonly BeatTrack[];
}

// A plot of a few centimetres shows no more.
const LATENCIES_MAX = 60;

/** A log of heartbeats in which nothing was seen yet. It grows with their number, not with time. */
export function createBeatLog(): BeatLog {
  const tracks = new Map<string, BeatTrack>();
  return {
    note({ product, heartbeat, sample }, at) {
      const probe = showProbe(heartbeat.probe);
      const key = `${product} ${probe}`;
      const before = tracks.get(key)?.latenciesMs ?? [];
      const latencyMs = sample.verdict === 'pass' ? sample.latencyMs : undefined;
      const latenciesMs = [...before.slice(1 - LATENCIES_MAX), latencyMs];
      tracks.set(key, { product, probe, sample, at, latenciesMs });
    },
    forgetBefore(since) {
      const old = [...tracks].filter(([, { at }]) => at < since);
      if (old.length === tracks.size) return;
      for (const [key] of old) tracks.delete(key);
    },
    tracks: () =>
      [...tracks].toSorted(([one], [other]) => compareText(one, other)).map(([, track]) => track),
  };
}
