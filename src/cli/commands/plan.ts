import { loadWritten } from '../../app/load.ts';
import { lookAtStates, lookContext, planFor } from '../../app/look.ts';
import { planInputs } from '../../app/plan-inputs.ts';
import { planDocument } from '../../core/render/plan-json.ts';
import { renderPlanForGithub } from '../../core/render/plan-github.ts';
import { renderPlan } from '../../core/render/plan-text.ts';
import { CHANGES_EXIT_CODE } from '../../model/failure.ts';
import { readAllowances } from '../allowances.ts';
import { failWith } from '../failing.ts';
import type { PlanOptions } from '../options.ts';
import { openSession, planFrame } from '../session.ts';

/** `bootstrap plan`: shows the actions, changes nothing, takes no lock. */
export async function plan(options: PlanOptions): Promise<number> {
  const session = openSession(options, options.file);
  const { host, site } = session;
  const allow = readAllowances(options);
  if (!allow.ok) return failWith(session, allow.error);
  const written = await loadWritten(host, site);
  if (!written.ok) return failWith(session, written.error);
  const look = lookContext(host, written.value.definition, session.runId);
  const states = await lookAtStates(host, written.value, look);
  const planned = planFor(host, states, allow.value);
  if (!planned.ok) return failWith(session, planned.error);
  if (session.json) {
    const inputs = planInputs(host, { site, states, plan: planned.value });
    const document = planDocument(planned.value, planFrame(session, inputs));
    session.streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    const { originOf } = written.value;
    const style = { ...session.text, originOf };
    session.streams.out(
      session.github === undefined
        ? renderPlan(planned.value, style)
        : renderPlanForGithub(planned.value, { ...style, token: session.github.token }),
    );
  }
  return options.detailedExitcode && planned.value.actions.length > 0 ? CHANGES_EXIT_CODE : 0;
}
