import { readServerKeys } from '../actual/server-keys.ts';
import { oldErrorOf } from '../core/old-error.ts';
import { oldProductLine } from '../core/old-text.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { PlainValue } from '../model/document.ts';
import { valueOf } from '../model/fact.ts';
import { parseProductName, type ProductName } from '../model/ids.ts';
import { layoutOf, productPath, type ProductFile } from '../model/layout.ts';
import { parseProductStatus } from '../model/mode.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import { compareText } from '../model/text-order.ts';
import { stepsTo, valueAt } from './imperative-setting.ts';
import { loadDefinition, loadWritten, type Written } from './load.ts';
import { showLock } from './lock.ts';
import type { Site } from './site.ts';

/** What the old tool's questions are answered from: what is on record, and what is wished where that can be read. */
interface Sources {
  readonly host: Host;
  readonly site: Site;
  readonly definition: ServerDefinition;
  /** Undefined where there is no desired state, or none that can be read: the records tell all the same. */
  readonly written: Written | undefined;
}

async function sourcesOf(host: Host, site: Site): Promise<Result<Sources, OldError>> {
  const definition = loadDefinition(host, site);
  if (!definition.ok) return err(oldErrorOf([definition.error]));
  const written = await loadWritten(host, site);
  return ok({
    host,
    site,
    definition: definition.value,
    written: written.ok ? written.value : undefined,
  });
}

/** `product.get P KEY`: the bare recorded value; '' where nothing is recorded. Takes no lock. */
export async function productGet(
  host: Host,
  site: Site,
  { product, key }: { readonly product: string; readonly key: string },
): Promise<Result<string, OldError>> {
  const sources = await sourcesOf(host, site);
  if (!sources.ok) return sources;
  const name = parseProductName(product);
  if (name === undefined || !namesIn(sources.value).includes(name))
    return err({ tag: 'invalid-product', message: product });
  const value = valueOfKey(sources.value, name, key);
  return value === undefined ? err({ tag: 'invalid-key', message: key }) : ok(value);
}

function valueOfKey(sources: Sources, name: ProductName, key: string): string | undefined {
  switch (key) {
    case 'status':
    case 'lastmessage':
      return recorded(sources, name, key) ?? '';
    case 'version':
    case 'repository':
      return wishedOrRecorded(sources, name, key);
    case 'upgrade-script':
      return sources.definition.products.get(name)?.scripts.get('upgrade')?.path;
    case 'mode-script':
      return sources.definition.products.get(name)?.scripts.get('mode')?.path;
    default:
      return settingText(sources, name, key);
  }
}

// As a shell script reads them.
function recorded(
  { host, site }: Pick<Sources, 'host' | 'site'>,
  name: ProductName,
  file: ProductFile,
): string | undefined {
  const text = valueOf(host.files.read(productPath(site.root, name, file)))?.trim();
  return text === '' ? undefined : text;
}

// What was set counts as recorded, but while somebody is bringing it about, or has failed to, the old value does.
function wishedOrRecorded(
  sources: Sources,
  name: ProductName,
  key: 'version' | 'repository',
): string {
  const { written } = sources;
  const [wish, record] = [written?.desired.products.get(name)?.[key], recorded(sources, name, key)];
  const isOpen =
    (parseProductStatus(recorded(sources, name, 'status') ?? '') ?? 'valid') !== 'valid';
  const value = isOpen || isAtWork(sources) ? (record ?? wish) : (wish ?? record);
  return value ?? '';
}

function isAtWork({ host, site }: Sources): boolean {
  const lock = showLock(host, site);
  return lock.ok && lock.value.state === 'held' && lock.value.liveness.is !== 'dead';
}

// As it is written where it is written, or else as a schema fills it in; never the value of a secret.
function settingText({ written }: Sources, name: ProductName, key: string): string | undefined {
  if (written === undefined) return undefined;
  const settings = valueAt(written.document(), ['products', name, 'settings']);
  const value = valueAt(settings, stepsTo(settings, key));
  return value === undefined || value === null ? undefined : textOf(value);
}

function textOf(value: PlainValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `product.list`: a line a product, those of bootstrap.ini and those on record. Takes no lock. */
export async function productList(host: Host, site: Site): Promise<Result<string, OldError>> {
  const sources = await sourcesOf(host, site);
  if (!sources.ok) return sources;
  const lines = namesIn(sources.value).map((name) =>
    oldProductLine({
      name,
      version: wishedOrRecorded(sources.value, name, 'version'),
      repository: wishedOrRecorded(sources.value, name, 'repository'),
      status: recorded(sources.value, name, 'status') ?? '',
      lastmessage: recorded(sources.value, name, 'lastmessage') ?? '',
    }),
  );
  return ok(lines.join(''));
}

function namesIn({ host, site, definition }: Sources): readonly ProductName[] {
  const folders = valueOf(host.files.list(layoutOf(site.root).products)) ?? [];
  const onRecord = folders.flatMap((folder) => parseProductName(folder) ?? []);
  return [...new Set([...definition.products.keys(), ...onRecord])].toSorted(compareText);
}

const MODE_KEY = 'server-mode';

/** `server.get KEY`: a key of [bootstrap] as it is written, or server-mode as it reads. Takes no lock. */
export function serverGet(host: Host, site: Site, key: string): Result<string, OldError> {
  if (key === MODE_KEY) return ok(serverModeNow(host, site));
  const keys = readServerKeys(host.files, site.definition);
  if (!keys.ok) return err(oldErrorOf([keys.error]));
  const value = keys.value.get(key.toLowerCase());
  return value === undefined ? err({ tag: 'invalid-key', message: key }) : ok(value);
}

/** What server-mode reads; a server that never had one is unprovisioned. */
export function serverModeNow({ files }: Pick<Host, 'files'>, { root }: Site): string {
  const text = valueOf(files.read(layoutOf(root).serverMode))?.trim() ?? '';
  return text === '' ? 'unprovisioned' : text;
}

/** Why `server.set KEY` sets nothing; undefined for server-mode, which is changed as `server.mode` does. */
export function refuseServerKey(host: Host, site: Site, key: string): OldError | undefined {
  if (key === MODE_KEY) return undefined;
  const found = serverGet(host, site, key);
  return found.ok
    ? { tag: 'invalid-operation', message: `${key} is a readonly value` }
    : found.error;
}
