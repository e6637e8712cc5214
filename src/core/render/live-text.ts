import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import type { LiveBeat, LiveRun, LiveStep } from '../live-run.ts';
import { columnsOf, cutColumns, padColumns } from './columns.ts';
import type { Palette } from './palette.ts';

/** How a run under way is drawn. */
export interface LiveStyle {
  readonly palette: Palette;
  /** Of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly now: Date;
  /** A mark of one column that differs from the one before. */
  readonly spinner: string;
}

// More than run at a time unless somebody asks for it; the rest is counted.
const STEPS_MAX = 8;
// What else is to be seen on a low terminal: a few lines of what was done, the sum, the cursor.
const ROWS_LEFT = 4;
/** With less room than that beside the longest name, what steps say goes below theirs. */
const SAID_COLUMNS_MIN = 24;

/** A run under way, a line each step that runs and one for the sum, none as wide as the terminal; [] for one that has ended. */
export function renderLive(run: LiveRun, style: LiveStyle): readonly string[] {
  if (run.end !== undefined) return [];
  const { palette, rows, spinner, now } = style;
  // Not the last column: on some terminals what reaches it wraps.
  const room = style.columns - 1;
  const running = runningIn(run);
  const layout = layoutFor(running, { now, room });
  const linesMax = Math.max(0, Math.min(STEPS_MAX, rows - ROWS_LEFT));
  const shown = running.slice(0, Math.floor(linesMax / (layout.isBeside ? 1 : 2)));
  const others = running.length - shown.length;
  const more = others === 0 ? [] : [cutColumns(`… and ${others} more running`, room)];
  const elapsed = clockText(run.startedAt, now);
  // Between steps nothing else moves.
  const mark = running.length === 0 ? `${palette.accent(spinner)} ` : '';
  const sumRoom = room - (mark === '' ? 0 : MARK_COLUMNS);
  const sum = palette.strong(cutColumns(`${sumText(run)}${GAP}${elapsed}`, sumRoom));
  const lines = [
    ...shown.flatMap((step) => stepLines(step, layout, style)),
    ...more.map(palette.faint),
    `${mark}${sum}`,
  ];
  // What does not fit above the cursor would be pushed out of sight ten times a second, and stay there.
  return lines.slice(Math.max(0, lines.length - (rows - 1)));
}

/** What a run does that has printed nothing for a while, on one line without its end; '' for one that has ended. */
export function renderSignOfLife(run: LiveRun, now: Date): string {
  if (run.end !== undefined) return '';
  const running = runningIn(run);
  const forText = (since: Date): string => showDuration(wholeSeconds(since, now));
  if (running.length === 0) return `still at it: ${sumText(run)}, ${forText(run.startedAt)}`;
  const named = running.slice(0, NAMED_MAX).map((step) => {
    const said = lastWords(step.state);
    return `${step.id} ${forText(step.state.since)}${said === '' ? '' : ` (${said})`}`;
  });
  const others = running.length - named.length;
  const more = others === 0 ? [] : [`${others} more`];
  return `still running: ${[...named, ...more].join(', ')}`;
}

// As many as run at a time unless somebody asks for more.
const NAMED_MAX = 4;

function lastWords(state: Running['state']): string {
  const text = cutColumns(stateText(state), SAID_COLUMNS_MAX);
  return text === '' || state.beats.length > 0 ? text : `last said: "${text}"`;
}

// What several steps say fits on a few lines of a log.
const SAID_COLUMNS_MAX = 60;

type Running = LiveStep & { readonly state: { readonly is: 'running' } };

// Oldest first: what takes long stays where it is.
function runningIn({ steps }: LiveRun): readonly Running[] {
  const isRunning = (step: LiveStep): step is Running => step.state.is === 'running';
  return steps
    .filter(isRunning)
    .toSorted((one, other) => one.state.since.getTime() - other.state.since.getTime());
}

interface Layout {
  readonly name: number;
  /** Columns for what a step says. */
  readonly said: number;
  /** Whether that stands beside the name, or on a line of its own below it. */
  readonly isBeside: boolean;
}

const MARK_COLUMNS = '⠋ '.length;
const GAP = '  ';

function layoutFor(
  running: readonly Running[],
  { now, room }: { readonly now: Date; readonly room: number },
): Layout {
  const longestOf = (textOf: (step: Running) => string): number =>
    Math.max(0, ...running.map((step) => columnsOf(textOf(step))));
  const longest = longestOf(({ id }) => id);
  const left =
    room - MARK_COLUMNS - GAP.length - longestOf(({ state }) => clockText(state.since, now));
  const beside = left - longest - GAP.length;
  return beside >= SAID_COLUMNS_MIN
    ? { name: longest, said: beside, isBeside: true }
    : { name: Math.max(1, Math.min(longest, left)), said: room - GAP.length, isBeside: false };
}

function stepLines(
  { id, state }: Running,
  { name, said, isBeside }: Layout,
  { palette, spinner, now }: LiveStyle,
): readonly string[] {
  const isSick = state.beats.some(({ sample }) => sample.verdict !== 'pass');
  const paint = isSick ? palette.warn : palette.faint;
  const elapsed = palette.faint(clockText(state.since, now));
  const head = `${palette.accent(spinner)} ${padColumns(cutColumns(id, name), name)}${GAP}${elapsed}`;
  const text = cutColumns(stateText(state), said);
  if (text === '') return [head];
  return isBeside ? [`${head}${GAP}${paint(text)}`] : [head, `${GAP}${paint(text)}`];
}

// What a step does at the moment, as far as anybody has said so.
function stateText({ tail, beats }: Running['state']): string {
  const text = beats.length > 0 ? beatsText(beats) : (tail.at(-1) ?? '');
  return escapeControls(text).replaceAll('\t', ' ').trim();
}

function beatsText(beats: readonly LiveBeat[]): string {
  const open = beats.filter(isOpen);
  // What fails is what is waited for longest.
  const first = open.find(({ sample }) => sample.verdict !== 'pass') ?? open[0];
  if (first === undefined) return 'passes';
  const text = `${first.heartbeat.probe.kind}: ${beatText(first)}`;
  return beats.length === 1
    ? text
    : `${beats.length - open.length} of ${beats.length} pass; ${text}`;
}

function isOpen({ heartbeat, passesInARow }: LiveBeat): boolean {
  const { successes, stableMs } = heartbeat.timing;
  return passesInARow < successes || stableMs > 0;
}

function beatText({ heartbeat, sample, passesInARow }: LiveBeat): string {
  const { successes, stableMs } = heartbeat.timing;
  if (sample.verdict === 'error') return `could not look: ${sample.reason}`;
  if (sample.verdict === 'fail') return sample.reason;
  return passesInARow < successes
    ? `${passesInARow} of ${successes} looks in a row`
    : `passes, has to stay so for ${showDuration(stableMs)}`;
}

function sumText({ phase, sentence, steps }: LiveRun): string {
  if (phase === 'looking' || phase === 'locked-out') return sentence;
  const isBack = steps.some((step) => step.isBack);
  const states = steps.filter((step) => step.isBack === isBack).map(({ state }) => state);
  const counted = states.filter((state) => state.is !== 'ended' || state.unbegun === undefined);
  const verdicts = counted.flatMap((state) => (state.is === 'ended' ? [state.verdict] : []));
  const done = verdicts.filter((verdict) => verdict === 'succeeded').length;
  const failed = verdicts.length - done;
  const running = counted.filter((state) => state.is === 'running').length;
  const parts = [`${done} of ${counted.length} done`];
  if (running > 0) parts.push(`${running} running`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `${isBack ? 'Going back: ' : ''}${parts.join(', ')}`;
}

// The wall clock may be set back meanwhile.
function wholeSeconds(since: Date, now: Date): number {
  const ms = Math.max(0, now.getTime() - since.getTime());
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

const SECOND_MS = 1000;

/** How long ago that was, as a clock shows it: `00:42`, `1:02:03`. */
function clockText(since: Date, now: Date): string {
  const seconds = wholeSeconds(since, now) / SECOND_MS;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const short = `${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
  return hours === 0 ? short : `${hours}:${short}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
