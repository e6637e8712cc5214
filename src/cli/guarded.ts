import { renderFailureLine } from '../core/render/failure-text.ts';
import { layoutOf } from '../model/layout.ts';
import type { GlobalOptions } from './options.ts';
import { openSession, type Session } from './session.ts';

/** As `openSession`, for commands that look at the server: a trial that ran out while its guard was gone, as by a reboot, gets a new one. */
export async function openGuarded(
  options: GlobalOptions,
  files: readonly string[] = [],
): Promise<Session> {
  const session = openSession(options, files);
  await guardOverdue(session);
  return session;
}

/** Gives a trial a new guard that ran out while its own was gone. */
export async function guardOverdue(session: Session): Promise<void> {
  const { host, site } = session;
  if (host.files.inspect(layoutOf(site.root).trial).kind === 'absent') return;
  const { guardTrial } = await import('./trial.ts');
  const guarded = await guardTrial(session, { overdue: true });
  if (!guarded.ok) session.streams.err(`warning: ${renderFailureLine(guarded.error)}\n`);
}
