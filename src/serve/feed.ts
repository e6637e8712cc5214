import type { Outlet, Route } from './route.ts';

/** What is told to everybody who listens, as server-sent events (HTML Living Standard, "Server-sent events"). */
export interface Feed {
  readonly route: Route;
  /** One message, on one line. Who reads too slowly is let go of, and comes again. */
  readonly send: (message: string) => void;
  /** Whether anybody listens. */
  readonly isHeard: () => boolean;
}

/** A feed at an address; nothing is kept for those who come later. */
export function createFeed(path: string): Feed {
  const outlets = new Set<Outlet>();
  const begin = (outlet: Outlet): void => {
    outlets.add(outlet);
    outlet.closed.addEventListener('abort', () => outlets.delete(outlet));
    // Until something is said a browser does not know that it is connected.
    outlet.send(':\n\n');
  };
  return {
    route: {
      method: 'GET',
      path,
      answer: () => ({ kind: 'stream', type: 'text/event-stream', begin }),
    },
    send: (message) => {
      for (const outlet of outlets) outlet.send(`data: ${message}\n\n`);
    },
    isHeard: () => outlets.size > 0,
  };
}
