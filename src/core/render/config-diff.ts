import { structuredPatch } from 'diff';
import type { ConfigRewrite } from '../../model/plan.ts';
import { showSecrets } from '../../model/secret.ts';

// Two texts that share little take long to compare, by the square of this, and nobody reads what comes of it.
const EDITS_MAX = 1000;
const CONTEXT_LINES = 3;

/**
 * What would change in a config file, as a unified diff (diff(1)) with secrets by their place; null where the file as it stands
 * cannot be shown, or has too little in common with what it becomes.
 */
export function configDiff({ path, before, after }: ConfigRewrite): string | null {
  if (before === 'hidden') return null;
  const [old, young] = [showSecrets(before?.text ?? ''), showSecrets(after)];
  const options = { context: CONTEXT_LINES, maxEditLength: EDITS_MAX };
  const patch = structuredPatch(path, path, old, young, '', '', options);
  if (patch === undefined) return null;
  const head = [`--- ${before === undefined ? '/dev/null' : path}`, `+++ ${path}`];
  const body = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${rangeText(oldStart, oldLines)} +${rangeText(newStart, newLines)} @@`,
    ...lines,
  ]);
  return `${[...head, ...body].join('\n')}\n`;
}

// Of no lines, the number is that of the line before.
function rangeText(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}
