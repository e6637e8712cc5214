import type { Blocked } from '../model/action.ts';
import type { Failure } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';

/** What a plan leaves undone that is to be told: facts that could not be read, actions that were held back. [] for nothing. */
export function leftAlone(plan: Plan): readonly Failure[] {
  const blocked = plan.actions.filter((action) => action.blocked !== undefined);
  const facts = plan.held
    .filter((held) => held.why === 'unreadable')
    .map(({ product, detail }) => ({ fact: product ?? 'server', why: detail }));
  return [
    ...(facts.length > 0 ? [{ code: 'facts-unreadable', facts } as const] : []),
    ...(blocked.length > 0
      ? [
          {
            code: 'blocked',
            actions: blocked.map(({ id }) => id),
            deferred: blocked.every((action) => WAITS.has(action.blocked?.by)),
          } as const,
        ]
      : []),
  ];
}

// What depends on something else that is held back waits for no longer than that.
const WAITS: ReadonlySet<Blocked['by'] | undefined> = new Set(['window', 'dependency']);
