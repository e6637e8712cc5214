import { lookContext } from '../../app/look.ts';
import { planNow } from '../../app/planning.ts';
import { requestOf, savePlan } from '../../app/saved-plans.ts';
import { loadForHere } from '../../app/trust.ts';
import { planDocument } from '../../core/render/plan-json.ts';
import { CHANGES_EXIT_CODE, EXIT_CODE } from '../../model/failure.ts';
import { later } from '../../model/later.ts';
import { readChoices } from '../choices.ts';
import { failWith } from '../failing.ts';
import type { PlanOptions } from '../options.ts';
import { outputPath } from '../output-path.ts';
import { openGuarded } from '../guarded.ts';
import { planFrame } from '../session.ts';
import { printPlan } from '../print-plan.ts';

/** `bootstrap plan`: shows the actions, changes nothing but the file it is told to save to, takes no lock. */
export async function plan(options: PlanOptions): Promise<number> {
  const session = await openGuarded(options, options.file);
  const { host, site } = session;
  const asked = readChoices(options);
  if (!asked.ok) return failWith(session, asked.error);
  const out = outputPath(host.files, options.out);
  if (!out.ok) return failWith(session, out.error);
  const written = await loadForHere(host, site, undefined);
  if (!written.ok) return failWith(session, written.error);
  const look = lookContext(host, written.value.definition, session);
  const made = await planNow(host, { site, written: written.value, look, asked: asked.value });
  if (!made.ok) return failWith(session, made.error);
  const { body, findings, inputs } = made.value;
  const document = later(() => planDocument(body, planFrame(session, inputs())));
  if (out.value !== undefined) {
    const request = requestOf(site, asked.value);
    const saved = savePlan(host, out.value, { request, plan: document() });
    if (!saved.ok) return failWith(session, saved.error);
  }
  printPlan(session, { body, host: () => host.machine.hostname(), document });
  if (options.out !== undefined && options.format === 'text' && !options.quiet)
    session.streams.out(`Saved. To do exactly this: bootstrap apply ${options.out}\n`);
  const [first] = findings;
  if (first !== undefined) return EXIT_CODE[first.code];
  return options.detailedExitcode && body.actions.length > 0 ? CHANGES_EXIT_CODE : 0;
}
