import { showDuration } from '../../model/duration.ts';
import type { FailureNote } from '../../model/journal.ts';
import type { RunAccount, StepAccount } from '../run-account.ts';
import { exitWords, outcomeWords, scriptWords, stepWords, type Toned } from './account-words.ts';
import { markup, ourOwn, type Markup } from './markup.ts';
import { toned } from './pieces.ts';
import { STYLE } from './style.ts';

/** What is said of a run beside what its journal says. */
export interface ReportOptions {
  /** The server's name. */
  readonly host: string;
}

/** Whoever opens a report needs nothing else, and nothing in it runs or asks anybody. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A run as one HTML file that asks for nothing else, to be attached and printed. The same account gives the same bytes. */
export function renderReportHtml(account: RunAccount, options: ReportOptions): string {
  const [outcome] = outcomeWords(account.end);
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${account.command} on ${options.host}: ${outcome}</title>
<style>${ourOwn(STYLE)}</style>
<main>
${accountMarkup(account, options)}
</main>
</html>
`.markup;
}

/** The same as part of a page. */
export function accountMarkup(account: RunAccount, { host }: ReportOptions): Markup {
  const { runId, command, revision, startedAt, durationMs, steps, back, end, failures } = account;
  return markup`<header>
<h1>${command} on ${host}: ${toned(outcomeWords(end))}</h1>
<dl>
<dt>run</dt><dd><code>${runId}</code></dd>
<dt>begun</dt><dd><time datetime="${startedAt}">${startedAt}</time></dd>
<dt>took</dt><dd>${showDuration(durationMs)}${end === undefined ? ', as far as is known' : ''}</dd>
<dt>exit code</dt><dd>${exitWords(end)}</dd>
<dt>desired state</dt><dd><code>${revision}</code></dd>
</dl>
</header>
${failures.length === 0 ? undefined : markup`<section><h2>What went wrong</h2>${failures.flatMap(noteLines)}</section>`}
${stepSection('What was done', { steps, account })}
${back && stepSection(`The way back, to generation ${back.generation}`, { steps: back.steps, account })}`;
}

interface Steps {
  readonly steps: readonly StepAccount[];
  readonly account: RunAccount;
}

function stepSection(title: string, { steps, account }: Steps): Markup {
  const table = markup`<table>
<thead><tr><th scope="col">Step</th><th scope="col">Verdict</th><th scope="col" class="wide">When</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>
${steps.map((step) => stepRow(step, account.durationMs))}</tbody>
</table>`;
  return markup`<section>
<h2>${title}</h2>
${steps.length === 0 ? markup`<p class="faint">Nothing.</p>` : table}
</section>`;
}

function stepRow(step: StepAccount, runMs: number): Markup {
  const { id, span, failures, scripts } = step;
  const verdict = stepWords(step);
  const ran = scripts.map((script) => markup`<pre>${scriptWords(script)}</pre>`);
  const when = span && spanBar({ ...span, runMs, tone: verdict[1] });
  return markup`<tr><td><code>${id}</code>${ran}${failures.flatMap(noteLines)}</td><td>${toned(verdict)}</td><td class="wide">${when}</td><td class="number">${span && showDuration(span.durationMs)}</td></tr>
`;
}

function noteLines({ summary, detail }: FailureNote): readonly Markup[] {
  return [summary, ...detail].map((line) => markup`<pre class="bad">${line}</pre>`);
}

// So wide that it is seen, however short it was.
const BAR_MIN_PERCENT = 0.6;

interface Bar {
  readonly fromMs: number;
  readonly durationMs: number;
  readonly runMs: number;
  readonly tone: Toned[1];
}

function spanBar({ fromMs, durationMs, runMs, tone }: Bar): Markup {
  const percent = (ms: number): number => (100 * ms) / Math.max(1, runMs);
  const width = Math.min(100, Math.max(BAR_MIN_PERCENT, percent(durationMs)));
  const from = Math.min(percent(fromMs), 100 - width);
  return markup`<svg class="span" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><line x1="0" x2="100" y1="5" y2="5" vector-effect="non-scaling-stroke"/><rect class="${tone}" x="${from.toFixed(2)}" y="3" width="${width.toFixed(2)}" height="4"/></svg>`;
}
