import type { Action, ActionKind, Blocked, Reason } from '../../model/action.ts';
import type { OriginOf } from '../../model/document.ts';
import { escapeControls } from '../../model/escape.ts';
import { showProbe } from '../../model/heartbeat.ts';
import { summarise, type Drift, type Held, type Plan } from '../../model/plan.ts';
import type { Palette } from './palette.ts';
import { origins } from './plan-origins.ts';
import { showValue } from './value-text.ts';

/** How a plan is to be shown. */
export interface PlanTextOptions {
  readonly palette: Palette;
  /** All values, undo and heartbeats too, and where each value was set. */
  readonly verbose: boolean;
  /** Where the desired state's values were set, when that is known. */
  readonly originOf?: OriginOf | undefined;
}

const SYMBOL: { readonly [K in ActionKind]: string } = {
  provision: '+',
  upgrade: '^',
  downgrade: 'v',
  set: '~',
  mode: '>',
  remove: '-',
};

const REASON: { readonly [R in Reason]: string } = {
  'not-installed': 'not installed',
  'version-differs': 'version differs',
  'repository-differs': 'repository differs',
  'settings-differ': 'settings differ',
  'config-missing': 'config file is missing',
  'config-differs': 'config file differs',
  'config-access-differs': 'access of the config file differs',
  unfinished: 'a run ended before this was done',
  'left-invalid': 'the last run left it invalid',
  'first-apply': 'first apply',
  'mode-differs': 'mode differs',
  'joins-working-server': 'joins a working server',
};

/** The plan for a person: one line an action, drift apart, held things named, the sum last (CONTRACT 4.1). Ends in a newline. */
export function renderPlan(plan: Plan, options: PlanTextOptions): string {
  const { palette } = options;
  const sections = [
    driftSection(plan.drift),
    actionSection(plan, options),
    heldSection(plan.held, palette),
    planSummary(plan, palette),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function driftSection(drift: readonly Drift[]): string {
  if (drift.length === 0) return '';
  const lines = drift.map(({ product, setting }) => {
    const values = `${showValue(setting.before)} -> ${showValue(setting.after)}`;
    return `  ${product}.${escapeControls(setting.path.join('.'))}  ${values}`;
  });
  return ['Drift: changed on the server since the last apply, to be corrected', ...lines].join(
    '\n',
  );
}

function actionSection(plan: Plan, { palette, verbose, originOf }: PlanTextOptions): string {
  if (plan.actions.length === 0) return '';
  const originText = verbose && originOf !== undefined ? origins(plan, originOf) : () => '';
  const rows = plan.actions.map((action) => rowOf(action, { verbose, originText }));
  const widths = [0, 1, 2].map((column) =>
    Math.min(44, Math.max(...rows.map((row) => row.cells[column]?.length ?? 0))),
  );
  const lines = rows.flatMap(({ action, cells, more }) => {
    const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    const line = `  ${padded}  ${why(action)}`;
    return [
      colourOf(action, palette)(line),
      ...more.map((each) => palette.faint(`        ${each}`)),
    ];
  });
  const verify = plan.verifications.map(
    ({ product, heartbeats }) =>
      `  verify ${product}: ${heartbeats.map(({ probe }) => showProbe(probe)).join(', ')}`,
  );
  return ['bootstrap will perform these actions:', ...lines, ...verify.map(palette.faint)].join(
    '\n',
  );
}

interface Row {
  readonly action: Action;
  readonly cells: readonly string[];
  readonly more: readonly string[];
}

interface RowOptions {
  readonly verbose: boolean;
  /** What is said after the value of this name. */
  readonly originText: (action: Action, name: string) => string;
}

function rowOf(action: Action, { verbose, originText }: RowOptions): Row {
  const word =
    action.blocked === undefined ? `${SYMBOL[action.kind]} ${action.kind}` : `! ${action.kind}`;
  const names = [...new Set([...Object.keys(action.before), ...Object.keys(action.after)])];
  const changes = names.map((name) => `${changeText(action, name)}${originText(action, name)}`);
  const shown =
    changes.length > 1 && !verbose && action.kind !== 'provision'
      ? [`${changes[0] ?? ''}, ${changes.length - 1} more (-v)`]
      : changes;
  const [first = '', ...more] = verbose ? shown : [shown.join(', ')];
  const undo = verbose && action.undo !== undefined ? [`undo: ${action.undo}`] : [];
  return { action, cells: [word, action.product ?? 'server', first], more: [...more, ...undo] };
}

function changeText({ kind, before, after }: Action, name: string): string {
  const [was, becomes] = [before[name], after[name]];
  if (kind === 'provision' && name === 'settings')
    return `with ${showValue(becomes)} ${becomes === 1 ? 'setting' : 'settings'}`;
  const label = name === 'version' || name === 'mode' ? '' : `${escapeControls(name)} `;
  if (name === 'mode' && was === null) return showValue(becomes);
  return `${label}${showValue(was)} -> ${showValue(becomes)}`;
}

function why(action: Action): string {
  if (action.blocked !== undefined) return `BLOCKED: ${blockedText(action.blocked)}`;
  const cause = action.cause === 'spec' ? '' : `, ${action.cause}`;
  return `${REASON[action.reason]}${cause}  [${action.certainty}]`;
}

/** Why an action is not done, and what would allow it. */
export function blockedText(blocked: Blocked): string {
  switch (blocked.by) {
    case 'downgrade':
      return `a downgrade needs --allow-downgrade ${blocked.product}`;
    case 'max-changes':
      return `${blocked.changes} actions are more than maxChanges ${blocked.changesMax}: --max-changes ${blocked.changes} allows them`;
    case 'dependency':
      return `waits for ${blocked.on}, which is blocked`;
  }
}

function colourOf(action: Action, palette: Palette): (text: string) => string {
  if (action.blocked !== undefined) return palette.warn;
  switch (action.kind) {
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

function heldSection(held: readonly Held[], palette: Palette): string {
  if (held.length === 0) return '';
  const lines = held.map(({ product, why: reason, detail }) =>
    palette.warn(`  ${product ?? 'server'}: ${reason}: ${detail}`),
  );
  return ['Left alone:', ...lines].join('\n');
}

/** The last line of a plan: what is to do and what is not, without a line break (CONTRACT 4.1). */
export function planSummary(plan: Plan, palette: Palette): string {
  const { todo, byKind, blocked, unchanged } = summarise(plan);
  if (plan.actions.length === 0) {
    const where = plan.desiredFiles.join(' + ');
    const rest =
      plan.held.length === 0
        ? `The server matches ${where}.`
        : `Apart from what was left alone, the server matches ${where}.`;
    return palette.strong(`No changes. ${rest}`);
  }
  const kinds = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  const counts = [`${todo} to do${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`];
  if (blocked > 0) counts.push(`${blocked} blocked`);
  return palette.strong(`Plan: ${[...counts, `${unchanged} unchanged`].join(', ')}.`);
}
