import type { PlanBody } from '../../model/plan-document.ts';
import { driftSection, heldSection } from './plan-text.ts';
import type { PlanTextOptions } from './plan-text-options.ts';

/** What changed on the server since the last apply, for a person. Ends in a newline. */
export function renderDrift(body: PlanBody, options: PlanTextOptions): string {
  const unread = body.held.filter(({ why }) => why === 'unreadable');
  const sections = [
    driftSection(body.drift, 'correct', options),
    driftSection(body.drift, 'report', options),
    heldSection({ held: unread }, options),
    options.palette.strong(driftSum(body.drift.length, unread.length)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function driftSum(drift: number, unread: number): string {
  if (drift > 0) return `Drift: ${drift} ${drift === 1 ? 'value' : 'values'} changed.`;
  return unread > 0 ? 'No drift in what could be read.' : 'No drift.';
}
