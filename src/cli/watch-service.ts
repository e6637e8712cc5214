import { giveSignsOfLife } from '../app/signs-of-life.ts';
import type { Observer } from '../app/observer.ts';
import type { WatchRequest } from '../app/watch.ts';
import type { RunEnd } from '../core/tally.ts';
import { METRICS_TYPE } from '../core/render/metrics-text.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { parseListenAddress } from '../serve/address.ts';
import { healthRoutes } from '../serve/health.ts';
import { textRoute } from '../serve/text.ts';
import { hookRoute } from '../serve/hook.ts';
import { startServer } from '../serve/server.ts';
import { usage } from './failing.ts';

/** How a watch is for others: for who started it as a service, and for who asks it over HTTP. */
export interface WatchService {
  /** Where it answers; undefined where nobody can ask. */
  readonly address: string | undefined;
  readonly onLooked: WatchRequest['onLooked'];
  close(): Promise<void>;
}

/** What a service is opened with. */
export interface ServiceRequest {
  readonly root: string;
  /** As `--listen` names it. */
  readonly listen: string | undefined;
  readonly observer: Observer;
  /** Called when somebody wants the source looked at now. */
  readonly onHook: () => void;
  readonly warn: (message: string) => void;
}

/** Begins to answer and to give signs of life. Fails where the address is none, or cannot be had. */
export async function openService(
  host: Host,
  { root, listen, observer, onHook, warn }: ServiceRequest,
): Promise<Result<WatchService, Failure>> {
  const { supervisor } = host;
  const over = new AbortController();
  let isReady = false;
  const at = listen === undefined ? undefined : parseListenAddress(listen);
  if (listen !== undefined && at === undefined)
    return err(
      usage(`--listen: "${listen}" is not an address such as 127.0.0.1:9810 or unix:/PATH`),
    );
  const routes = [
    // Who answers is alive: the loop turns on the same thread.
    ...healthRoutes({ isAlive: () => true, isReady: () => isReady }),
    textRoute({ path: '/metrics', type: METRICS_TYPE, text: observer.metrics }),
    hookRoute(host, { keyPath: layoutOf(root).hookKey, onHook }),
  ];
  const server = at && (await startServer(host, at, { routes, report: warn }));
  if (server !== undefined && !server.ok) return server;
  if (supervisor.mute !== undefined) warn(supervisor.mute);
  supervisor.notify({ phase: 'ready' });
  giveSignsOfLife(host, over.signal).catch((thrown: unknown) => warn(String(thrown)));
  return ok({
    address: server?.value.address,
    onLooked: (end) => {
      isReady = true;
      if (end !== undefined) supervisor.notify({ status: statusOf(end) });
    },
    close: async () => {
      over.abort();
      supervisor.notify({ phase: 'stopping' });
      await server?.value.close();
    },
  });
}

function statusOf({ outcome, failures: [first] }: RunEnd): string {
  return first === undefined ? outcome : `${outcome}: ${renderFailureLine(first)}`;
}
