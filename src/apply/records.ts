import type { Files, FileWrite } from '../host/host.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Deed } from '../model/action.ts';
import { settingsRecord } from '../model/expected.ts';
import type { Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath, ProductName } from '../model/ids.ts';
import {
  folderOf,
  layoutOf,
  PRODUCT_FILES,
  productFolder,
  productPath,
  type ProductFile,
} from '../model/layout.ts';
import type { ServerMode } from '../model/mode.ts';
import type { SettingMap } from '../model/settings.ts';
import { ok, type Result } from '../model/result.ts';

const STATE_FILE_BITS = 0o644;
// Settings may say more of a server than everybody on it need know.
const SETTINGS_FILE_BITS = 0o600;

/** What is written under /var/bootstrap during one run, and how to take back what turned out not to have happened. */
export interface Records {
  product(deed: Extract<Deed, { readonly do: 'record-product' }>): Promise<Result<void, Failure>>;
  mode(mode: ServerMode): Result<void, Failure>;
  /** Takes everything on record of a product away; what others put into its folder stays. */
  forget(product: ProductName): Result<void, Failure>;
  /** What is told of a product last, in its own file. */
  message(product: ProductName, text: string): Result<void, Failure>;
  /** The product was left half done: says so, and why, in its own files and the server's. */
  invalid(product: ProductName, message: string): Result<void, Failure>;
  /** The server was left half done. */
  serverInvalid(message: string): Result<void, Failure>;
  /** Puts a product's status back to what it was before this run. */
  restoreProduct(product: ProductName): Result<void, Failure>;
  /** Puts server-mode back to what it was before this run. */
  restoreMode(): Result<void, Failure>;
}

/** Where records are kept, and how settings are made fit to be. */
export interface RecordsOptions {
  readonly root: string;
  /** Settings with keyed hashes in place of secrets. */
  readonly sealed: (settings: SettingMap) => Result<SettingMap, Failure>;
}

/** Records under the server at `root`; every write is durable before it is called done. */
export function createRecords(files: Files, { root, sealed }: RecordsOptions): Records {
  const layout = layoutOf(root);
  const before = new Map<HostPath, Fact<string>>();
  const remember = (path: HostPath): void => {
    if (!before.has(path)) before.set(path, files.read(path));
  };
  const write = (path: HostPath, text: string): Result<void, Failure> => {
    remember(path);
    const folder = files.makeFolder(folderOf(path));
    return folder.ok ? files.replace(path, text, { modeBits: STATE_FILE_BITS }) : folder;
  };
  const writeAll = (writes: readonly (readonly [HostPath, string])[]): Result<void, Failure> => {
    for (const [path, text] of writes) {
      const written = write(path, `${text}\n`);
      if (!written.ok) return written;
    }
    return ok(undefined);
  };
  const restore = (path: HostPath): Result<void, Failure> => {
    const was = before.get(path);
    if (was === undefined || was.kind === 'unreadable') return ok(undefined);
    return was.kind === 'known'
      ? files.replace(path, was.value, { modeBits: STATE_FILE_BITS })
      : files.remove(path);
  };
  const at = (product: ProductName, file: ProductFile): HostPath =>
    productPath(root, product, file);
  return {
    async product(deed) {
      const waves = wavesOf(deed, { at, sealed });
      if (!waves.ok) return waves;
      if (deed.status !== undefined) remember(at(deed.product, 'status'));
      return await files.replaceAll(waves.value);
    },
    mode: (mode) => writeAll([[layout.serverMode, mode]]),
    forget: (product) => forget(files, root, product),
    message: (product, text) => writeAll([[at(product, 'lastmessage'), text]]),
    invalid: (product, message) =>
      writeAll([
        [at(product, 'status'), 'invalid'],
        [at(product, 'lastmessage'), message],
      ]),
    serverInvalid: (message) => {
      const written = writeAll([
        [layout.serverMode, 'invalid'],
        [layout.serverMessage, message],
      ]);
      failpoint('record.server-invalid');
      return written;
    },
    restoreProduct: (product) => restore(at(product, 'status')),
    restoreMode: () => restore(layout.serverMode),
  };
}

// The version goes last: until then a product that was half forgotten is still on record.
const FORGOTTEN_LAST: ProductFile = 'version';

function forget(files: Files, root: string, product: ProductName): Result<void, Failure> {
  const first = PRODUCT_FILES.filter((file) => file !== FORGOTTEN_LAST);
  for (const file of [...first, FORGOTTEN_LAST]) {
    const removed = files.remove(productPath(root, product, file));
    if (!removed.ok) return removed;
  }
  return files.removeEmptyFolder(productFolder(root, product));
}

// Those of one value, which a deed records.
type PlainFile = Exclude<ProductFile, 'settings.json' | 'lastmessage'>;

interface RecordPlaces extends Pick<RecordsOptions, 'sealed'> {
  readonly at: (product: ProductName, file: ProductFile) => HostPath;
}

/**
 * The files of a record, each wave on disk before the next: what says that something is unfinished comes before all else, a version after
 * all that it stands for, and that all is well at the very end.
 */
function wavesOf(
  deed: Extract<Deed, { readonly do: 'record-product' }>,
  { at, sealed }: RecordPlaces,
): Result<readonly (readonly FileWrite[])[], Failure> {
  const { product, version, repository, status, settings, configDigest, protect } = deed;
  const write = (file: PlainFile, value: string | undefined): readonly FileWrite[] => {
    const path = at(product, file);
    return value === undefined ? [] : [{ path, text: `${value}\n`, modeBits: STATE_FILE_BITS }];
  };
  const hashed = settings && sealed(settings);
  if (hashed?.ok === false) return hashed;
  const path = at(product, 'settings.json');
  const applied: readonly FileWrite[] =
    hashed === undefined
      ? []
      : [{ path, text: settingsRecord(hashed.value), modeBits: SETTINGS_FILE_BITS }];
  const waves = [
    write('status', status === 'valid' ? undefined : status),
    [
      ...write('repository', repository),
      ...write('config-digest', configDigest),
      ...write('protect', protect === undefined ? undefined : protect ? 'yes' : 'no'),
      ...applied,
    ],
    write('version', version),
    write('status', status === 'valid' ? status : undefined),
  ];
  return ok(waves.filter((wave) => wave.length > 0));
}
