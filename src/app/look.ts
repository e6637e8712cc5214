import { readActual } from '../actual/read.ts';
import { refuseScripts } from '../actual/trust.ts';
import type { States } from '../core/diff.ts';
import type { Allowances } from '../core/guard.ts';
import { makePlan } from '../core/plan.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath, type ProductName } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Written } from './load.ts';

/** The environment of a product's scripts: nothing of ours comes through but what CONTRACT 5 lists. */
export type ScriptEnvironment = (product: ProductName) => Readonly<Record<string, string>>;

/** The script environment of one run. */
export function scriptEnvironment(
  host: Host,
  definition: ServerDefinition,
  runId: string,
): ScriptEnvironment {
  return (product) => ({
    PATH: definition.scriptPath,
    LANG: 'C.UTF-8',
    HOME: host.machine.homeFolder(),
    BOOTSTRAP_ROOT: definition.root,
    BOOTSTRAP_PRODUCT: product,
    BOOTSTRAP_RUN_ID: runId,
  });
}

/** Both states at this moment: the same look plans, and proves afterwards that nothing differs any more. */
export async function lookAtStates(
  host: Host,
  written: Written,
  environment: ScriptEnvironment,
): Promise<States> {
  const { definition, desired, rendered } = written;
  const actual = await readActual(host, {
    definition,
    products: [...desired.products.keys()],
    probe: { root: definition.root, environment },
  });
  return { desired, actual, definition, rendered };
}

/** What the operator allows this once, over the policy of the file. */
export interface AskedAllowances {
  readonly downgrades: ReadonlySet<ProductName>;
  readonly changesMax: number | undefined;
}

/** A plan whose scripts may all be run; else why not, before anything moves. */
export function planFor(host: Host, states: States, asked: AskedAllowances): Result<Plan, Failure> {
  const allowances: Allowances = {
    downgrades: asked.downgrades,
    changesMax: asked.changesMax ?? states.desired.policy.maxChanges,
  };
  const plan = makePlan(states, allowances);
  const refusals = refuseScripts(host, [...new Set([...plan.scripts, ...probesOf(states)])]);
  return refusals.length > 0 ? err({ code: 'script-refused', refusals }) : ok(plan);
}

// They were run, or refused, for this very look: the plan rests on what they said.
function probesOf({ desired, definition }: States): readonly HostPath[] {
  return [...desired.products.keys()].flatMap((name) => {
    const probe = definition.products.get(name)?.scripts.get('probe');
    return probe === undefined ? [] : [hostPath(definition.root, probe.path)];
  });
}
