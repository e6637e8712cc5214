import type { PlanBody } from '../../model/plan-document.ts';

/** What changed on the server since the last apply, for programs (`bootstrap.drift/1`). */
export function driftDocument({ drift, held }: PlanBody): object {
  const unread = held.filter(({ why }) => why === 'unreadable');
  return {
    schema: 'bootstrap.drift/1',
    drift,
    unreadable: unread.map(({ product, detail }) => ({ product, detail })),
  };
}
