import type { States } from '../../src/core/diff.ts';
import type { Action, Deed, ScriptRun } from '../../src/model/action.ts';
import { absent, known, type Fact } from '../../src/model/fact.ts';
import type { ProductName } from '../../src/model/ids.ts';
import type { Plan } from '../../src/model/plan.ts';
import { asTexts, type SettingMap } from '../../src/model/settings.ts';
import type { ActualProduct, ActualState } from '../../src/model/state.ts';
import { versioned } from './states.ts';

/** The server after an apply of the plan in which every script and every heartbeat did well. */
export function afterApply(states: States, plan: Plan): ActualState {
  const done = plan.actions.filter(({ blocked }) => blocked === undefined);
  const deeds = [...done, ...plan.verifications].flatMap(
    (step: Pick<Action, 'deeds'>) => step.deeds,
  );
  return deeds.reduce((actual, deed) => afterDeed({ ...states, actual }, deed), states.actual);
}

function afterDeed(states: States, deed: Deed): ActualState {
  const { actual } = states;
  switch (deed.do) {
    case 'run-script':
      return deed.run.kind === 'remove'
        ? actual
        : change(actual, deed.run.product, (found) => afterScript(found, deed.run));
    case 'write-config':
      return change(actual, deed.product, () => afterWrite(states, deed));
    case 'record-product':
      return change(actual, deed.product, (found) => afterRecord(found, states, deed));
    case 'record-mode':
      return { ...actual, mode: known(deed.mode) };
    case 'forget-product': {
      const leftovers = new Map(actual.leftovers);
      leftovers.delete(deed.product);
      return { ...actual, leftovers };
    }
    case 'run-each-script':
    case 'check-config':
    case 'count-restart':
    case 'remove-config':
      return actual;
  }
}

type Change = (found: ActualProduct) => Partial<ActualProduct>;

function change(actual: ActualState, product: ProductName, how: Change): ActualState {
  // Of a leftover only its end is followed.
  if (actual.leftovers.has(product)) return actual;
  const found = actual.products.get(product);
  if (found === undefined) throw new Error(`nothing was found of ${product}`);
  const products = new Map(actual.products).set(product, { ...found, ...how(found) });
  return { ...actual, products };
}

/** A probe-script sees at once what another one did. */
function afterScript(
  { probed }: ActualProduct,
  { kind, args, stdin }: ScriptRun,
): Partial<ActualProduct> {
  const [, version = ''] = args;
  const isInstall = kind === 'upgrade' || kind === 'provision';
  if (isInstall) return probed ? { version: known(versioned(version)) } : {};
  if (kind !== 'set' || !probed || stdin === undefined) return {};
  const told = JSON.parse(stdin) as { readonly settings: SettingMap };
  return { settings: known(told.settings) };
}

function afterWrite(
  { desired, definition, kept }: States,
  { product, text, access }: Extract<Deed, { readonly do: 'write-config' }>,
): Partial<ActualProduct> {
  const configText = known(text);
  const format = definition.products.get(product)?.config?.format;
  const settings = kept.get(product) ?? desired.products.get(product)?.settings ?? {};
  const isDeclared = Object.values(access).some((each) => each !== undefined);
  const configAccess = isDeclared ? known(access) : absent;
  if (format === 'template') return { configText, configAccess };
  const isTextual = format === 'ini' || format === 'env';
  return { configText, configAccess, settings: known(isTextual ? asTexts(settings) : settings) };
}

function afterRecord(
  found: ActualProduct,
  { definition }: States,
  deed: Extract<Deed, { readonly do: 'record-product' }>,
): Partial<ActualProduct> {
  const { version, repository, status, settings, configDigest, protect } = deed;
  const format = definition.products.get(deed.product)?.config?.format;
  const isReadBack = format !== undefined && format !== 'template';
  const isTold = found.probed && definition.products.get(deed.product)?.scripts.has('set') === true;
  return {
    ...(version === undefined ? {} : { recordedVersion: known(version) }),
    ...(version === undefined || found.probed ? {} : { version: known(version) }),
    ...(repository === undefined ? {} : { repository: lineOf(repository) }),
    ...(status === undefined ? {} : { status: known(status) }),
    ...(settings === undefined ? {} : { applied: known(settings) }),
    ...(configDigest === undefined
      ? {}
      : { written: known({ digest: configDigest, edited: false }) }),
    ...(protect === undefined ? {} : { protected: known(protect) }),
    ...(settings === undefined || isReadBack || isTold ? {} : { settings: known(settings) }),
  };
}

/** An empty file holds no value. */
function lineOf(text: string): Fact<string> {
  return text === '' ? absent : known(text);
}
