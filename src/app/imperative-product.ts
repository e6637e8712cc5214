import type { Host } from '../host/host.ts';
import { absent, valueOf } from '../model/fact.ts';
import { parseProductName, parseVersion, type ProductName } from '../model/ids.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Verb, VerbRequest } from './imperative.ts';
import type { DesiredFile, Edit, EditedFile } from './imperative-file.ts';
import { lookAtProducts, takeOver } from './imperative-look.ts';
import { readsSettings, settingEdits } from './imperative-setting.ts';
import type { AskedChoices } from './planning.ts';
import { inQuarantine, readQuarantine } from './quarantine.ts';

/** Values of a product that the old tool kept, and only it may write; those of bootstrap.ini among them. */
const READ_ONLY = ['status', 'lastmessage', 'upgrade-script', 'mode-script'];

/** What `product.set` is given. */
export interface ProductSetting {
  readonly product: string;
  readonly key: string;
  readonly value: string;
}

/** `product.set P KEY VALUE`: records a version, a repository or a setting as a wish, and acts on nothing. */
export function productSet(
  { runId }: Pick<VerbRequest, 'runId'>,
  { product, key, value }: ProductSetting,
): Verb {
  return {
    command: 'product.set',
    refuse: ({ products }) => {
      const name = parseProductName(product);
      const definition = name && products.get(name);
      if (definition === undefined) return { tag: 'invalid-product', message: product };
      if (READ_ONLY.includes(key))
        return { tag: 'invalid-operation', message: `${key} is a readonly value` };
      if (key === 'version') return refuseVersion(value);
      const isKnown = key === 'repository' || readsSettings(definition);
      return isKnown ? undefined : { tag: 'invalid-key', message: key };
    },
    edits: async (host, opened) => {
      const taken = await takenOver(host, opened, { product, runId });
      if (!taken.ok) return taken;
      const { name, edits } = taken.value;
      if (key === 'version' || key === 'repository')
        return ok([[...edits, { path: ['products', name, key], value }]]);
      const [first, ...others] = settingEdits(opened.written, { name, key, value });
      return ok([[...edits, ...first], ...others.map((way) => [...edits, ...way])]);
    },
    run: undefined,
  };
}

function refuseVersion(version: string): OldError | undefined {
  return parseVersion(version) === undefined
    ? { tag: 'invalid-version', message: version }
    : undefined;
}

interface Named {
  readonly product: string;
  readonly runId: VerbRequest['runId'];
}

interface TakenOver {
  readonly name: ProductName;
  readonly edits: readonly Edit[];
}

// The product that is named, and what takes it over where no file has it yet.
async function takenOver(
  host: Host,
  opened: DesiredFile,
  { product, runId }: Named,
): Promise<Result<TakenOver, OldError>> {
  const name = parseProductName(product);
  if (name === undefined) return err({ tag: 'invalid-product', message: product });
  const actual = await lookAtProducts(host, opened.written, { products: [name], runId });
  const edits = takeOver(opened, actual, name);
  return edits.ok ? ok({ name, edits: edits.value }) : edits;
}

/** `product.upgrade P REVISION`: brings one product to a version, newer, older or the same once more, whatever mode the server is in. */
export function productUpgrade(
  { runId, site }: Pick<VerbRequest, 'runId' | 'site'>,
  { product, revision }: { readonly product: string; readonly revision: string },
): Verb {
  return {
    command: 'product.upgrade',
    refuse: ({ products }) => {
      const name = parseProductName(product);
      return name !== undefined && products.has(name)
        ? refuseVersion(revision)
        : { tag: 'invalid-product', message: product };
    },
    edits: async (host, opened) => {
      const taken = await takenOver(host, opened, { product, runId });
      if (!taken.ok) return taken;
      const { name, edits } = taken.value;
      if (opened.written.desired.products.get(name)?.suspend === true)
        return err(isSuspended(opened, name));
      return ok([[...edits, { path: ['products', name, 'version'], value: revision }]]);
    },
    run: async (host, edited) => {
      const name = parseProductName(product);
      if (name === undefined) return err({ tag: 'invalid-product', message: product });
      const redo = await toRedo(host, edited, { name, runId, root: site.root });
      return ok({ asked: askedOf(name, redo), onFailure: undefined });
    },
  };
}

function askedOf(name: ProductName, redo: readonly ProductName[]): AskedChoices {
  return {
    downgrades: new Set([name]),
    removals: new Set(),
    changesMax: Number.MAX_SAFE_INTEGER,
    selection: { only: [name], exclude: [], redo },
    mode: 'untouched',
  };
}

function isSuspended({ file }: DesiredFile, name: ProductName): OldError {
  return { tag: 'invalid-operation', message: `${name} is suspended in ${file.shown}` };
}

interface ToRedo extends Pick<VerbRequest, 'runId'> {
  readonly name: ProductName;
  readonly root: string;
}

// A version such as TRUNK/NAME-latest is another one every day; and who asks by name asks for what is in quarantine too.
async function toRedo(
  host: Host,
  { written }: EditedFile,
  { name, runId, root }: ToRedo,
): Promise<readonly ProductName[]> {
  const wished = written.desired.products.get(name)?.version;
  const actual = await lookAtProducts(host, written, { products: [name], runId });
  const isThere = valueOf(actual.products.get(name)?.version ?? absent) === wished;
  const quarantine = readQuarantine(host.files, root);
  const isKept = quarantine.ok && inQuarantine(host, written, quarantine.value).has(name);
  return isThere || isKept ? [name] : [];
}
