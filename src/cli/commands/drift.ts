import { loadWritten } from '../../app/load.ts';
import { lookAtStates, lookContext } from '../../app/look.ts';
import { wholePlan } from '../../core/plan.ts';
import { driftDocument } from '../../core/render/drift-json.ts';
import { renderDrift } from '../../core/render/drift-text.ts';
import { planBody } from '../../core/render/plan-json.ts';
import { CHANGES_EXIT_CODE, EXIT_CODE } from '../../model/failure.ts';
import { failWith } from '../failing.ts';
import type { DriftOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';

/** `bootstrap drift`: what changed on the server since the last apply; corrects nothing, takes no lock. */
export async function drift(options: DriftOptions): Promise<number> {
  const session = await openGuarded(options, options.file);
  const { host, site, streams, text, columns } = session;
  const written = await loadWritten(host, site);
  if (!written.ok) return failWith(session, written.error);
  const look = lookContext(host, written.value.definition, session);
  const states = await lookAtStates(host, written.value, look);
  const body = planBody(wholePlan(states), { findings: [], originOf: undefined });
  streams.out(
    session.json
      ? `${JSON.stringify(driftDocument(body), undefined, 2)}\n`
      : renderDrift(body, { ...text, width: columns }),
  );
  // What could not be read may have changed too.
  if (body.held.some(({ why }) => why === 'unreadable')) return EXIT_CODE['facts-unreadable'];
  return options.detailedExitcode && body.drift.length > 0 ? CHANGES_EXIT_CODE : 0;
}
