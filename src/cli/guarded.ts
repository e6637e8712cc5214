import { renderFailureLine } from '../core/render/failure-text.ts';
import { layoutOf } from '../model/layout.ts';
import type { GlobalOptions } from './options.ts';
import { openSession, type Session } from './session.ts';

/** As `openSession`, for commands that look at the server, and `settleTrial` first. */
export async function openGuarded(
  options: GlobalOptions,
  files: readonly string[] = [],
): Promise<Session> {
  const session = openSession(options, files);
  await settleTrial(session);
  return session;
}

/** Sees to a trial whose confirmation was cut short, or which ran out while its guard was gone, as by a reboot: that gets a new one. */
export async function settleTrial(session: Session): Promise<void> {
  const { host, site, streams } = session;
  const { trial, trialConfirmed, trialReturning } = layoutOf(site.root);
  const places = [trial, trialConfirmed, trialReturning];
  if (places.every((path) => host.files.inspect(path).kind === 'absent')) return;
  const { guardOverdue } = await import('./trial.ts');
  const guarded = await guardOverdue(session);
  if (!guarded.ok) streams.err(`warning: ${renderFailureLine(guarded.error)}\n`);
}
