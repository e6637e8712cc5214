import { renderPlanForGithub } from '../core/render/plan-github.ts';
import { renderPlanMarkdown } from '../core/render/plan-markdown.ts';
import { renderPlanMermaid } from '../core/render/plan-mermaid.ts';
import { renderPlan } from '../core/render/plan-text.ts';
import type { PlanBody, PlanDocument } from '../model/plan-document.ts';
import type { Session } from './session.ts';

/** A plan, and whose it is. */
export interface PlanToPrint {
  readonly body: PlanBody;
  readonly host: () => string;
  /** All of it, made when it is asked for: what a plan rests on is everything that was looked at. */
  readonly document: () => PlanDocument;
}

/** Prints a plan as the session asks for; what is bound to fail is in it. */
export function printPlan(session: Session, { body, host, document }: PlanToPrint): void {
  const { format, streams, github } = session;
  const style = { ...session.text, width: session.columns };
  switch (format) {
    case 'text':
    // Those are of reports alone (program.ts).
    case 'html':
    case 'junit':
      return streams.out(renderPlan(body, style));
    case 'json':
      return streams.out(`${JSON.stringify(document(), undefined, 2)}\n`);
    case 'markdown':
      return streams.out(renderPlanMarkdown(body, { marker: host(), host: host() }));
    case 'mermaid':
      return streams.out(renderPlanMermaid(body));
    case 'github':
      return streams.out(renderPlanForGithub(body, { ...style, token: github.token }));
  }
}
