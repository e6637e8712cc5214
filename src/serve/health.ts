import type { Answer, Route } from './route.ts';

/** What is known at the moment of asking. */
export interface Health {
  /** Whether the loop still turns. */
  readonly isAlive: () => boolean;
  /** Whether the first look was done. */
  readonly isReady: () => boolean;
}

/** `/healthz` and `/readyz`: 200, or 503 with the reason, for whoever starts, routes to or watches this program. */
export function healthRoutes({ isAlive, isReady }: Health): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      answer: () => (isAlive() ? said(200, 'alive') : said(503, 'the loop does not turn')),
    },
    {
      method: 'GET',
      path: '/readyz',
      answer: () => (isReady() ? said(200, 'ready') : said(503, 'the first look is not done yet')),
    },
  ];
}

function said(status: 200 | 503, words: string): Answer {
  return { kind: 'text', status, text: `${words}\n` };
}
