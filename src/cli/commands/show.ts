import { resolve } from 'node:path';
import { loadWritten } from '../../app/load.ts';
import { lookContext } from '../../app/look.ts';
import { planNow } from '../../app/planning.ts';
import { isUsed, openPlan, staleBy, type OpenedPlan } from '../../app/saved-plans.ts';
import { renderFailureLine } from '../../core/render/failure-text.ts';
import { staleBanner } from '../../core/render/stale-text.ts';
import type { Failure } from '../../model/failure.ts';
import { hostPath } from '../../model/ids.ts';
import { failWith } from '../failing.ts';
import type { GlobalOptions } from '../options.ts';
import { printPlan } from '../print-plan.ts';
import { openSession, type Session } from '../session.ts';

/** `bootstrap show PLANFILE`: a saved plan as it was made, below what keeps it from being applied. */
export async function show(options: GlobalOptions, file: string): Promise<number> {
  const session = openSession(options);
  const opened = openPlan(session.host, hostPath('', resolve(file)));
  if (!opened.ok) return failWith(session, opened.error);
  const { streams, format } = session;
  (format === 'text' ? streams.out : streams.err)(await bannerOf(session, opened.value));
  const { plan } = opened.value.saved;
  printPlan(session, { body: plan, host: () => plan.host, document: () => plan });
  return 0;
}

// Whatever is wrong with the server, the plan itself can be shown.
async function bannerOf(session: Session, opened: OpenedPlan): Promise<string> {
  const { host, text } = session;
  const { planId } = opened.saved.plan;
  const unknown = (failure: Failure): string =>
    staleBanner({ why: 'unknown', reason: renderFailureLine(failure) }, text.palette);
  const used = isUsed(host.files, opened.site.root, planId);
  if (!used.ok) return unknown(used.error);
  if (used.value) return staleBanner({ why: 'used' }, text.palette);
  const written = await loadWritten(host, opened.site);
  if (!written.ok) return unknown(written.error);
  const look = lookContext(host, written.value.definition, session);
  const { site, asked } = opened;
  const planned = await planNow(host, { site, written: written.value, look, asked });
  if (!planned.ok) return unknown(planned.error);
  const moved = staleBy(host, opened.saved, { planned: planned.value, begun: false });
  return moved.length === 0 ? '' : staleBanner({ why: 'moved', moved }, text.palette);
}
