/** Things of a kind in a Markdown document. */
export interface MarkdownList {
  /** What stands above them; ends where the first of them begins. */
  readonly head: string;
  readonly items: readonly string[];
  /** Between two of them. */
  readonly gap: string;
  /** What is said of those that found no room. */
  readonly leftOut: (count: number) => string;
}

/** As many of the things as there is room for, whole ones only, and how many are left out; '' where there are none. */
export function fitList({ head, items, gap, leftOut }: MarkdownList, lengthMax: number): string {
  if (items.length === 0) return '';
  let room = lengthMax - head.length - `\n\n${leftOut(items.length)}`.length;
  const shown: string[] = [];
  for (const item of items) {
    const length = item.length + gap.length;
    if (length > room) continue;
    room -= length;
    shown.push(item);
  }
  const rest = items.length - shown.length;
  const list = shown.length === 0 ? '' : `${head}${shown.join(gap)}`;
  const parts = [list, rest === 0 ? '' : leftOut(rest)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A list whose things are rows of a table. */
export function tableList(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  leftOut: MarkdownList['leftOut'],
): MarkdownList {
  const lines = [rowText(columns), rowText(columns.map(() => '---'))];
  return { head: `${lines.join('\n')}\n`, items: rows.map(rowText), gap: '\n', leftOut };
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
