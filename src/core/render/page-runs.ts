import { showDuration } from '../../model/duration.ts';
import type { LiveRun, LiveStep } from '../live-run.ts';
import type { RunSummary } from '../run-summary.ts';
import { outcomeWords, VERDICT_WORDS, type Toned } from './account-words.ts';
import { markup, type Markup } from './markup.ts';
import { since, toned } from './pieces.ts';

// What a person follows, products still in sight below; nor is a plan of a thousand steps sent anew with each line that a script prints.
const STEPS_MAX = 8;

/** The run under way, or the last one. */
export function runPart(run: LiveRun | undefined): Markup {
  if (run === undefined)
    return markup`<section id="run"><h2>No run yet</h2><p class="faint">watch has not looked yet.</p></section>`;
  const { sentence, steps, end, startedAt, command } = run;
  const shown = mostTelling(steps);
  const rest = steps.length - shown.length;
  const failures = end?.failures.map((failure) => markup`<pre class="bad">${failure}</pre>`);
  const state: Toned = end === undefined ? ['under way', 'warn'] : outcomeWords(end);
  return markup`<section id="run">
<h2>${end === undefined ? 'Now' : 'Last run'}: ${command} ${toned(state)} ${end === undefined ? elapsed(startedAt) : markup`<span class="faint numbers">${showDuration(end.durationMs)}</span>`}</h2>
<p>${sentence}${end === undefined && steps.length > 0 ? ` ${doneText(steps)}` : undefined}</p>${failures}
${shown.length === 0 ? undefined : markup`<ul class="steps">${shown.map(stepItem)}</ul>`}
${rest === 0 ? undefined : markup`<p class="faint">and ${rest} more steps</p>`}
</section>`;
}

function doneText(steps: readonly LiveStep[]): string {
  const done = steps.filter(({ state }) => state.is === 'ended').length;
  return `${done} of ${steps.length} done.`;
}

function elapsed(from: Date): Markup {
  return markup`<span class="faint numbers" data-since="${from.toISOString()}"></span>`;
}

// What runs, then what went wrong, then the newest of the others.
function mostTelling(steps: readonly LiveStep[]): readonly LiveStep[] {
  if (steps.length <= STEPS_MAX) return steps;
  const rank = ({ state }: LiveStep): number =>
    state.is === 'running' ? 0 : state.is === 'waiting' ? 3 : state.verdict === 'succeeded' ? 2 : 1;
  return steps.toSorted((one, other) => rank(one) - rank(other)).slice(0, STEPS_MAX);
}

function stepItem({ id, isBack, state }: LiveStep): Markup {
  const name = markup`<code>${isBack ? '↩ ' : ''}${id}</code>`;
  switch (state.is) {
    case 'waiting':
      return markup`<li>${name}${toned(['waiting', 'calm'])}</li>`;
    case 'running':
      return markup`<li>${name}${toned(['running', 'warn'])}${elapsed(state.since)}${state.tail.map((line) => markup`<pre>${line}</pre>`)}</li>`;
    case 'ended':
      return markup`<li>${name}${toned(VERDICT_WORDS[state.verdict])}<span class="faint numbers">${showDuration(state.durationMs)}</span></li>`;
  }
}

// What a page is told anew whenever a run ends.
const LATEST_RUNS = 15;

/** The newest of the runs of before, and where the others are. */
export function latestRuns(runs: readonly RunSummary[]): Markup {
  return runsSection(runs.slice(0, LATEST_RUNS), runs.length);
}

/** The runs of before, newest first: how they ended, and how long they took beside each other. */
export function allRuns(runs: readonly RunSummary[]): Markup {
  return runsSection(runs, runs.length);
}

function runsSection(runs: readonly RunSummary[], count: number): Markup {
  const more =
    runs.length === count
      ? undefined
      : markup`<p class="faint">The newest ${runs.length}. <a href="runs">Show all ${count}</a></p>
`;
  const longestMs = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const rows = runs.map((run) => runRow(run, longestMs));
  return markup`<section id="runs"><h2>Runs <span class="faint numbers">${count}</span></h2>
<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table>
<thead><tr><th scope="col">Begun</th><th scope="col">Outcome</th><th scope="col" class="wide">Actions</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${rows}</tbody></table></div>
${more}</section>`;
}

function runRow(
  { runId, command, startedAt, durationMs, end, counts, isJournalled }: RunSummary,
  longestMs: number,
): Markup {
  const verdicts = Object.entries(counts).filter(([, count]) => count > 0);
  const words = verdicts.map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  const begun = since(startedAt);
  const width = ((100 * durationMs) / longestMs).toFixed(1);
  return markup`
<tr><td>${isJournalled ? markup`<a href="run?id=${runId}">${begun}</a>` : begun} <span class="faint">${command}</span></td><td>${toned(outcomeWords(end))}</td><td class="wide faint">${words}</td><td class="number">${showDuration(durationMs)}<svg class="bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="2"/></svg></td></tr>`;
}
