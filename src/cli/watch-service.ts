import { basename } from 'node:path';
import { giveSignsOfLife } from '../app/signs-of-life.ts';
import type { Observer } from '../app/observer.ts';
import type { WatchRequest } from '../app/watch.ts';
import type { RunEnd } from '../core/tally.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { Host } from '../host/host.ts';
import type { Sink } from '../model/event.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { parseListenAddress, type ListenAddress } from '../serve/address.ts';
import { healthRoutes } from '../serve/health.ts';
import { guarded } from '../serve/guard.ts';
import { hookRoute } from '../serve/hook.ts';
import { startServer } from '../serve/server.ts';
import { usage } from './failing.ts';
import type { WatchPage } from './watch-page.ts';

/** How a watch is for others: for who started it as a service, and for who asks it over HTTP. */
export interface WatchService {
  /** Where it answers; undefined where nobody can ask. */
  readonly address: string | undefined;
  readonly onLooked: WatchRequest['onLooked'];
  /** A sink of its runs. */
  readonly onEvent: Sink;
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
  const page = at && (await openPage(host, root, observer));
  const { pageToken: tokenPath, hookKey: keyPath } = layoutOf(root);
  const shown = at && page?.routes.map((route) => guarded(host, route, { address: at, tokenPath }));
  const routes = [
    // Who answers is alive: the loop turns on the same thread.
    ...healthRoutes({ isAlive: () => true, isReady: () => isReady }),
    hookRoute(host, { keyPath, onHook }),
    ...(shown ?? []),
  ];
  const own = at && makeOwnFolder(host, root, at);
  if (own?.ok === false) return own;
  const server = at && (await startServer(host, at, { routes, report: warn }));
  if (server !== undefined && !server.ok) return server;
  if (supervisor.mute !== undefined) warn(supervisor.mute);
  supervisor.notify({ phase: 'ready' });
  const { signal } = over;
  const works = [
    giveSignsOfLife(host, signal),
    at && observer.readPast(signal),
    page?.keepFresh(signal),
  ];
  for (const work of works) work?.catch((thrown: unknown) => warn(String(thrown)));
  return ok({
    address: server?.value.address,
    onEvent: (event) => page?.onEvent(event),
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

// It is gone after each boot, and the run that would make it comes later; any other folder that is missing is a slip in the address.
function makeOwnFolder(
  { files }: Host,
  root: string,
  address: ListenAddress,
): Result<void, Failure> {
  if (address.kind !== 'socket') return ok(undefined);
  const own = folderOf(layoutOf(root).lock);
  const folder = folderOf(address.path);
  // /var/run is a link to /run.
  const above = valueOf(files.resolve(folderOf(folder))) ?? folderOf(folder);
  const isOwn = above === folderOf(own) && basename(folder) === basename(own);
  return isOwn ? files.makeFolder(own) : ok(undefined);
}

// Most watches are asked by nobody: what shows them is not even loaded.
async function openPage(host: Host, root: string, observer: Observer): Promise<WatchPage> {
  const { watchPage } = await import('./watch-page.ts');
  return watchPage(host, root, observer);
}

function statusOf({ outcome, failures: [first] }: RunEnd): string {
  return first === undefined ? outcome : `${outcome}: ${renderFailureLine(first)}`;
}
