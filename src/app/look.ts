import { readActual } from '../actual/read.ts';
import type { Rendered, States } from '../core/diff.ts';
import { keptSettings } from '../core/drift.ts';
import { sealSecrets } from '../core/seal.ts';
import { escapeSecret, secretProblem } from '../format/config.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import { mapFact, valueOf, type Fact } from '../model/fact.ts';
import type { ProductName } from '../model/ids.ts';
import { isSecretValue, secretSettings, secretToken } from '../model/secret.ts';
import type { SettingMap } from '../model/settings.ts';
import type { ActualProduct, ProductSpec, WrittenConfig } from '../model/state.ts';
import type { Written } from './load.ts';
import { renderConfigOf } from './render-configs.ts';
import { openSecrets, type Secrets } from './secrets.ts';

/** The environment of a product's scripts: nothing of ours comes through but what CONTRACT 5 lists. */
export type ScriptEnvironment = (product: ProductName) => Readonly<Record<string, string>>;

/** What looking at a server takes, made once a command. */
export interface LookContext {
  readonly environment: ScriptEnvironment;
  readonly secrets: Secrets;
  /** Aborted: programs that a look runs are ended; undefined where nobody would. */
  readonly terminate: AbortSignal | undefined;
}

/** Who looks. */
export interface Looking {
  readonly runId: string;
  readonly terminate?: AbortSignal;
}

/** What looks of this run at this server take. */
export function lookContext(
  host: Host,
  definition: ServerDefinition,
  { runId, terminate }: Looking,
): LookContext {
  return {
    environment: scriptEnvironment(host, definition, runId),
    secrets: openSecrets(host, definition.root),
    terminate,
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

/** Products of an earlier look that are not looked at again: nothing was done to them since. */
export interface SeenBefore {
  readonly states: States;
  readonly untouched: ReadonlySet<ProductName>;
}

/** Both states at this moment: the same look plans, and proves afterwards that nothing differs any more. */
export async function lookAtStates(
  host: Host,
  written: Written,
  { environment, secrets, terminate }: LookContext,
  before?: SeenBefore,
): Promise<States> {
  const { definition, desired } = written;
  const seen = new Map(
    [...(before?.states.actual.products ?? [])].filter(([name]) => before?.untouched.has(name)),
  );
  // Before any script is run: what it prints is masked by the values known by then.
  const { expected } = written;
  learnSecrets(
    [...desired.products.values()].filter(({ name }) => !expected.has(name)),
    secrets,
  );
  for (const secret of desired.callbacks.flatMap((target) => target.secrets))
    secrets.valueOf(secretToken(secret));
  const actual = await readActual(host, {
    definition,
    products: [...desired.products.keys()],
    probe: { root: definition.root, environment, mask: secrets.values(), terminate },
    expected,
    seen,
  });
  const products = new Map(actual.products);
  const rendered = new Map(written.rendered);
  const kept = new Map<ProductName, SettingMap>();
  const same = new Set<ProductName>();
  for (const [name, spec] of desired.products) {
    const found = actual.products.get(name);
    if (found === undefined) continue;
    if (before !== undefined && seen.has(name)) {
      keepSeen(name, before.states, { rendered, kept, same });
      continue;
    }
    if (isAsExpected(found) && expected.get(name)?.configDigest === rendered.get(name)?.digest) {
      same.add(name);
      continue;
    }
    const seal = (as: ProductSpec, text: string | undefined): ActualProduct =>
      sealed(found, { spec: as, text, definition, secrets });
    const declared = rendered.get(name);
    const first = seal(spec, declared?.text);
    const left = await leaveDrift(host, written, { spec, found: first });
    if (left !== undefined) kept.set(name, left.settings);
    if (left?.config !== undefined) rendered.set(name, left.config);
    const whole = left === undefined ? first : seal(spec, rendered.get(name)?.text);
    products.set(name, { ...whole, written: compared(host, whole) });
  }
  const dead = new Map<never, never>();
  return { desired, actual: { ...actual, products }, definition, rendered, kept, same, dead };
}

interface Looked {
  readonly rendered: Map<ProductName, Rendered>;
  readonly kept: Map<ProductName, SettingMap>;
  readonly same: Set<ProductName>;
}

function keepSeen(name: ProductName, states: States, { rendered, kept, same }: Looked): void {
  const config = states.rendered.get(name);
  if (config !== undefined) rendered.set(name, config);
  const settings = states.kept.get(name);
  if (settings !== undefined) kept.set(name, settings);
  if (states.same.has(name)) same.add(name);
}

// No secret is in it, no drift, and its config file was compared: nothing is left to be done with what was found.
function isAsExpected({ written }: ActualProduct): boolean {
  return valueOf(written)?.edited === false;
}

/** Looks up the secrets of these products, so that they are masked in what programs print. */
export function learnSecrets(products: Iterable<ProductSpec>, secrets: Secrets): void {
  for (const { settings = {} } of products)
    for (const { token } of secretSettings(settings)) secrets.valueOf(token);
}

interface KeptDrift {
  readonly settings: SettingMap;
  readonly config: Rendered | undefined;
}

interface Product {
  readonly spec: ProductSpec;
  readonly found: ActualProduct;
}

// What a format cannot hold somebody wrote by hand all the same: then there is no file that could keep it.
async function leaveDrift(
  host: Host,
  { definition, desired }: Written,
  { spec, found }: Product,
): Promise<KeptDrift | undefined> {
  const product = definition.products.get(spec.name);
  const settings = product && keptSettings(spec, found, product);
  if (settings === undefined) return undefined;
  const config = await renderConfigOf(host, { definition, desired, spec: { ...spec, settings } });
  return config.ok ? { settings, config: config.value } : undefined;
}

interface SealingOf {
  readonly spec: ProductSpec;
  readonly text: string | undefined;
  readonly definition: ServerDefinition;
  readonly secrets: Secrets;
}

function sealed(
  found: ActualProduct,
  { spec, text, definition, secrets }: SealingOf,
): ActualProduct {
  const format = definition.products.get(spec.name)?.config?.format ?? 'template';
  return sealSecrets(
    found,
    {
      spec,
      text,
      // A secret is looked at when it is known, not when the file is checked.
      unwritable: (value) => secretProblem(format, value),
      escape: (value) => escapeSecret(format, value),
    },
    secrets,
  );
}

// Whether the file is still what was last written; one that may hold other secrets does not tell.
function compared(host: Host, { written, configText }: ActualProduct): Fact<WrittenConfig> {
  const text = valueOf(configText);
  const digest = text === undefined ? undefined : host.crypto.sha256(text);
  return mapFact(written, (record) => ({
    digest: record.digest,
    edited: text !== undefined && isSecretValue(text) ? undefined : digest !== record.digest,
  }));
}
