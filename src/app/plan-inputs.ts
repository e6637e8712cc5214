import type { States } from '../core/diff.ts';
import type { Host } from '../host/host.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import type { Plan, PlanInputs } from '../model/plan.ts';
import type { ActualProduct } from '../model/state.ts';
import type { Site } from './site.ts';

/** What a plan was made from, beside itself. */
export interface PlannedFrom {
  readonly site: Site;
  readonly states: States;
  readonly plan: Plan;
}

/** The digests of everything a plan rests on: equal inputs, equal digests. */
export function planInputs(host: Host, { site, states, plan }: PlannedFrom): PlanInputs {
  const ofFiles = (paths: Iterable<HostPath>): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...paths].map((path) => [path, host.crypto.sha256(valueOf(host.files.read(path)) ?? '')]),
    );
  const { products, root } = states.definition;
  const managed = [...states.desired.products.keys()].map((name) => products.get(name));
  const ofServer = (paths: readonly (string | undefined)[]): Readonly<Record<string, string>> =>
    ofFiles(paths.filter((path) => path !== undefined).map((path) => hostPath(root, path)));
  return {
    desired: ofFiles(site.desired.map((file) => file.path)),
    ini: ofFiles([site.definition.path]),
    scripts: ofFiles(plan.scripts),
    templates: ofServer(managed.map((product) => product?.config?.template)),
    schemas: ofServer(managed.map((product) => product?.settingsSchema?.path)),
    facts: factDigests(host, states),
  };
}

// What was compared, and nothing that moves by itself, such as times and messages.
function factDigests(host: Host, { actual }: States): Readonly<Record<string, string>> {
  const digest = (fact: Fact<unknown>): string => host.crypto.sha256(JSON.stringify(fact));
  const rows: (readonly [string, string])[] = [['server-mode', digest(actual.mode)]];
  for (const [name, found] of actual.products)
    for (const fact of COMPARED) rows.push([`${name}.${fact}`, digest(found[fact])]);
  return Object.fromEntries(rows);
}

const COMPARED = [
  'version',
  'repository',
  'status',
  'applied',
  'settings',
  'configText',
  'configAccess',
] as const satisfies readonly (keyof ActualProduct)[];
