import { refuseSuspended } from '../app/suspension.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import type { GlobalOptions } from './options.ts';
import { openSession } from './session.ts';

/** Says on stderr that this server is suspended, where it is: whoever looks at it must know why nothing happens. */
export function tellSuspension(options: GlobalOptions): void {
  const { host, site, streams, text } = openSession(options);
  const suspended = refuseSuspended(host, site.root);
  if (suspended !== undefined)
    streams.err(`${text.palette.warn('warning:')} ${renderFailureLine(suspended)}\n`);
}
