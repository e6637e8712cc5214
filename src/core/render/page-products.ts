import { showDuration } from '../../model/duration.ts';
import type { ProductStatusReport } from '../../model/status.ts';
import type { BeatTrack } from '../beat-log.ts';
import type { Toned } from './account-words.ts';
import { markup, type Markup } from './markup.ts';
import { toned } from './pieces.ts';

/** The id of a product's row. */
export function productRowId(name: string): string {
  return `product-${name}`;
}

/** A product at a glance: what it should be, what it is, and how it is. */
export function productRow(
  name: string,
  report: ProductStatusReport,
  beats: readonly BeatTrack[],
): Markup {
  const { sync, health, reason } = report;
  const isReady = sync === 'Synced' && (health === 'Healthy' || health === 'NotApplicable');
  const why = reason === null ? undefined : markup`<p class="faint">${reason}</p>`;
  return markup`<tr id="${productRowId(name)}" data-name="${name}" data-ready="${isReady ? 'yes' : 'no'}"><th scope="row">${name}</th><td>${versionText(report)}</td><td>${toned(SYNC_WORDS[sync])} ${toned(HEALTH_WORDS[health])}${why}</td><td class="wide">${beats.map(plot)}</td></tr>
`;
}

const SYNC_WORDS: { readonly [S in ProductStatusReport['sync']]: Toned } = {
  Synced: ['in sync', 'good'],
  OutOfSync: ['out of sync', 'warn'],
  Unknown: ['sync not known', 'calm'],
};

const HEALTH_WORDS: { readonly [H in ProductStatusReport['health']]: Toned } = {
  Healthy: ['healthy', 'good'],
  Degraded: ['degraded', 'bad'],
  Unknown: ['health not known', 'calm'],
  NotApplicable: ['not judged', 'calm'],
};

// One version where all three agree, which is what they should.
function versionText({ desired, applied, actual }: ProductStatusReport): Markup {
  const is = markup`<code>${actual ?? '(none)'}</code>`;
  const wish =
    desired === actual
      ? undefined
      : markup`<p class="faint">desired <code>${desired ?? '(none)'}</code></p>`;
  const last =
    applied === actual
      ? undefined
      : markup`<p class="faint">last applied <code>${applied ?? '(none)'}</code></p>`;
  return markup`${is}${wish}${last}`;
}

const [WIDTH, HEIGHT] = [120, 24];

/** The last looks at a heartbeat: a bar each, as high as it took long; what did not pass goes all the way up. */
function plot({ probe, sample, latenciesMs }: BeatTrack): Markup {
  const passed = latenciesMs.filter((each) => each !== undefined);
  const highest = Math.max(1, ...passed);
  const step = WIDTH / SLOTS;
  const bars = (isGood: boolean): string =>
    latenciesMs
      .map((latency, index) => ({ latency, x: (SLOTS - latenciesMs.length + index + 0.5) * step }))
      .filter(({ latency }) => (latency !== undefined) === isGood)
      .map(({ latency, x }) => {
        const height = latency === undefined ? HEIGHT : Math.max(1.5, (HEIGHT * latency) / highest);
        return `M${x.toFixed(1)} ${HEIGHT}v-${height.toFixed(1)}`;
      })
      .join('');
  const last =
    sample.verdict === 'error'
      ? 'could not be looked at'
      : `${sample.verdict}, ${showDuration(sample.latencyMs)}`;
  const words = `${probe}: ${last}; the slowest of ${latenciesMs.length} took ${showDuration(highest)}`;
  return markup`<figure title="${words}"><svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}"><path d="${bars(true)}"/><path class="bad" d="${bars(false)}"/></svg><span class="faint numbers">${last}</span></figure>`;
}

const SLOTS = 60;
