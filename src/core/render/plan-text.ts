import { escapeControls } from '../../model/escape.ts';
import type { DriftDocument, FindingDocument, PlanBody } from '../../model/plan-document.ts';
import type { Palette } from './palette.ts';
import { actionSection } from './plan-text-actions.ts';
import type { PlanTextOptions } from './plan-text-options.ts';
import { driftWords, heldGroups, partialText, planSentence } from './plan-words.ts';
import { wrapHanging } from './wrap.ts';

/** The plan for a person: one line an action, drift apart, held things named, the sum last (CONTRACT 4.1). Ends in a newline. */
export function renderPlan(body: PlanBody, options: PlanTextOptions): string {
  const { palette } = options;
  const sections = [
    said(partialText(body) ?? '', palette.warn, options),
    driftSection(body.drift, 'correct', options),
    driftSection(body.drift, 'report', options),
    actionSection(body, options),
    findingSection(body.findings, options),
    heldSection(body, options),
    said(planSentence(body), palette.strong, options),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** The last line of a plan: what is to do and what is not, without a line break (CONTRACT 4.1). */
export function planSummary(body: PlanBody, palette: Palette): string {
  return palette.strong(planSentence(body));
}

type Paint = (text: string) => string;

function said(text: string, paint: Paint, { width }: PlanTextOptions): string {
  return text === '' ? '' : wrapHanging(text, '', width).map(paint).join('\n');
}

const DRIFT_TITLE: { readonly [P in DriftDocument['policy']]: string } = {
  correct: 'Drift: changed on the server since the last apply, to be corrected',
  report: 'Drift: changed on the server since the last apply, reported only: driftPolicy',
};

/** What moved on the server, of one policy; '' for nothing. */
export function driftSection(
  drift: readonly DriftDocument[],
  policy: DriftDocument['policy'],
  options: PlanTextOptions,
): string {
  const lines = drift
    .filter((each) => each.policy === policy)
    .flatMap((each) => {
      const { name, change } = driftWords(each);
      return wrapHanging(`${name}  ${change}`, '  ', options.width);
    });
  if (lines.length === 0) return '';
  return [...wrapHanging(DRIFT_TITLE[policy], '', options.width), ...lines].join('\n');
}

function findingSection(
  findings: readonly FindingDocument[],
  { palette, width }: PlanTextOptions,
): string {
  if (findings.length === 0) return '';
  const lines = findings.flatMap(({ code, summary, detail, fix }) => [
    ...wrapHanging(escapeControls(`${code}: ${summary}`), '  ', width).map(palette.bad),
    ...detail.flatMap((line) => wrapHanging(escapeControls(line), '    ', width)),
    ...(fix === null ? [] : wrapHanging(`fix: ${escapeControls(fix)}`, '    ', width)),
  ]);
  return ['Found before anything was done:', ...lines].join('\n');
}

/** What is left alone, and why; '' for nothing. */
export function heldSection(
  { held }: Pick<PlanBody, 'held'>,
  { palette, width }: PlanTextOptions,
): string {
  if (held.length === 0) return '';
  const lines = heldGroups(held).flatMap(({ names, why, detail }) => {
    const text = escapeControls(`${names.join(', ')}: ${why}: ${detail}`);
    return wrapHanging(text, '  ', width).map(palette.warn);
  });
  return ['Left alone:', ...lines].join('\n');
}
