import type { PlanBody } from '../../model/plan-document.ts';
import { githubCommand, githubGroup } from './github-command.ts';
import type { PlanTextOptions } from './plan-text-options.ts';
import { planSummary, renderPlan } from './plan-text.ts';

/** A plan for the log of a GitHub workflow: its text in a fold, and its sum as a notice. `token`: see `githubGroup`. */
export function renderPlanForGithub(
  body: PlanBody,
  { token, ...options }: PlanTextOptions & { readonly token: string },
): string {
  const title = 'bootstrap plan';
  const notice = githubCommand('notice', { title }, planSummary(body, options.palette));
  return githubGroup(title, renderPlan(body, options), token) + notice;
}
