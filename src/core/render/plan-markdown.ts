import type {
  ActionDocument,
  FileDocument,
  FindingDocument,
  PlanBody,
} from '../../model/plan-document.ts';
import { codeBlock, codeHtml, codeText, markdownComment } from './markdown-code.ts';
import { fitList, tableList, type MarkdownList } from './markdown-list.ts';
import { NO_DIFF } from './plan-text-diff.ts';
import {
  actionWord,
  changeText,
  driftWords,
  heldBackText,
  heldGroups,
  namesIn,
  partialText,
  planSentence,
  reasonText,
} from './plan-words.ts';

/** A comment on GitHub holds 65,536 characters, one on GitLab a million; below that there is room for what is put around this. */
const LENGTH_MAX = 65_000;
/** Of those, what problems, drift and what is left alone may take, so that actions are seen whatever there is beside them. */
const FINDINGS_LENGTH_MAX = 12_000;
const DRIFT_LENGTH_MAX = 10_000;
const HELD_LENGTH_MAX = 8000;

/** What is said of a plan beside itself, where many people read it. */
export interface PlanMarkdownOptions {
  /** By which an older comment of the same kind is found, to be written over. */
  readonly marker: string;
  readonly host: string;
}

/**
 * The plan as a comment on a pull or merge request, at most 65,000 characters: where that is too few, differences of files are
 * left out first, then actions. Its first line is `<!-- bootstrap-plan: MARKER -->`. Ends in a newline.
 */
export function renderPlanMarkdown(body: PlanBody, { marker, host }: PlanMarkdownOptions): string {
  const above = [
    markdownComment(`bootstrap-plan: ${marker.slice(0, MARKER_LENGTH_MAX)}`),
    `### ${planSentence(withFewFiles(body), codeText)}`,
    origin(body, host),
    fitList(findingList(body.findings), FINDINGS_LENGTH_MAX),
  ];
  const below = [
    fitList(driftList(body), DRIFT_LENGTH_MAX),
    fitList(heldList(body), HELD_LENGTH_MAX),
  ];
  const room = (parts: readonly string[]): number =>
    LENGTH_MAX - document(parts).length - BLANK_LINES_LENGTH;
  const actions = fitList(actionList(body), room([...above, ...below]) - NOTE_LENGTH_MAX);
  const shown = [...above, actions, ...below];
  return document([...shown, fitList(fileList(body.files), room(shown))]);
}

const MARKER_LENGTH_MAX = 1000;
/** Of the blank lines that part one more part from the others. */
const BLANK_LINES_LENGTH = 4;
/** Room that is kept to say what was left out. */
const NOTE_LENGTH_MAX = 200;

function document(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** More desired states than this are only counted. */
const FILES_MAX = 5;

function withFewFiles(body: PlanBody): PlanBody {
  const rest = body.desiredFiles.length - FILES_MAX;
  if (rest <= 0) return body;
  return {
    ...body,
    desiredFiles: [...body.desiredFiles.slice(0, FILES_MAX), `${rest} more`],
  };
}

function origin(body: PlanBody, host: string): string {
  const files = withFewFiles(body).desiredFiles.map(codeText).join(' + ');
  const partial = partialText(body, codeText);
  return `For ${codeText(host)}, from ${files}.${partial === undefined ? '' : `\n\n**${partial}**`}`;
}

/** Lines of the output of a program that are shown. */
const DETAIL_LINES_MAX = 10;

function findingList(findings: readonly FindingDocument[]): MarkdownList {
  const items = findings.map(({ code, summary, detail, fix }) =>
    [
      `- ${codeText(code)}: ${codeText(summary)}`,
      ...detail.slice(0, DETAIL_LINES_MAX).map((line) => `  - ${codeText(line)}`),
      ...(fix === null ? [] : [`  - **fix:** ${codeText(fix)}`]),
    ].join('\n'),
  );
  return {
    head: '**Warning: found before anything was done**\n\n',
    items,
    gap: '\n',
    leftOut: (count) => `**Warning:** of the problems found, ${count} are left out here.`,
  };
}

function actionList(body: PlanBody): MarkdownList {
  return tableList(
    ['Action', 'Product', 'Change', 'Reason', 'Certainty'],
    body.actions.map((action) => actionRow(action, body)),
    (count) => `Of ${body.actions.length} actions, ${count} are left out here.`,
  );
}

/** Values of one action that are shown. */
const CHANGES_MAX = 8;

function actionRow(action: ActionDocument, body: PlanBody): readonly string[] {
  const names = namesIn(action);
  const changes = names.slice(0, CHANGES_MAX).map((name) => codeText(changeText(action, name)));
  const rest = names.length - changes.length;
  return [
    codeText(actionWord(action)),
    action.product === null ? 'server' : codeText(action.product),
    [...changes, ...(rest > 0 ? [`${rest} more`] : [])].join('<br>'),
    heldBackText(action, body, codeText)?.replace(/^[A-Z]+/, '**$&**') ?? reasonText(action),
    action.certainty,
  ];
}

function driftList({ drift }: PlanBody): MarkdownList {
  const rows = drift.map((each) => {
    const { name, change } = driftWords(each);
    const what = each.policy === 'correct' ? 'to be corrected' : 'reported only: driftPolicy';
    return [codeText(name), codeText(change), what];
  });
  const list = tableList(
    ['Drift', 'Last applied -> found', 'What is done'],
    rows,
    (count) => `Of ${drift.length} values that drifted, ${count} are left out here.`,
  );
  return { ...list, head: `**Drift: changed on the server since the last apply**\n\n${list.head}` };
}

/** Names that are left alone for the same reason and shown. */
const HELD_NAMES_MAX = 50;

function heldList({ held }: PlanBody): MarkdownList {
  const items = heldGroups(held).map(({ names, why, detail }) => {
    const rest = names.length - HELD_NAMES_MAX;
    const shown = names.slice(0, HELD_NAMES_MAX).map(codeText).join(', ');
    return `- ${shown}${rest > 0 ? ` and ${rest} more` : ''}: ${why}: ${codeText(detail)}`;
  });
  return {
    head: '**Left alone**\n\n',
    items,
    gap: '\n',
    leftOut: (count) => `Of what is left alone, ${count} are left out here.`,
  };
}

function fileList(files: readonly FileDocument[]): MarkdownList {
  return {
    head: '',
    items: files.map(fileText),
    gap: '\n\n',
    leftOut: (count) =>
      `Of ${files.length} config files that change, the differences of ${count} are left out here: there is no room for them.`,
  };
}

function fileText({ path, diff }: FileDocument): string {
  if (diff === null) return `${codeText(path)} changes ${NO_DIFF}.`;
  return [
    `<details><summary>${codeHtml(path)} changes</summary>`,
    codeBlock(asDiff(diff), 'diff'),
    '</details>',
  ].join('\n\n');
}

// Each line of a diff begins with a mark; one that does not, from a file that is none of ours, could be a command to GitLab.
function asDiff(text: string): string {
  return text.replaceAll(/^(?=[^-+@\\ \n])/gm, ' ');
}
