import type { ActionKind, Blocked, Reason } from '../../model/action.ts';
import { escapeControls } from '../../model/escape.ts';
import type { HeldReason } from '../../model/plan.ts';
import type {
  ActionDocument,
  DocumentValue,
  DriftDocument,
  HeldDocument,
  PlanBody,
} from '../../model/plan-document.ts';
import { OTHER_SECRET, showSecrets } from '../../model/secret.ts';
import { showValue } from './value-text.ts';

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
  'not-in-file': 'no longer in the file',
  'protection-differs': 'protection differs',
  redo: 'asked to be done again',
  'found-dead': 'found dead',
};

const HELD: { readonly [R in HeldReason]: string } = {
  suspended: 'suspended',
  unreadable: 'unreadable',
  'not-in-file': 'on this server, not in this file',
  'not-selected': 'not selected',
};

/** Symbol and word of an action, so that nothing rests on colour (CONTRACT 4.1). */
export function actionWord({ kind, blockedBy }: ActionDocument): string {
  if (blockedBy === null) return `${SYMBOL[kind]} ${kind}`;
  return `${blockedBy.by === 'window' ? 'z' : '!'} ${kind}`;
}

// These say who moved.
const SAYS_CAUSE: ReadonlySet<Reason> = new Set(['redo', 'found-dead']);

/** Why an action is in the plan, and who moved where that was not the desired state alone. */
export function reasonText({ reason, cause }: ActionDocument): string {
  const isSaid = cause === 'spec' || SAYS_CAUSE.has(reason);
  return isSaid ? REASON[reason] : `${REASON[reason]}, ${cause}`;
}

/** How a text that somebody else wrote, or that is to be typed, is set among words. */
export type Quote = (text: string) => string;

/** Why an action is not done, and what would allow it. */
export function blockedText(blocked: Blocked, quote: Quote = escapeControls): string {
  switch (blocked.by) {
    case 'downgrade':
      return `a downgrade needs ${quote(`--allow-downgrade ${blocked.product}`)}`;
    case 'removal':
      return `a removal needs ${quote(`--allow-remove ${blocked.product}`)}`;
    case 'protection':
      return `protected: write its block again with ${quote('protect: false')} and apply that first`;
    case 'no-remove-script':
      return 'bootstrap.ini names no remove-script for it';
    case 'quarantine':
      return `it was rolled back as it is wished here: change its block, or ${quote(`--redo ${blocked.product}`)}`;
    case 'interrupted':
      return `its ${blocked.script}-script was interrupted and must not be run twice (idempotent = no): look at it, then ${quote(`--redo ${blocked.product}`)}`;
    case 'window':
      return `deferred until ${quote(minuteOf(blocked.until))} (window ${quote(`"${blocked.window}"`)})`;
    case 'max-changes':
      return `${blocked.changes} actions are more than maxChanges ${blocked.changesMax}: ${quote(`--max-changes ${blocked.changes}`)} allows them`;
    case 'dependency':
      return `waits for ${quote(blocked.on)}, which is blocked`;
  }
}

/** Why an action of this plan is not done, in capitals what became of it; undefined where it is done. */
export function heldBackText(
  { blockedBy }: ActionDocument,
  { actions }: PlanBody,
  quote: Quote = escapeControls,
): string | undefined {
  if (blockedBy === null) return undefined;
  const text = blockedText(blockedBy, quote);
  if (blockedBy.by === 'window') return text.replace('deferred', 'DEFERRED');
  const on = blockedBy.by === 'dependency' ? blockedBy.on : undefined;
  const isDeferred = actions.find(({ id }) => id === on)?.blockedBy?.by === 'window';
  return `BLOCKED: ${isDeferred ? text.replace(/blocked$/, 'deferred') : text}`;
}

/** A moment of ISO 8601 for people, who set no clock by seconds. */
function minuteOf(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 $2 UTC');
}

/** The names of what an action changes, in order. */
export function namesIn({ before, after }: ActionDocument): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

/** One value of an action, as from what to what; '' where there is nothing before and after. */
export function changeText(action: ActionDocument, name: string): string {
  const { kind, sensitive } = action;
  const [was, becomes] = [ownValue(action.before, name), ownValue(action.after, name)];
  if (kind === 'provision' && name === 'settings')
    return `with ${showValue(becomes)} ${becomes === 1 ? 'setting' : 'settings'}`;
  if (name === 'mode' && was === null) return showValue(becomes);
  if (name === 'version' && was === null && becomes === null) return '';
  const label = name === 'version' || name === 'mode' ? '' : `${name} `;
  const show = sensitive.includes(name) ? showSensitive : showValue;
  // `100 -> "100"`: where only the type differs, it is the type that matters.
  const isTypeOnly = was !== becomes && show(was) === show(becomes) && !sensitive.includes(name);
  const [from, to] = isTypeOnly
    ? [was, becomes].map((value) => JSON.stringify(value))
    : [show(was), show(becomes)];
  return escapeControls(`${label}${from} -> ${to}`);
}

// What is written for a secret is no quotation.
function showSensitive(value: DocumentValue): string {
  return typeof value === 'string' ? value : showValue(value);
}

// A setting may be called `constructor`, which every object has.
function ownValue(values: ActionDocument['before'], name: string): DocumentValue {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}

const HIDDEN = showSecrets(OTHER_SECRET);

/** What drifted, and from what to what: from what was last applied to what was found. */
export function driftWords({ product, path, applied, actual }: DriftDocument): {
  readonly name: string;
  readonly change: string;
} {
  const show = (value: DocumentValue): string => (value === HIDDEN ? HIDDEN : showValue(value));
  return {
    name: escapeControls(`${product}.${path}`),
    change: escapeControls(`${show(applied)} -> ${show(actual)}`),
  };
}

/** Where the desired state says a value; '' where that is not known. */
export function originText({ origins }: PlanBody, id: string, name: string): string {
  const ofAction = Object.hasOwn(origins, id) ? origins[id] : undefined;
  const place = ofAction && Object.hasOwn(ofAction, name) ? ofAction[name] : undefined;
  return place === undefined ? '' : `, set by ${escapeControls(place.file)}:${place.line}`;
}

/** What is left alone for the same reason. */
export interface HeldGroup {
  /** Products; `server` for its mode. */
  readonly names: readonly string[];
  readonly why: string;
  readonly detail: string;
}

/** What is left alone, by its reason; in the order in which the reasons come. */
export function heldGroups(held: readonly HeldDocument[]): readonly HeldGroup[] {
  const groups = new Map<string, HeldGroup>();
  for (const { product, why, detail } of held) {
    const key = `${why} ${detail}`;
    const names = [...(groups.get(key)?.names ?? []), product ?? 'server'];
    groups.set(key, { names, why: HELD[why], detail });
  }
  return [...groups.values()];
}

/** What a partial plan is for, and that it says nothing of the rest; undefined for a whole plan. */
export function partialText(
  { partial }: PlanBody,
  quote: Quote = escapeControls,
): string | undefined {
  if (partial === null) return undefined;
  const only = partial.only.map((name) => `--only ${name}`);
  const exclude = partial.exclude.map((name) => `--exclude ${name}`);
  const flags = quote([...only, ...exclude].join(' '));
  const included = partial.included.map((name) => quote(name)).join(', ');
  const others = included === '' ? '' : `, with ${included}, which that depends on`;
  return `Partial plan: ${flags}${others}; it says nothing of the other products.`;
}

/** What a plan comes to, in a sentence (CONTRACT 4.1). */
export function planSentence(body: PlanBody, quote: Quote = escapeControls): string {
  const { todo, byKind, blocked, deferred, unchanged } = body.summary;
  if (body.actions.length === 0) return nothingToDo(body, quote);
  const kinds = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  const counts = [`${todo} to do${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`];
  if (blocked > 0) counts.push(`${blocked} blocked`);
  if (deferred > 0) counts.push(`${deferred} deferred`);
  counts.push(`${unchanged} unchanged`);
  return `${body.partial === null ? 'Plan' : 'Partial plan'}: ${counts.join(', ')}.`;
}

function nothingToDo({ partial, drift, held, desiredFiles }: PlanBody, quote: Quote): string {
  if (partial !== null) return 'No changes in this part of the plan.';
  const exceptions = [
    ...(drift.some(({ policy }) => policy === 'report') ? ['reported drift'] : []),
    // What no file names keeps no file from being matched.
    ...(held.some(({ why }) => why !== 'not-in-file') ? ['what was left alone'] : []),
  ];
  const match = `he server matches ${desiredFiles.map(quote).join(' + ')}.`;
  return exceptions.length === 0
    ? `No changes. T${match}`
    : `No changes. Apart from ${exceptions.join(' and ')}, t${match}`;
}
