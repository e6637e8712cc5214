import { showDuration } from '../../model/duration.ts';
import type { FailureNote } from '../../model/journal.ts';
import type { RunAccount, StepAccount } from '../run-account.ts';
import { exitWords, outcomeWords, scriptWords, stepWords } from './account-words.ts';
import { codeBlock, codeText } from './markdown-code.ts';
import { fitList, tableList, type MarkdownList } from './markdown-list.ts';
import type { ReportOptions } from './report-html.ts';

/** What a comment on GitHub holds is 65,536 characters. */
const LENGTH_MAX = 65_000;
/** Of those, what tables may take, so that failures are seen whatever was done beside them. */
const TABLE_LENGTH_MAX = 20_000;

/** A run as Markdown for a ticket, at most 65,000 characters; what finds no room is counted. Ends in a newline. */
export function renderReportMarkdown(account: RunAccount, { host }: ReportOptions): string {
  const { runId, command, revision, startedAt, durationMs, steps, back } = account;
  const [outcome] = outcomeWords(account.end);
  const parts = [
    `### ${codeText(command)} on ${codeText(host)}: ${outcome}`,
    [
      `- run ${codeText(runId)}`,
      `- begun ${startedAt}, ${showDuration(durationMs)} in all`,
      `- exit code ${exitWords(account.end)}`,
      `- desired state ${codeText(revision)}`,
    ].join('\n'),
    fitList(stepList(steps), TABLE_LENGTH_MAX),
    ...(back === undefined
      ? []
      : [
          `#### The way back, to generation ${back.generation}`,
          fitList(stepList(back.steps), TABLE_LENGTH_MAX),
        ]),
  ].filter((part) => part !== '');
  const failures = failureList([
    ...account.failures.map((note) => ({ id: command, note })),
    ...notesOf([...steps, ...(back?.steps ?? [])]),
  ]);
  const room = LENGTH_MAX - parts.join('\n\n').length - BLANK_LINES_LENGTH;
  const told = fitList(failures, room);
  return `${[...parts, ...(told === '' ? [] : [told])].join('\n\n')}\n`;
}

const BLANK_LINES_LENGTH = 8;

function stepList(steps: readonly StepAccount[]): MarkdownList {
  return tableList(
    ['Step', 'Verdict', 'Took', 'Scripts'],
    steps.map((step) => [
      codeText(step.id),
      stepWords(step)[0],
      step.span === undefined ? '' : showDuration(step.span.durationMs),
      step.scripts.map((script) => codeText(scriptWords(script))).join('<br>'),
    ]),
    (count) => `Of ${steps.length} steps, ${count} are left out here.`,
  );
}

interface Noted {
  readonly id: string;
  readonly note: FailureNote;
}

function notesOf(steps: readonly StepAccount[]): readonly Noted[] {
  return steps.flatMap(({ id, failures }) => failures.map((note) => ({ id, note })));
}

function failureList(failures: readonly Noted[]): MarkdownList {
  const items = failures.map(({ id, note: { summary, detail } }) =>
    [
      `**${codeText(id)}**: ${codeText(summary)}`,
      ...(detail.length === 0 ? [] : [codeBlock(detail.join('\n'), '')]),
    ].join('\n\n'),
  );
  return {
    head: '#### What failed\n\n',
    items,
    gap: '\n\n',
    leftOut: (count) => `Of ${items.length} failures, ${count} are left out here.`,
  };
}
