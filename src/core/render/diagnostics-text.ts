import type { Diagnostic, Span } from '../../model/diagnostic.ts';
import { escapeControls } from '../../model/escape.ts';
import { columnsOf } from './columns.ts';
import type { Palette } from './palette.ts';
import { wrapText } from './wrap.ts';

/** How diagnostics are shown: colours, and the width in columns that long lines are cut and wrapped to. */
export interface DiagnosticsStyle {
  readonly palette: Palette;
  readonly width: number;
}

/**
 * Diagnostics for people, a blank line between them: `file:line:column: error[code] summary`, the line underlined,
 * the detail, and what to do. '' for none; ends in a newline.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  style: DiagnosticsStyle,
): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, style)).join('\n');
}

function renderDiagnostic(
  { code, severity, summary, detail, span, sourceLine, fix }: Diagnostic,
  style: DiagnosticsStyle,
): string {
  const { palette } = style;
  const place =
    span === undefined ? '' : `${escapeControls(span.file)}:${span.line}:${span.column}: `;
  const kind = (severity === 'error' ? palette.bad : palette.warn)(`${severity}[${code}]`);
  const lines = [`${palette.strong(place)}${kind} ${palette.strong(escapeControls(summary))}`];
  if (span !== undefined && sourceLine !== undefined)
    lines.push(...renderSource(span, sourceLine, style));
  if (detail !== undefined)
    lines.push(...wrapText(escapeControls(detail), style.width - 2).map((line) => `  ${line}`));
  if (fix !== undefined) lines.push(`  ${palette.good('fix:')} ${escapeControls(fix)}`);
  return `${lines.join('\n')}\n`;
}

/** The line with its number, and carets under the span. */
function renderSource(
  span: Span,
  sourceLine: string,
  { palette, width }: DiagnosticsStyle,
): readonly string[] {
  const gutter = String(span.line);
  const window = cutAround(
    withoutCredentials(sourceLine),
    { start: span.column - 1, end: span.endColumn - 1 },
    width - gutter.length - 5,
  );
  const before = columnsOf(window.before);
  const carets = '^'.repeat(Math.max(1, columnsOf(window.marked)));
  const line = window.before + window.marked + window.after;
  return [
    `  ${palette.faint(`${gutter} |`)} ${line}`.trimEnd(),
    `  ${palette.faint(`${' '.repeat(gutter.length)} |`)} ${' '.repeat(before)}${palette.bad(carets)}`,
  ];
}

// Where a URL should have none, its line is shown for that very reason. As long as they were, so that columns hold.
function withoutCredentials(line: string): string {
  return line.replaceAll(CREDENTIALS, (hidden) => '*'.repeat(hidden.length));
}

// RFC 3986, 3.2.1: all between `//` and the last `@` of the authority.
const CREDENTIALS = /(?<=:\/\/)[^\s/?#]+(?=@)/g;

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** However narrow the terminal, this much of a line is shown. */
const SHOWN_MIN = 20;

/** The part of a line around a stretch that fits, escaped; `…` where something is left out. */
function cutAround(line: string, { start, end }: Stretch, width: number) {
  const room = Math.max(SHOWN_MIN, width);
  const to = Math.min(end, start + Math.floor(room / 2));
  const from = line.length <= room ? 0 : Math.max(0, start - Math.floor((room - (to - start)) / 2));
  const until = Math.max(to, Math.min(line.length, from + room));
  return {
    before: (from > 0 ? '…' : '') + show(line.slice(from, start)),
    marked: show(line.slice(start, to)),
    after: show(line.slice(to, until)) + (until < line.length ? '…' : ''),
  };
}

/** A tab is as wide as what stands before it makes it: one blank keeps the carets under the word. */
function show(text: string): string {
  return escapeControls(text.replaceAll('\t', ' ').replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

/** Diagnostics for programs (CONTRACT 4.5): lines and columns from 1, `end` after the last character, null where nothing is known. */
export interface DiagnosticsDocument {
  readonly schema: 'bootstrap.diagnostics/1';
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: Diagnostic['severity'];
    readonly summary: string;
    readonly detail: string | null;
    readonly range: {
      readonly file: string;
      readonly start: JsonPlace;
      readonly end: JsonPlace;
    } | null;
    readonly fix: string | null;
  }[];
}

interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

/** The JSON twin of `renderDiagnostics`. */
export function diagnosticsDocument(diagnostics: readonly Diagnostic[]): DiagnosticsDocument {
  return {
    schema: 'bootstrap.diagnostics/1',
    diagnostics: diagnostics.map(
      ({ code, severity, summary, detail = null, span, fix = null }) => ({
        code,
        severity,
        summary,
        detail,
        range: span === undefined ? null : rangeOf(span),
        fix,
      }),
    ),
  };
}

function rangeOf({ file, line, column, endColumn }: Span) {
  return { file, start: { line, column }, end: { line, column: endColumn } };
}
