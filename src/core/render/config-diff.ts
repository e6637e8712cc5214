import { structuredPatch } from 'diff';
import type { ConfigRewrite } from '../../model/plan.ts';
import { showSecrets } from '../../model/secret.ts';

// Two texts that share little take long to compare, by the square of this, and nobody reads what comes of it.
const EDITS_MAX = 1000;
const CONTEXT_LINES = 3;

/**
 * What would change in a config file, as a unified diff (diff(1)) with secrets by their place; null where the file as it stands
 * cannot be shown. Where the two have little in common, all of the one goes and all of the other comes.
 */
export function configDiff({ path, before, after }: ConfigRewrite): string | null {
  if (before === 'hidden') return null;
  const [old, young] = [showSecrets(before?.text ?? ''), showSecrets(after)];
  const options = { context: CONTEXT_LINES, maxEditLength: EDITS_MAX };
  const patch = structuredPatch(path, path, old, young, '', '', options);
  const head = [`--- ${before === undefined ? '/dev/null' : path}`, `+++ ${path}`];
  const body = patch?.hunks.flatMap(hunkLines) ?? replacement(old, young);
  return `${[...head, ...body].join('\n')}\n`;
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function hunkLines({ oldStart, oldLines, newStart, newLines, lines }: Hunk): readonly string[] {
  return [`@@ -${rangeText(oldStart, oldLines)} +${rangeText(newStart, newLines)} @@`, ...lines];
}

// Of no lines, the number is that of the line before.
function rangeText(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function replacement(old: string, young: string): readonly string[] {
  const [gone, come] = [linesOf(old), linesOf(young)];
  const lines = [...marked(gone, '-', old), ...marked(come, '+', young)];
  return hunkLines({
    oldStart: 1,
    oldLines: gone.length,
    newStart: 1,
    newLines: come.length,
    lines,
  });
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function marked(lines: readonly string[], mark: string, text: string): readonly string[] {
  const all = lines.map((line) => `${mark}${line}`);
  return text === '' || text.endsWith('\n') ? all : [...all, '\\ No newline at end of file'];
}
