import { renderPlanForGithub } from '../core/render/plan-github.ts';
import { renderPlanMarkdown } from '../core/render/plan-markdown.ts';
import { renderPlanMermaid } from '../core/render/plan-mermaid.ts';
import { renderPlan } from '../core/render/plan-text.ts';
import type { PlanDocument } from '../model/plan-document.ts';
import type { Session } from './session.ts';

/** Prints a plan as the session asks for; what is bound to fail is in it. */
export function printPlan(session: Session, plan: PlanDocument): void {
  const { format, streams, github } = session;
  const style = { ...session.text, width: session.columns };
  switch (format) {
    case 'text':
    // Those are of reports alone (program.ts).
    case 'html':
    case 'junit':
      return streams.out(renderPlan(plan, style));
    case 'json':
      return streams.out(`${JSON.stringify(plan, undefined, 2)}\n`);
    case 'markdown':
      return streams.out(renderPlanMarkdown(plan, { marker: plan.host, host: plan.host }));
    case 'mermaid':
      return streams.out(renderPlanMermaid(plan));
    case 'github':
      return streams.out(renderPlanForGithub(plan, { ...style, token: github.token }));
  }
}
