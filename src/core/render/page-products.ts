import { showDuration } from '../../model/duration.ts';
import type { Sample } from '../../model/heartbeat.ts';
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
  const why = reason === null ? undefined : markup`<small class="faint">${reason}</small>`;
  return markup`<div role="row" class="row" id="${productRowId(name)}" data-name="${name}" data-ready="${isReady ? 'yes' : 'no'}"><span role="rowheader">${name}</span><span role="cell">${versionText(report)}</span><span role="cell">${toned(SYNC_WORDS[sync])} ${toned(HEALTH_WORDS[health])}${why}</span><span role="cell" class="wide">${beats.map(plot)}</span></div>
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
      : markup`<small class="faint">desired <code>${desired ?? '(none)'}</code></small>`;
  const last =
    applied === actual
      ? undefined
      : markup`<small class="faint">last applied <code>${applied ?? '(none)'}</code></small>`;
  return markup`${is}${wish}${last}`;
}

// A slot a look, two units wide; whole numbers, for there are many.
const [WIDTH, HEIGHT, SLOT] = [120, 24, 2];

/** The last looks at a heartbeat: a bar each, as high as it took long; what did not pass goes all the way up. */
function plot({ probe, sample, latenciesMs }: BeatTrack): Markup {
  const highest = latenciesMs.reduce<number>((most, each) => Math.max(most, each ?? 0), 1);
  let [good, bad] = ['', ''];
  for (const [index, latency] of latenciesMs.entries()) {
    const x = WIDTH - (latenciesMs.length - index) * SLOT + 1;
    if (latency === undefined) bad += `M${x} ${HEIGHT}V0`;
    else good += `M${x} ${HEIGHT}v-${Math.max(1, Math.round((HEIGHT * latency) / highest))}`;
  }
  const last = lastWords(sample);
  const words = `${probe}: ${last}; the slowest of ${latenciesMs.length} took ${showDuration(highest)}`;
  return markup`<span class="beat" title="${words}"><svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}"><path d="${good}"/>${bad === '' ? undefined : markup`<path class="bad" d="${bad}"/>`}</svg><span class="faint numbers">${last}</span></span>`;
}

function lastWords(sample: Sample): string {
  return sample.verdict === 'error'
    ? 'could not be looked at'
    : `${sample.verdict}, ${showDuration(sample.latencyMs)}`;
}
