import type { Beat } from '../core/observation.ts';
import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import { layoutOf } from '../model/layout.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Snapshot } from '../model/source.ts';
import { takeBeats } from './health.ts';
import { loadWritten } from './load.ts';
import { lookContext } from './look.ts';
import type { Site } from './site.ts';
import { withTexts } from './with-texts.ts';

/** What is looked at between two looks of watch. */
export interface BeatsRequest {
  readonly site: Pick<Site, 'root' | 'definition'>;
  readonly snapshot: Snapshot;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Told of each look. */
  readonly onBeat: (beat: Beat) => void;
}

// Soon enough for who waits for the product, and next to nothing for the processor.
const PAUSE_MS = 5_000;

/** Resolves with true once a heartbeat fails whose product is to be restarted when it is dead; false when the signal is aborted, or no heartbeat asks for that. */
export async function awaitSick(
  host: Host,
  { site, snapshot, runId, signal, onBeat }: BeatsRequest,
): Promise<boolean> {
  const { desired, texts } = snapshot;
  const written = await loadWritten(withTexts(host, texts), { ...site, desired });
  if (!written.ok) return false;
  const products = [...written.value.desired.products.values()]
    .filter((spec) => !spec.suspend)
    .map((spec) => ({ ...spec, heartbeats: spec.heartbeats.filter(({ restart }) => restart) }));
  if (products.every(({ heartbeats }) => heartbeats.length === 0)) return false;
  const { root } = site;
  const look = lookContext(host, written.value.definition, { runId });
  for (;;) {
    await host.clock.sleep(PAUSE_MS, signal);
    if (signal.aborted) return false;
    if (valueOf(host.files.read(layoutOf(root).serverMode))?.trim() !== WORKING_MODE) continue;
    const beats = await takeBeats(host, products, { root, look, signal });
    for (const beat of beats) onBeat(beat);
    if (!signal.aborted && beats.some(({ sample }) => sample.verdict === 'fail')) return true;
  }
}
