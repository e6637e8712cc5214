import type { Host } from '../host/host.ts';
import { absent, valueOf } from '../model/fact.ts';
import { parseProductName, parseVersion, type ProductName } from '../model/ids.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Verb, VerbRequest } from './imperative.ts';
import type { DesiredFile, EditedFile } from './imperative-file.ts';
import { lookAtProducts, takeOver } from './imperative-look.ts';
import { settingEdits } from './imperative-setting.ts';
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
    edits: async (host, opened) => {
      const named = productIn(opened, product);
      if (!named.ok) return named;
      const { value: name } = named;
      if (READ_ONLY.includes(key)) return err(readOnly(key));
      const ways = waysToSet(opened, name, { key, value });
      if (!ways.ok) return ways;
      const actual = await lookAtProducts(host, opened.written, { products: [name], runId });
      const taken = takeOver(opened, actual, name);
      if (!taken.ok) return taken;
      const [first, ...others] = ways.value;
      return ok([[...taken.value, ...first], ...others.map((way) => [...taken.value, ...way])]);
    },
    run: undefined,
  };
}

type Ways = Extract<Awaited<ReturnType<Verb['edits']>>, { readonly ok: true }>['value'];

function waysToSet(
  opened: DesiredFile,
  name: ProductName,
  { key, value }: Pick<ProductSetting, 'key' | 'value'>,
): Result<Ways, OldError> {
  if (key !== 'version' && key !== 'repository')
    return settingEdits(opened.written, { name, key, value });
  if (key === 'version' && parseVersion(value) === undefined) return err(invalidVersion(value));
  return ok([[{ path: ['products', name, key], value }]]);
}

/** The product of bootstrap.ini that a word names. */
export function productIn(
  { written }: Pick<DesiredFile, 'written'>,
  word: string,
): Result<ProductName, OldError> {
  const name = parseProductName(word);
  return name !== undefined && written.definition.products.has(name)
    ? ok(name)
    : err({ tag: 'invalid-product', message: word });
}

function readOnly(key: string): OldError {
  return { tag: 'invalid-operation', message: `${key} is a readonly value` };
}

function invalidVersion(version: string): OldError {
  return { tag: 'invalid-version', message: version };
}

/** `product.upgrade P REVISION`: brings one product to a version, newer, older or the same once more, whatever mode the server is in. */
export function productUpgrade(
  { runId, site }: Pick<VerbRequest, 'runId' | 'site'>,
  { product, revision }: { readonly product: string; readonly revision: string },
): Verb {
  return {
    command: 'product.upgrade',
    edits: async (host, opened) => {
      const named = productIn(opened, product);
      if (!named.ok) return named;
      if (parseVersion(revision) === undefined) return err(invalidVersion(revision));
      const { value: name } = named;
      if (opened.written.desired.products.get(name)?.suspend === true)
        return err(isSuspended(opened, name));
      const actual = await lookAtProducts(host, opened.written, { products: [name], runId });
      const taken = takeOver(opened, actual, name);
      if (!taken.ok) return taken;
      return ok([[...taken.value, { path: ['products', name, 'version'], value: revision }]]);
    },
    run: async (host, edited) => {
      const name = productIn(edited, product);
      if (!name.ok) return name;
      const redo = await toRedo(host, edited, { name: name.value, runId, root: site.root });
      return ok({
        asked: {
          downgrades: new Set([name.value]),
          removals: new Set(),
          changesMax: Number.MAX_SAFE_INTEGER,
          selection: { only: [name.value], exclude: [], redo },
          mode: 'untouched',
        },
        onFailure: undefined,
      });
    },
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
