import type { Host } from '../host/host.ts';

/** sd_watchdog_enabled(3) asks for two. With three, one may be lost or come late. */
const SIGNS_IN_PATIENCE = 3;

/** Gives the supervisor signs of life until the signal is aborted; ends at once where nobody waits for any. They stop when the event loop does. */
export async function giveSignsOfLife(
  { clock, supervisor }: Pick<Host, 'clock' | 'supervisor'>,
  signal: AbortSignal,
): Promise<void> {
  const { watchdogMs } = supervisor;
  if (watchdogMs === undefined) return;
  while (!signal.aborted) {
    supervisor.notify({ alive: true });
    await clock.sleep(watchdogMs / SIGNS_IN_PATIENCE, signal);
  }
}
