import type { ActionKind } from '../../model/action.ts';
import { escapeControls } from '../../model/escape.ts';
import type { FileDocument, PlanBody } from '../../model/plan-document.ts';
import type { Palette } from './palette.ts';

/** What is said instead of a diff that cannot be shown. */
export const NO_DIFF = '(it may hold secrets: its differences are not shown)';

/** Kinds of action that a config file may be written by, the likeliest first. */
const WRITERS: readonly ActionKind[] = ['set', 'provision', 'upgrade', 'downgrade'];

/** The config files that a plan writes, by the action that they are shown with. */
export function filesByAction({
  actions,
  files,
}: PlanBody): ReadonlyMap<string, readonly FileDocument[]> {
  const shown = new Map<string, readonly FileDocument[]>();
  for (const file of files) {
    const own = actions.filter(({ product }) => product === file.product);
    const [writer] = WRITERS.flatMap((kind) => own.filter((action) => action.kind === kind));
    if (writer !== undefined) shown.set(writer.id, [...(shown.get(writer.id) ?? []), file]);
  }
  return shown;
}

/** How a config file changes, a line each, as diff(1) shows it. */
export function diffLines({ path, diff }: FileDocument, palette: Palette): readonly string[] {
  if (diff === null) return [palette.faint(`${escapeControls(path)} ${NO_DIFF}`)];
  const lines = diff.replace(/\n$/, '').split('\n').map(escapeControls);
  return lines.map((line, index) => paintOf(line, index, palette)(line));
}

/** Lines of the head of a diff: the two names of the file. */
const HEAD_LINES = 2;

function paintOf(line: string, index: number, palette: Palette): (text: string) => string {
  if (index < HEAD_LINES) return palette.strong;
  if (line.startsWith('+')) return palette.good;
  if (line.startsWith('-')) return palette.bad;
  return line.startsWith('@@') ? palette.accent : palette.faint;
}
