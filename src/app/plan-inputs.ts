import type { States } from '../core/diff.ts';
import { windowsAt } from '../core/window.ts';
import type { Host } from '../host/host.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import type { PlanInputs } from '../model/plan.ts';
import type { ActualProduct } from '../model/state.ts';
import type { Site } from './site.ts';

/** What a plan was made from, beside itself. */
export interface PlannedFrom {
  readonly site: Site;
  readonly states: States;
  /** The scripts that are looked at. */
  readonly scripts: readonly HostPath[];
}

/** The digests of everything a plan rests on: equal inputs, equal digests. */
export function planInputs(host: Host, { site, states, scripts }: PlannedFrom): PlanInputs {
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
    scripts: ofFiles(scripts),
    templates: ofServer(managed.map((product) => product?.config?.template)),
    schemas: ofServer(managed.map((product) => product?.settingsSchema?.path)),
    facts: factDigests(host, states),
  };
}

// What was compared, and nothing that moves by itself, such as times and messages.
function factDigests(host: Host, { actual, desired }: States): Readonly<Record<string, string>> {
  const digest = (value: unknown): string => host.crypto.sha256(JSON.stringify(value));
  const rows: (readonly [string, string])[] = [['server-mode', digest(actual.mode)]];
  const { windows } = desired.policy;
  if (windows.length > 0) rows.push(['policy.windows', digest(windowsAt(windows, actual.readAt))]);
  for (const [name, found] of actual.products)
    for (const fact of COMPARED) rows.push([`${name}.${fact}`, digest(found[fact])]);
  for (const [name, found] of actual.leftovers)
    for (const fact of COMPARED_OF_LEFTOVERS) rows.push([`${name}.${fact}`, digest(found[fact])]);
  return Object.fromEntries(rows);
}

type ComparedFact = {
  readonly [F in keyof ActualProduct]: ActualProduct[F] extends Fact<unknown> ? F : never;
}[keyof ActualProduct];

const COMPARED_OF_LEFTOVERS = [
  'version',
  'status',
  'protected',
] as const satisfies readonly ComparedFact[];

const COMPARED = [
  ...COMPARED_OF_LEFTOVERS,
  'recordedVersion',
  'repository',
  'applied',
  'settings',
  'configText',
  'written',
  'configAccess',
] as const satisfies readonly ComparedFact[];
