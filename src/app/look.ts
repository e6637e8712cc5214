import { readActual } from '../actual/read.ts';
import { refuseScripts } from '../actual/trust.ts';
import type { States } from '../core/diff.ts';
import type { Allowances } from '../core/guard.ts';
import { makePlan } from '../core/plan.ts';
import { sealSecrets } from '../core/seal.ts';
import { escapeSecret, secretProblem } from '../format/config.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath, type ProductName } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import { secretSettings } from '../model/secret.ts';
import type { ActualProduct, ActualState } from '../model/state.ts';
import type { Written } from './load.ts';
import { openSecrets, type Secrets } from './secrets.ts';

/** The environment of a product's scripts: nothing of ours comes through but what CONTRACT 5 lists. */
export type ScriptEnvironment = (product: ProductName) => Readonly<Record<string, string>>;

/** What looking at a server takes, made once a command. */
export interface LookContext {
  readonly environment: ScriptEnvironment;
  readonly secrets: Secrets;
}

/** What looks of this run at this server take. */
export function lookContext(host: Host, definition: ServerDefinition, runId: string): LookContext {
  return {
    environment: scriptEnvironment(host, definition, runId),
    secrets: openSecrets(host, definition.root),
  };
}

function scriptEnvironment(
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
  { environment, secrets }: LookContext,
): Promise<States> {
  const { definition, desired, rendered } = written;
  // Before any script is run: what it prints is masked by the values known by then.
  for (const { settings = {} } of desired.products.values())
    for (const { token } of secretSettings(settings)) secrets.valueOf(token);
  const actual = await readActual(host, {
    definition,
    products: [...desired.products.keys()],
    probe: { root: definition.root, environment, mask: secrets.values() },
  });
  return { desired, actual: sealed(actual, written, secrets), definition, rendered };
}

function sealed(
  actual: ActualState,
  { desired, definition, rendered }: Written,
  secrets: Secrets,
): ActualState {
  const products = [...actual.products].map(
    ([name, found]): readonly [ProductName, ActualProduct] => {
      const spec = desired.products.get(name);
      if (spec === undefined) return [name, found];
      const format = definition.products.get(name)?.config?.format ?? 'template';
      return [
        name,
        sealSecrets(
          found,
          {
            spec,
            text: rendered.get(name),
            // A secret is looked at when it is known, not when the file is checked.
            unwritable: (value) => secretProblem(format, value),
            escape: (value) => escapeSecret(format, value),
          },
          secrets,
        ),
      ];
    },
  );
  return { ...actual, products: new Map(products) };
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
