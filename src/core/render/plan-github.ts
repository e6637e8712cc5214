import type { Plan } from '../../model/plan.ts';
import { githubCommand, githubGroup } from './github-command.ts';
import { planSummary, renderPlan, type PlanTextOptions } from './plan-text.ts';

/** A plan for the log of a GitHub workflow: its text in a fold, and its sum as a notice. `token`: see `githubGroup`. */
export function renderPlanForGithub(
  plan: Plan,
  { token, ...options }: PlanTextOptions & { readonly token: string },
): string {
  const title = 'bootstrap plan';
  const notice = githubCommand('notice', { title }, planSummary(plan, options.palette));
  return githubGroup(title, renderPlan(plan, options), token) + notice;
}
