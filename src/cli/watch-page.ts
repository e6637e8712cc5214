import type { Observer } from '../app/observer.ts';
import { findRun } from '../app/history.ts';
import { eventLine } from '../core/render/event-json.ts';
import { METRICS_TYPE } from '../core/render/metrics-text.ts';
import {
  FIRST_ROWS,
  pageFrame,
  pageParts,
  pagePolicy,
  renderPage,
  renderRunsPage,
  type PageParts,
  type PageState,
} from '../core/render/page-html.ts';
import { PAGE_STYLE } from '../core/render/page-style.ts';
import { accountMarkup } from '../core/render/report-html.ts';
import { accountOf } from '../core/run-account.ts';
import type { Host } from '../host/host.ts';
import type { Event } from '../model/event.ts';
import type { RunId } from '../model/ids.ts';
import { createFeed } from '../serve/feed.ts';
import { pageRoutes } from '../serve/page.ts';
import type { Route } from '../serve/route.ts';
import { textRoute } from '../serve/text.ts';
import { planFrame } from './session.ts';

/** What can be looked at over HTTP, and who keeps it fresh. */
export interface WatchPage {
  readonly routes: readonly Route[];
  /** A sink of runs. */
  readonly onEvent: (event: Event) => void;
  /** Tells the pages that are open what is new, until the signal is aborted. */
  readonly keepFresh: (signal: AbortSignal) => Promise<void>;
}

// Quick enough for an eye that follows, and cheap enough for a script that prints a thousand lines a second.
const FRESH_EVERY_MS = 500;
/** More than this at once is had by asking for the page anew: a feed that falls behind is cut. */
const PATCH_LENGTH_MAX = 64 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';

/** The page of a watch with all that belongs to it; nothing of it changes anything. */
export function watchPage(host: Host, root: string, observer: Observer): WatchPage {
  let [parts, edition]: [PageParts, number] = [new Map(), 0];
  // One that is not of this edition has missed something.
  const live = createFeed('/live', ({ query }) =>
    query.get('edition') === String(edition) ? undefined : EVERYTHING,
  );
  const events = createFeed('/events');
  const tellNews = (state: PageState): void => {
    const now = pageParts(state);
    const news = newsOf(parts, now);
    if (news === undefined) return;
    [parts, edition] = [now, edition + 1];
    live.send(news);
  };
  const html = (isWhole: boolean): string => {
    const state = observer.page();
    const count = Object.keys(state.status?.products ?? {}).length;
    const isAll = isWhole || count <= FIRST_ROWS;
    if (isAll) tellNews(state);
    const shown = isAll ? parts : pageParts(state, FIRST_ROWS);
    return renderPage({ parts: shown, edition, host: state.host, count });
  };
  return {
    routes: [
      ...pageRoutes({
        policy: pagePolicy(host.crypto.sha256(PAGE_STYLE)),
        html,
        runsHtml: () => renderRunsPage(observer.page()),
        runHtml: (runId) => runHtml(host, root, runId),
      }),
      textRoute({ path: '/status.json', type: JSON_TYPE, text: () => statusText(observer) }),
      textRoute({ path: '/metrics', type: METRICS_TYPE, text: observer.metrics }),
      events.route,
      live.route,
    ],
    onEvent: (event) => {
      if (!events.isHeard()) return;
      const runId: RunId = event.runId;
      events.send(eventLine(event, (inputs) => planFrame({ host, runId }, inputs)));
    },
    keepFresh: async (signal) => {
      while (!signal.aborted) {
        await host.clock.sleep(FRESH_EVERY_MS, signal);
        if (!signal.aborted && live.isHeard()) tellNews(observer.page());
      }
    },
  };
}

/** Ask for everything: something came or went, or there is too much. */
const EVERYTHING = '{}';

function newsOf(before: PageParts, now: PageParts): string | undefined {
  const isSame = before.size === now.size && [...now.keys()].every((id) => before.has(id));
  const news = [...now].flatMap(([id, { markup }]) =>
    before.get(id)?.markup === markup ? [] : [[id, markup] as const],
  );
  if (isSame && news.length === 0) return undefined;
  const message = JSON.stringify(Object.fromEntries(news));
  return isSame && message.length <= PATCH_LENGTH_MAX ? message : EVERYTHING;
}

function statusText(observer: Observer): string {
  return `${JSON.stringify(observer.status() ?? null, undefined, 2)}\n`;
}

function runHtml(host: Host, root: string, runId: string): string | undefined {
  const found = findRun(host, root, runId);
  const account = found.ok ? accountOf(found.value.records) : undefined;
  if (account === undefined) return undefined;
  const main = accountMarkup(account, { host: host.machine.hostname() });
  return pageFrame({ title: account.runId, script: false, main });
}
