import type { Failure } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';

/** What a plan leaves undone that is to be told: facts that could not be read, actions that were held back. [] for nothing. */
export function leftAlone(plan: Plan): readonly Failure[] {
  const blocked = plan.actions
    .filter((action) => action.blocked !== undefined)
    .map((action) => action.id);
  const facts = plan.held
    .filter((held) => held.why === 'unreadable')
    .map(({ product, detail }) => ({ fact: product ?? 'server', why: detail }));
  return [
    ...(facts.length > 0 ? [{ code: 'facts-unreadable', facts } as const] : []),
    ...(blocked.length > 0 ? [{ code: 'blocked', actions: blocked } as const] : []),
  ];
}
