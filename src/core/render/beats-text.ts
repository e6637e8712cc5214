import { showDuration } from '../../model/duration.ts';
import { escapeControls } from '../../model/escape.ts';
import { showProbe, type Sample } from '../../model/heartbeat.ts';
import type { Beat } from '../observation.ts';
import { cutColumns } from './columns.ts';
import type { Palette } from './palette.ts';
import { tableLines } from './table.ts';

/** How heartbeats are shown. */
export interface BeatsStyle {
  readonly palette: Palette;
  /** What a line may take; undefined where it may be as long as it is. */
  readonly columns: number | undefined;
}

/** Heartbeats for a person, a line each. Ends in a newline. */
export function renderBeats(beats: readonly Beat[], { palette, columns }: BeatsStyle): string {
  if (beats.length === 0) return 'No heartbeats are declared.\n';
  const lines = tableLines(beats.map(rowOf)).map((line, index) =>
    coloured(fitting(line, columns), beats[index]?.sample.verdict, palette),
  );
  return `${lines.join('\n')}\n`;
}

/** One heartbeat at a moment, on a line of its own. */
export function renderBeatChange(beat: Beat, at: Date, palette: Palette): string {
  const line = `${at.toISOString()}  ${rowOf(beat).join('  ')}`;
  return `${coloured(line, beat.sample.verdict, palette)}\n`;
}

/** The live table, drawn over the one before. `drawnBefore` is what is on the terminal. */
export function redrawBeats(
  beats: readonly Beat[],
  { drawnBefore, at, ...style }: BeatsStyle & { readonly drawnBefore: string; readonly at: Date },
): string {
  const lines = drawnBefore.split('\n').length - 1;
  const up = lines === 0 ? '' : `\u001b[${lines}A\u001b[J`;
  const foot = style.palette.faint(fitting(`${at.toISOString()}, until Ctrl-C`, style.columns));
  return `${up}${renderBeats(beats, style)}${foot}\n`;
}

/** Heartbeats for programs (`bootstrap.heartbeat/1`). Latencies are in whole milliseconds. */
export function beatsDocument(beats: readonly Beat[]): object {
  return { schema: 'bootstrap.heartbeat/1', heartbeats: beats.map(beatDocument) };
}

/** One heartbeat at a moment, for programs: the same document, with the time. */
export function beatChangeDocument(beat: Beat, at: Date): object {
  return {
    schema: 'bootstrap.heartbeat/1',
    time: at.toISOString(),
    heartbeats: [beatDocument(beat)],
  };
}

/** What makes a look differ from the one before for who watches: its verdict, why, and which process; not how long it took. */
export function beatKey({ sample }: Beat): string {
  return sample.verdict === 'pass'
    ? `pass ${sample.identity?.pid} ${sample.identity?.startTicks}`
    : `${sample.verdict} ${sample.reason}`;
}

function rowOf(beat: Beat): readonly string[] {
  const { product, heartbeat, sample } = beat;
  return [product, showProbe(heartbeat.probe), sample.verdict, detailOf(sample)];
}

function fitting(line: string, columns: number | undefined): string {
  return columns === undefined ? line : cutColumns(line, columns);
}

function coloured(line: string, verdict: Sample['verdict'] | undefined, palette: Palette): string {
  if (verdict === 'pass') return palette.good(line);
  return verdict === 'fail' ? palette.bad(line) : palette.warn(line);
}

function beatDocument({ product, heartbeat, sample }: Beat): object {
  return { product, heartbeat: showProbe(heartbeat.probe), ...sampleDocument(sample) };
}

function sampleDocument(sample: Sample): object {
  switch (sample.verdict) {
    case 'pass': {
      const { verdict, latencyMs, identity } = sample;
      return { verdict, latencyMs: Math.round(latencyMs), identity };
    }
    case 'fail': {
      const { verdict, reason, latencyMs } = sample;
      return { verdict, reason, latencyMs: Math.round(latencyMs) };
    }
    case 'error':
      return sample;
  }
}

function detailOf(sample: Sample): string {
  switch (sample.verdict) {
    case 'pass': {
      const pid = sample.identity === undefined ? '' : `, pid ${sample.identity.pid}`;
      return `${showDuration(sample.latencyMs)}${pid}`;
    }
    case 'fail':
    case 'error':
      return escapeControls(sample.reason);
  }
}
