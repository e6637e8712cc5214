import { showDuration } from '../../model/duration.ts';
import { VERDICTS, type EventBody, type Verdict, type VerdictCounts } from '../../model/event.ts';
import { partsOf, type LiveRun, type LiveStep } from '../live-run.ts';
import { outcomeWords, VERDICT_WORDS, type Tone, type Toned } from './account-words.ts';
import { columnsOf, padColumns } from './columns.ts';
import type { Palette } from './palette.ts';
import { tableLines } from './table.ts';
import { wrapHanging, wrapText } from './wrap.ts';

/** How the end of a run is told. */
export interface SummaryStyle {
  readonly palette: Palette;
  /** Columns of the terminal; undefined for a pipe. */
  readonly width: number | undefined;
}

type RunFinished = Extract<EventBody, { readonly type: 'run.finished' }>;

/** What became of each product, where there are several, and the sum, which comes last; '' where nothing was to be done. Ends in a newline. */
export function renderSummary(
  run: LiveRun | undefined,
  end: RunFinished,
  style: SummaryStyle,
): string {
  const sum = sumText(end.counts, run);
  if (sum === '') return '';
  const { outcome, durationMs } = end;
  const isDone = outcome === 'changed';
  const head = isDone ? 'Applied' : `Ended ${outcomeWords(end)[0]}`;
  const paint = isDone ? style.palette.good : style.palette.bad;
  const last = `${head}: ${sum} in ${showDuration(durationMs)}.`;
  const lines = [
    ...(run === undefined ? [] : productLines(run, durationMs, style)),
    ...wrapHanging(last, '', style.width).map(paint),
  ];
  return `${lines.join('\n')}\n`;
}

// A heartbeat that fails is the verdict on no action, but the reason of all that follows.
function sumText(counts: VerdictCounts, run: LiveRun | undefined): string {
  const parts = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${VERDICT_WORDS[verdict][0]}`,
  );
  const sick = (run?.steps ?? []).filter(
    (step) => !step.isBack && partsOf(step).isWait && hasFailed(step),
  );
  return [...parts, ...(sick.length === 0 ? [] : [`${sick.length} not healthy`])].join(', ');
}

function hasFailed({ state }: LiveStep): boolean {
  return state.is === 'ended' && state.verdict === 'failed';
}

// Beyond that, those that went well are only counted.
const ROWS_MAX = 10;
// What failed at once for one reason need not be told a hundred times.
const TROUBLES_MAX = 20;
// The run was over in no time: what took longest of it is of no use.
const LONG_MS = 10_000;

function productLines(run: LiveRun, durationMs: number, style: SummaryStyle): readonly string[] {
  const rows = rowsOf(run);
  // One product has said all of it on the lines above.
  if (rows.length < 2) return [];
  const isWhole = rows.length <= ROWS_MAX;
  const telling = isWhole ? rows : rows.filter(({ word: [, tone] }) => tone !== 'good');
  const shown = telling.slice(0, TROUBLES_MAX);
  const others = telling.length - shown.length;
  const longest = isWhole || durationMs < LONG_MS ? [] : [longestText(run)];
  const lines = [
    ...rowLines(shown, style),
    ...(others === 0 ? [] : [`  … and ${others} more`]),
    ...longest.flatMap((text) => wrapHanging(text, '', style.width)),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** A product, or the server, and what became of it. */
interface Row {
  readonly subject: string;
  readonly word: Toned;
  readonly steps: string;
}

// With less room than that beside the names, what is said goes below them.
const ROOM_MIN = 32;
const INDENT = '  ';

function rowLines(rows: readonly Row[], { palette, width }: SummaryStyle): readonly string[] {
  const heads = tableLines(rows.map(({ subject, word }) => [subject, word[0]]));
  const headColumns = Math.max(0, ...heads.map(columnsOf));
  return rows.flatMap(({ word: [, tone], steps }, at) => {
    const head = `${INDENT}${padColumns(heads[at] ?? '', headColumns)}${INDENT}`;
    return besideOrBelow(head, steps, width).map((line) => toned(line, tone, palette));
  });
}

function besideOrBelow(head: string, text: string, width: number | undefined): readonly string[] {
  const room = width === undefined ? Infinity : width - columnsOf(head);
  if (columnsOf(text) <= room) return [`${head}${text}`];
  const isBeside = room >= ROOM_MIN;
  const indent = isBeside ? ' '.repeat(columnsOf(head)) : `${INDENT}${INDENT}`;
  const parts = wrapText(text, isBeside ? room : (width ?? Infinity) - columnsOf(indent));
  const [first = '', ...rest] = isBeside ? parts : ['', ...parts];
  return [`${head}${first}`.trimEnd(), ...rest.map((line) => `${indent}${line}`)];
}

function toned(text: string, tone: Tone, palette: Palette): string {
  switch (tone) {
    case 'good':
    case 'bad':
    case 'warn':
      return palette[tone](text);
    case 'calm':
      return palette.faint(text);
  }
}

// In the order of the plan.
function rowsOf({ steps, phase }: LiveRun): readonly Row[] {
  const ofSubject = new Map<string, LiveStep[]>();
  for (const step of steps) {
    if (step.isBack || !isTold(step)) continue;
    const { subject } = partsOf(step);
    ofSubject.set(subject, [...(ofSubject.get(subject) ?? []), step]);
  }
  const back = phase === 'back' ? steps.filter((step) => step.isBack) : [];
  const takenBack = new Set(
    back.filter((step) => !partsOf(step).isWait).map((step) => partsOf(step).subject),
  );
  return [...ofSubject].map(([subject, own]) => ({
    subject,
    word: wordOf(own, takenBack.has(subject)),
    steps: own.map((step) => stepText(step, own)).join(', '),
  }));
}

// What never came to its turn has nothing to say, nor has what nobody wanted done.
function isTold({ state }: LiveStep): boolean {
  if (state.is !== 'ended') return false;
  const why = state.unbegun?.why;
  return why !== 'unconfirmed' && why !== 'refused';
}

// The worst that happened to it; what was taken back is as it was.
function wordOf(steps: readonly LiveStep[], isTakenBack: boolean): Toned {
  const states = steps.flatMap(({ state }) => (state.is === 'ended' ? [state] : []));
  const isAny = (verdict: Verdict): boolean => states.some((state) => state.verdict === verdict);
  if (isTakenBack && steps.some(wasBegun)) return VERDICT_WORDS.rolledBack;
  const worst = WORST_FIRST.find(isAny) ?? 'succeeded';
  if (worst !== 'skipped') return VERDICT_WORDS[worst];
  const blocked = states.flatMap(({ unbegun }) =>
    unbegun?.why === 'blocked' ? [unbegun.blocked.by] : [],
  );
  if (blocked.length === 0) return VERDICT_WORDS.skipped;
  return blocked.includes('window') ? ['deferred', 'calm'] : ['blocked', 'warn'];
}

const WORST_FIRST: readonly Verdict[] = ['unknown', 'failed', 'skipped', 'notStarted'];

// Where none was begun, the word before them has said so.
function stepText(step: LiveStep, all: readonly LiveStep[]): string {
  const { deed } = partsOf(step);
  const { state } = step;
  if (state.is !== 'ended') return deed;
  if (state.unbegun !== undefined) return all.some(wasBegun) ? `${deed} not begun` : deed;
  return state.verdict === 'succeeded'
    ? `${deed} in ${showDuration(state.durationMs)}`
    : `${deed} ${VERDICT_WORDS[state.verdict][0]} after ${showDuration(state.durationMs)}`;
}

function wasBegun({ state }: LiveStep): boolean {
  return state.is === 'ended' && state.unbegun === undefined;
}

// Enough to see where the time went.
const LONGEST_COUNT = 3;

function longestText({ steps }: LiveRun): string {
  const timed = steps.flatMap(({ id, state }) =>
    state.is === 'ended' ? [{ id, durationMs: state.durationMs }] : [],
  );
  const longest = timed
    .toSorted((one, other) => other.durationMs - one.durationMs)
    .slice(0, LONGEST_COUNT);
  return `Longest: ${longest.map(({ id, durationMs }) => `${id} ${showDuration(durationMs)}`).join(', ')}`;
}
