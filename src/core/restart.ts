import { valueOf } from '../model/fact.ts';
import type { Sample } from '../model/heartbeat.ts';
import { WORKING_MODE } from '../model/mode.ts';
import type { Plan } from '../model/plan.ts';
import type { ActualProduct, ProductSpec } from '../model/state.ts';
import type { States } from './diff.ts';
import { select } from './select.ts';

// As Kubernetes' failureThreshold: one look may meet a bad moment.
const FAILS_IN_A_ROW = 3;

/**
 * The products that are asked whether they are dead, with nothing but the heartbeats that may say so: on a server that works, what
 * the plan does nothing to, steps that are held back aside. What was left half done, or is not there, is no matter of a restart.
 */
export function restartable(
  { desired, actual, definition }: States,
  plan: Plan,
): readonly ProductSpec[] {
  if (valueOf(actual.mode) !== WORKING_MODE || desired.mode !== WORKING_MODE) return [];
  const { leftOut } = select(desired.products, actual.leftovers.keys(), plan.selection);
  const held = new Set(plan.held.map(({ product }) => product));
  const acted = new Set(
    plan.actions.filter(({ blocked }) => blocked === undefined).map(({ product }) => product),
  );
  return [...desired.products.values()].flatMap((spec): readonly ProductSpec[] => {
    const { name } = spec;
    const heartbeats = spec.heartbeats.filter(({ restart }) => restart);
    const isAsked = heartbeats.length > 0 && ![leftOut, held, acted].some((each) => each.has(name));
    const canBe = definition.products.get(name)?.scripts.has('mode') ?? false;
    return isAsked && canBe && isWhole(spec, actual.products.get(name))
      ? [{ ...spec, heartbeats }]
      : [];
  });
}

function isWhole({ version }: ProductSpec, found: ActualProduct | undefined): boolean {
  if (found === undefined || (version !== undefined && found.version.kind !== 'known'))
    return false;
  return (valueOf(found.status) ?? 'valid') === 'valid';
}

/** What the looks at one heartbeat in a row say of its product: `unsure`, look again. A look that could not be made never makes it dead. */
export function deathIn(looks: readonly Sample[]): 'dead' | 'not-dead' | 'unsure' {
  if (looks.some(({ verdict }) => verdict !== 'fail')) return 'not-dead';
  if (looks.some((look) => look.verdict === 'fail' && look.isGone)) return 'dead';
  return looks.length < FAILS_IN_A_ROW ? 'unsure' : 'dead';
}
