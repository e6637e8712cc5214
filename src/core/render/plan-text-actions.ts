import { escapeControls } from '../../model/escape.ts';
import type { ActionDocument, PlanBody, VerificationDocument } from '../../model/plan-document.ts';
import { columnsOf, padColumns } from './columns.ts';
import type { Palette } from './palette.ts';
import { diffLines, filesByAction } from './plan-text-diff.ts';
import type { PlanTextOptions } from './plan-text-options.ts';
import {
  actionWord,
  changeText,
  heldBackText,
  namesIn,
  originText,
  reasonText,
} from './plan-words.ts';
import { wrapHanging, wrapText } from './wrap.ts';

/** The actions of a plan, a line each where it fits, and the heartbeats that are asked after them; '' for none. */
export function actionSection(body: PlanBody, options: PlanTextOptions): string {
  if (body.actions.length === 0) return '';
  const rows = body.actions.map((action) => rowOf(action, body, options));
  const columns = columnsFor(rows, options.width);
  const files = options.verbose ? filesByAction(body) : new Map<string, never>();
  const lines = rows.flatMap((row) => [
    ...rowLines(row, columns, options.width).map(colourOf(row.action, options.palette)),
    ...row.more.flatMap((each) => asideLines(each, options)),
    ...(files.get(row.action.id) ?? []).flatMap((file) =>
      diffLines(file, options.palette).map((line) => `${ASIDE}${line}`),
    ),
  ]);
  const verify = body.verify.flatMap((each) => verifyLines(each, options));
  return ['bootstrap will perform these actions:', ...lines, ...verify].join('\n');
}

/** Before what is said of an action on lines of its own. */
const ASIDE = '        ';

interface Row {
  readonly action: ActionDocument;
  readonly word: string;
  readonly name: string;
  /** The first of its values, or all of them in short. */
  readonly change: string;
  readonly why: string;
  readonly more: readonly string[];
}

function rowOf(action: ActionDocument, body: PlanBody, { verbose }: PlanTextOptions): Row {
  const changes = namesIn(action).flatMap((name) => {
    const text = changeText(action, name);
    return text === '' ? [] : [verbose ? `${text}${originText(body, action.id, name)}` : text];
  });
  const [first = '', ...others] = changes;
  const inShort =
    others.length > 0 && action.kind !== 'provision'
      ? `${first}, ${others.length} more (-v)`
      : changes.join(', ');
  const undo = action.undo === null ? [] : [`undo: ${escapeControls(action.undo)}`];
  return {
    action,
    word: actionWord(action),
    name: escapeControls(action.product ?? 'server'),
    change: verbose ? first : inShort,
    why: heldBackText(action, body) ?? `${reasonText(action)}  [${action.certainty}]`,
    more: verbose ? [...others, ...undo] : [],
  };
}

interface Columns {
  readonly word: number;
  readonly name: number;
  readonly change: number;
}

/** Where nothing says how wide lines may be, no column is made wider than this for the sake of one long text. */
const COLUMN_MAX = 44;
/** The part of a line that names may be given; longer ones push their line to the right. */
const NAME_SHARE = 0.3;

function columnsFor(rows: readonly Row[], width: number | undefined): Columns {
  const sizesOf = (textOf: (row: Row) => string): readonly number[] =>
    rows.map((row) => columnsOf(textOf(row)));
  const word = Math.max(...sizesOf((row) => row.word));
  const names = sizesOf((row) => row.name);
  if (width === undefined) {
    const change = Math.max(...sizesOf((row) => row.change));
    return {
      word,
      name: Math.min(COLUMN_MAX, Math.max(...names)),
      change: Math.min(COLUMN_MAX, change),
    };
  }
  const name = Math.max(0, ...names.filter((size) => size <= width * NAME_SHARE));
  const start = columnsOf(startOf('', '', { word, name, change: 0 }));
  return { word, name, change: fittingColumn(rows, width - start) };
}

/** The column for changes with which most rows have room for their reason beside it. */
function fittingColumn(rows: readonly Row[], room: number): number {
  const sizes = rows.map((row) => ({ change: columnsOf(row.change), why: columnsOf(row.why) }));
  const fitting = (column: number): number =>
    sizes.filter(({ change, why }) => change <= column && column + GAP.length + why <= room).length;
  const candidates = [...new Set(sizes.map(({ change }) => change))].toSorted((a, b) => a - b);
  let best = { column: 0, rows: 0 };
  for (const column of candidates) {
    const count = fitting(column);
    if (count > best.rows) best = { column, rows: count };
  }
  return best.column;
}

const GAP = '  ';

function startOf(word: string, name: string, columns: Columns): string {
  return `  ${padColumns(word, columns.word)}${GAP}${padColumns(name, columns.name)}${GAP}`;
}

/** Without this much room, or that of its longest word, what is said goes below the name instead of beside it. */
const ROOM_MIN = 32;
/** Before what found no room beside the name. */
const BELOW = '      ';

function rowLines(
  { word, name, change, why }: Row,
  columns: Columns,
  width: number | undefined,
): readonly string[] {
  const start = startOf(word, name, columns);
  const line = `${start}${padColumns(change, columns.change)}${GAP}${why}`;
  if (width === undefined || columnsOf(line) <= width) return [line];
  const words = `${change} ${why}`.split(' ').map(columnsOf);
  const isBeside = columnsOf(start) + Math.max(ROOM_MIN, ...words) <= width;
  const indent = isBeside ? ' '.repeat(columnsOf(start)) : BELOW;
  const room = width - columnsOf(indent);
  const parts = [...(change === '' ? [] : wrapText(change, room)), ...wrapText(why, room)];
  const [first = '', ...rest] = isBeside ? parts : ['', ...parts];
  return [`${start}${first}`.trimEnd(), ...rest.map((part) => `${indent}${part}`)];
}

function asideLines(text: string, { palette, width }: PlanTextOptions): readonly string[] {
  return wrapHanging(text, ASIDE, width).map(palette.faint);
}

function verifyLines(
  { product, heartbeats }: VerificationDocument,
  { palette, width }: PlanTextOptions,
): readonly string[] {
  const probes = heartbeats.map(({ probe }) => probe).join(', ');
  const text = escapeControls(`verify ${product}: ${probes}`);
  return wrapHanging(text, '  ', width).map(palette.faint);
}

function colourOf({ kind, blockedBy }: ActionDocument, palette: Palette): (text: string) => string {
  if (blockedBy !== null) return palette.warn;
  switch (kind) {
    case 'provision':
      return palette.good;
    case 'remove':
    case 'downgrade':
      return palette.bad;
    case 'upgrade':
    case 'set':
      return palette.accent;
    case 'mode':
      return palette.strong;
  }
}
