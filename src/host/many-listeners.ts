import { setMaxListeners } from 'node:events';

/** Lets as many wait for a signal as there are: Node takes more than ten for a leak and warns, and a run with eleven heartbeats has none. */
export function allowListeners(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(0, signal);
}
