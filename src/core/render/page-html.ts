import type { DriftDocument } from '../../model/plan-document.ts';
import type { Condition, StatusDocument } from '../../model/status.ts';
import type { BeatTrack } from '../beat-log.ts';
import type { LiveRun } from '../live-run.ts';
import type { RunSummary } from '../run-summary.ts';
import type { Toned } from './account-words.ts';
import { markup, ourOwn, type Markup } from './markup.ts';
import { productRow, productRowId } from './page-products.ts';
import { allRuns, latestRuns, runPart } from './page-runs.ts';
import { PAGE_STYLE } from './page-style.ts';
import { since, toned } from './pieces.ts';

/** What the page shows. */
export interface PageState {
  readonly host: string;
  /** As recorded; undefined where no run left any. */
  readonly status: StatusDocument | undefined;
  readonly run: LiveRun | undefined;
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly beats: readonly BeatTrack[];
  readonly drift: readonly SeenDrift[];
}

/** A value that moved by itself, and since when that is known; of one that moved before watch was started, since when there is any drift. */
export interface SeenDrift extends DriftDocument {
  readonly since: Date;
}

/** What the page may load: its own script, the style within it by its SHA-256 (in hex), and what it is told; nothing of another host. */
export function pagePolicy(styleSha256: string): string {
  const bytes = styleSha256.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? [];
  const digest = btoa(String.fromCodePoint(...bytes));
  return `default-src 'none'; script-src 'self'; style-src 'sha256-${digest}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** The page from its parts; readable without its script, which keeps it fresh from `edition` on. */
export function renderPage({ parts, host, edition, count }: PageEdition): string {
  const rows = [...parts].flatMap(([id, part]) => (SECTIONS.has(id) ? [] : [part]));
  const main = markup`<p id="lost" class="bad" role="status" hidden>The connection is lost; what is shown may be old.</p>
${parts.get('head')}
<div class="columns" id="columns" data-edition="${edition}">
<div>${parts.get('run')}${parts.get('drift')}${parts.get('runs')}</div>
${productsPart(rows, count)}
</div>`;
  return pageFrame({ title: host, script: true, main });
}

/** All runs that are known, on a page that stays as it is. */
export function renderRunsPage({ host, runs }: Pick<PageState, 'host' | 'runs'>): string {
  const main = markup`<header><h1>${host} <small><a href="./">now</a></small></h1></header>
${allRuns(runs)}`;
  return pageFrame({ title: host, script: false, main });
}

/** The page at one moment. */
export interface PageEdition {
  readonly parts: PageParts;
  readonly host: string;
  /** Counts what was changed. */
  readonly edition: number;
  /** Of all products, those included that `parts` leaves out. */
  readonly count: number;
}

/** As many products as are seen at first: a thousand take a browser longer than people like to wait for that. */
export const FIRST_ROWS = 16;

/** The pieces of the page that change by themselves, by the id of their element. */
export type PageParts = ReadonlyMap<string, Markup>;

const SECTIONS: ReadonlySet<string> = new Set(['head', 'run', 'drift', 'runs']);

/** What a page of ours is put into. */
export interface PageFrame {
  readonly title: string;
  readonly script: boolean;
  readonly main: Markup;
}

/** A page of ours, whatever is on it. */
export function pageFrame({ title, script, main }: PageFrame): string {
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · bootstrap</title>
<link rel="icon" href="data:,">
<style>${ourOwn(PAGE_STYLE)}</style>
${script ? markup`<script src="page.js" defer></script>` : undefined}
<main>
${main}
</main>
</html>
`.markup;
}

/** The pieces of the page, as things are; of the products so many. */
export function pageParts(state: PageState, rowsMax = Infinity): PageParts {
  return new Map([
    ['head', headPart(state)],
    ['run', runPart(state.run)],
    ['drift', driftPart(state)],
    ['runs', latestRuns(state.runs)],
    ...productRows(state, rowsMax),
  ]);
}

function productRows({ status, beats }: PageState, rowsMax: number): ReadonlyMap<string, Markup> {
  const grouped = byProduct(beats);
  const products = Object.entries(status?.products ?? {}).slice(0, rowsMax);
  return new Map(
    products.map(([name, report]) => [
      productRowId(name),
      productRow(name, report, grouped.get(name) ?? []),
    ]),
  );
}

const CONDITION_TONES: {
  readonly [T in Condition['type']]: Readonly<Record<Condition['status'], Toned[1]>>;
} = {
  Ready: { True: 'good', False: 'bad', Unknown: 'calm' },
  Reconciling: { True: 'warn', False: 'calm', Unknown: 'calm' },
  Stalled: { True: 'bad', False: 'calm', Unknown: 'calm' },
  Verified: { True: 'good', False: 'bad', Unknown: 'calm' },
  DriftDetected: { True: 'warn', False: 'calm', Unknown: 'calm' },
  RolledBack: { True: 'warn', False: 'calm', Unknown: 'calm' },
  Suspended: { True: 'warn', False: 'calm', Unknown: 'calm' },
  SpecValid: { True: 'good', False: 'bad', Unknown: 'calm' },
};

function headPart({ host, status }: PageState): Markup {
  const { actual, desired } = status?.mode ?? { actual: null, desired: null };
  const wish = desired === null || desired === actual ? '' : `, wished: ${desired}`;
  const conditions = status?.conditions ?? [];
  return markup`<header id="head">
<h1>${host} <small class="faint">${actual === null ? 'nothing is on record yet' : `in mode ${actual}${wish}`}</small></h1>
<ul class="conditions">${conditions.map(conditionItem)}</ul>
</header>`;
}

function conditionItem({ type, status, message, lastTransitionTime }: Condition): Markup {
  const words = CONDITION_NAMES[type][status === 'True' ? 0 : 1];
  const shown = status === 'Unknown' ? `${CONDITION_NAMES[type][0]}: not known` : words;
  return markup`
<li>${toned([shown, CONDITION_TONES[type][status]])}<span class="faint">${message}</span>${since(lastTransitionTime)}</li>`;
}

const CONDITION_NAMES: { readonly [T in Condition['type']]: readonly [is: string, isNot: string] } =
  {
    Ready: ['ready', 'not ready'],
    Reconciling: ['reconciling', 'at rest'],
    Stalled: ['stalled', 'not stalled'],
    Verified: ['verified', 'not verified'],
    DriftDetected: ['drift', 'no drift'],
    RolledBack: ['rolled back', 'not rolled back'],
    Suspended: ['suspended', 'not suspended'],
    SpecValid: ['spec valid', 'spec not valid'],
  };

function driftPart({ drift, status }: PageState): Markup {
  if (drift.length === 0) {
    const condition = status?.conditions.find(({ type }) => type === 'DriftDetected');
    return markup`<section id="drift"><h2>Drift</h2><p class="faint">${condition?.message ?? 'nothing is known of it yet'}</p></section>`;
  }
  const rows = drift.map(
    ({ product, path, applied, actual, since: at }) => markup`
<tr><td><code>${product}</code> ${path}</td><td><code>${valueText(applied)}</code> → <code>${valueText(actual)}</code></td><td class="number">${since(at.toISOString())}</td></tr>`,
  );
  return markup`<section id="drift"><h2>Drift</h2><table><thead><tr><th scope="col">Value</th><th scope="col">Applied → found</th><th scope="col" class="number">Since</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function valueText(value: DriftDocument['applied']): string {
  return value === null ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);
}

function productsPart(rows: readonly Markup[], count: number): Markup {
  const more =
    rows.length === count
      ? undefined
      : markup`<p id="more" class="faint">The first ${rows.length}. <a href="./?rows=all">Show all ${count}</a></p>
`;
  return markup`<section id="products">
<h2>Products <span class="faint numbers">${count}</span></h2>
<div class="filter" hidden><label>Find <input id="find" type="search" autocomplete="off"></label><label><input id="unready" type="checkbox"> only what is not ready</label><span id="found" class="faint" role="status"></span></div>
<div class="scroll" tabindex="0" role="table" aria-label="Products" aria-rowcount="${count + 1}">
<div role="row" class="row head"><span role="columnheader">Product</span><span role="columnheader">Version</span><span role="columnheader">State</span><span role="columnheader" class="wide">Heartbeats</span></div>
${rows}</div>
${more}</section>`;
}

function byProduct(beats: readonly BeatTrack[]): ReadonlyMap<string, readonly BeatTrack[]> {
  const grouped = new Map<string, BeatTrack[]>();
  for (const beat of beats) {
    const own = grouped.get(beat.product);
    if (own === undefined) grouped.set(beat.product, [beat]);
    else own.push(beat);
  }
  return grouped;
}
