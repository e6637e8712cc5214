import type { Asked, Outlet, Route } from './route.ts';

/** What is told to everybody who listens, as server-sent events (HTML Living Standard, "Server-sent events"). */
export interface Feed {
  readonly route: Route;
  /** One message, on one line. Who reads too slowly is let go of, and comes again. */
  readonly send: (message: string) => void;
  /** Whether anybody listens. */
  readonly isHeard: () => boolean;
}

/** A feed at an address; nothing is kept for those who come later, but `greet` may have a first message for them. */
export function createFeed(
  path: string,
  greet: (asked: Asked) => string | undefined = () => undefined,
): Feed {
  const outlets = new Set<Outlet>();
  const begin = (outlet: Outlet, asked: Asked): void => {
    outlets.add(outlet);
    outlet.closed.addEventListener('abort', () => outlets.delete(outlet));
    const first = greet(asked);
    // Until something is said a browser does not know that it is connected.
    outlet.send(first === undefined ? ':\n\n' : `data: ${first}\n\n`);
  };
  return {
    route: {
      method: 'GET',
      path,
      answer: (asked) => ({
        kind: 'stream',
        type: 'text/event-stream',
        begin: (outlet) => begin(outlet, asked),
      }),
    },
    send: (message) => {
      for (const outlet of outlets) outlet.send(`data: ${message}\n\n`);
    },
    isHeard: () => outlets.size > 0,
  };
}
