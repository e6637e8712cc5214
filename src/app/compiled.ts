import { refuseFile } from '../actual/trust.ts';
import { compiledText, parseCompiled } from '../desired/compiled-text.ts';
import type { Compiled } from '../desired/compiled.ts';
import type { Host } from '../host/host.ts';
import type { Expected } from '../model/expected.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';

declare const __BUILD__: string;

// It holds all settings, which not everybody on the server need know.
const FILE_BITS = 0o600;
// Four times the largest desired state, with the files that come of it.
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** What the desired state was read as by the last run; undefined where that is not there, or not to be relied on. */
export function readCompiled(host: Host, root: string): Compiled | undefined {
  const path = layoutOf(root).compiled;
  const bytes = valueOf(host.files.readHead(path, KEPT_BYTES_MAX));
  // Who could write to it could have anything applied.
  if (bytes === undefined || refuseFile(host, path).length > 0) return undefined;
  return parseCompiled(bytes, __BUILD__);
}

/** What a desired state was read as, and what that lets a look at the server expect. */
export interface Reading {
  /** To be kept; undefined where nothing can be. */
  readonly compiled: Compiled | undefined;
  /** True where that is not what is kept already. */
  readonly isFresh: boolean;
  /** What products hold that are as they should be, where that can be told without looking closer. */
  readonly expected: ReadonlyMap<ProductName, Expected>;
}

/** Keeps a reading for the next run, which then parses only what changed. For the holder of the lock only. */
export function keepCompiled(
  host: Host,
  root: string,
  { compiled, isFresh, expected }: Reading,
): Result<void, Failure> {
  if (compiled === undefined || !isFresh) return ok(undefined);
  const products = [...compiled.products].map(([name, product]) => {
    const files = expected.get(product.spec.name);
    return [name, { ...product, files }] as const;
  });
  const path = layoutOf(root).compiled;
  const folder = host.files.makeFolder(folderOf(path));
  if (!folder.ok) return folder;
  const text = compiledText({ ...compiled, products: new Map(products) }, __BUILD__);
  return host.files.replace(path, text, { modeBits: FILE_BITS });
}
