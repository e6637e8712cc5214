import { PAGE_SCRIPT } from './page-script.generated.js';
import type { Answer, Route } from './route.ts';

/** A page, and what it is made from. */
export interface PageOptions {
  /** Its Content-Security-Policy. */
  readonly policy: string;
  /** Whole, or as much as is seen at first. */
  readonly html: (isWhole: boolean) => string;
  /** All runs that are known. */
  readonly runsHtml: () => string;
  /** The journal of one run; undefined where there is none of that id. */
  readonly runHtml: (runId: string) => string | undefined;
}

/** `/` (`/?rows=all` whole) with its script, `/runs`, and `/run?id=`. */
export function pageRoutes({ policy, html, runsHtml, runHtml }: PageOptions): readonly Route[] {
  const page = (text: string): Answer => ({
    kind: 'text',
    status: 200,
    type: 'text/html; charset=utf-8',
    text,
    headers: { 'content-security-policy': policy },
  });
  const run = (id: string): Answer => {
    const text = runHtml(id);
    return text === undefined ? { kind: 'text', status: 404, text: 'not found\n' } : page(text);
  };
  return [
    { method: 'GET', path: '/', answer: ({ query }) => page(html(query.get('rows') === 'all')) },
    { method: 'GET', path: '/runs', answer: () => page(runsHtml()) },
    { method: 'GET', path: '/run', answer: ({ query }) => run(query.get('id') ?? '') },
    {
      method: 'GET',
      path: '/page.js',
      answer: () => ({
        kind: 'text',
        status: 200,
        type: 'text/javascript; charset=utf-8',
        text: PAGE_SCRIPT,
      }),
    },
  ];
}
