import type { Diagnostic, Span } from '../../model/diagnostic.ts';
import { escapeControls } from '../../model/escape.ts';
import { renderDiagnostics } from './diagnostics-text.ts';
import { ANNOTATIONS_MAX, githubCommand, githubGroup } from './github-command.ts';
import { plainPalette } from './palette.ts';

/** What GitHub must be told beside the words. */
export interface GithubStyle {
  /** A file as the repository has it. */
  readonly pathOf: (file: string) => string;
  /** That nobody can guess: see `githubGroup`. */
  readonly token: string;
  readonly width: number;
}

/**
 * Diagnostics as annotations of a GitHub workflow, as many of a kind as GitHub shows, then the others as text in a fold, and a line
 * that counts them. '' for none; ends in a newline.
 */
export function renderDiagnosticsForGithub(
  diagnostics: readonly Diagnostic[],
  style: GithubStyle,
): string {
  const shown: Diagnostic[] = [];
  const others: Diagnostic[] = [];
  const counts = { error: 0, warning: 0 };
  for (const diagnostic of diagnostics) {
    counts[diagnostic.severity] += 1;
    (counts[diagnostic.severity] <= ANNOTATIONS_MAX ? shown : others).push(diagnostic);
  }
  const annotations = shown.map((diagnostic) => annotation(diagnostic, style)).join('');
  if (others.length === 0) return annotations;
  const text = renderDiagnostics(others, { palette: plainPalette, width: style.width });
  const more = githubGroup(`${others.length} more problem(s)`, text, style.token);
  const count = `${diagnostics.length} problems; GitHub shows ${ANNOTATIONS_MAX} of a kind for a step.\n`;
  return `${annotations}${more}${count}`;
}

function annotation(
  { code, severity, summary, detail, span, fix }: Diagnostic,
  { pathOf }: GithubStyle,
): string {
  const place = span === undefined ? {} : placeOf(span, pathOf);
  const message = [summary, detail, fix === undefined ? undefined : `fix: ${fix}`]
    .filter((line) => line !== undefined)
    .flatMap((text) => text.split('\n'))
    .map(escapeControls)
    .join('\n');
  return githubCommand(severity, { ...place, title: code }, message);
}

/** GitHub's last column is that of the last character, ours is the one after it. */
function placeOf({ file, line, column, endColumn }: Span, pathOf: GithubStyle['pathOf']) {
  return {
    file: escapeControls(pathOf(file)),
    line,
    col: column,
    endColumn: Math.max(column, endColumn - 1),
  };
}
