import { canonical } from '../core/canonical.ts';
import type { Files, Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { QUARANTINE_FORMAT, type Quarantine } from '../model/quarantine.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ProductSpec } from '../model/state.ts';
import type { Written } from './load.ts';

const STATE_FILE_BITS = 0o644;

/** What is quarantined. Fails where that cannot be told: nothing may be tried then that perhaps must not be. */
export function readQuarantine(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Quarantine, Failure> {
  const path = layoutOf(root).quarantine;
  const text = files.read(path);
  if (text.kind === 'absent') return ok({});
  const unusable = (why: string): Result<never, Failure> =>
    err<Failure>({ code: 'file-unusable', path, why, what: 'read' });
  if (text.kind === 'unreadable') return unusable(text.why);
  const document = parse(text.value);
  if (document === undefined) return unusable('it is damaged (not JSON)');
  return document.schema === QUARANTINE_FORMAT
    ? ok(document.products)
    : unusable(
        `its format is ${String(document.schema)}, this bootstrap knows ${QUARANTINE_FORMAT}`,
      );
}

function parse(
  text: string,
): { readonly schema: unknown; readonly products: Quarantine } | undefined {
  try {
    return JSON.parse(text) as { readonly schema: unknown; readonly products: Quarantine };
  } catch {
    return undefined;
  }
}

/** What people wrote, as far as it tells one block from another. */
export type Blocks = Pick<Written, 'desired' | 'rendered'>;

/** The digest of what is wanted of a product: the same block and template, the same digest, however they are written. */
export function blockDigest(
  { crypto }: Pick<Host, 'crypto'>,
  spec: ProductSpec,
  { rendered }: Pick<Blocks, 'rendered'>,
): string {
  const { name, version, repository, settings, dependsOn, heartbeats } = spec;
  const block = canonical({
    name,
    version,
    repository,
    settings,
    dependsOn,
    heartbeats,
    config: rendered.get(name)?.text,
  });
  return crypto.sha256(block ?? '');
}

/** The products of a desired state that are in quarantine as they stand there. */
export function inQuarantine(
  host: Pick<Host, 'crypto'>,
  written: Blocks,
  quarantine: Quarantine,
): ReadonlySet<ProductName> {
  const names = [...written.desired.products.values()].filter(
    (spec) => quarantine[spec.name]?.digest === blockDigest(host, spec, written),
  );
  return new Set(names.map(({ name }) => name));
}

/** Which products a run quarantines, each with the reason. */
export interface Verdict {
  readonly root: string;
  readonly runId: string;
  readonly reasons: ReadonlyMap<ProductName, string>;
}

/** Puts blocks into quarantine as they are written, durably; what was there of other products stays. For the holder of the lock only. */
export function quarantine(
  host: Pick<Host, 'clock' | 'crypto' | 'files'>,
  written: Blocks,
  { root, runId, reasons }: Verdict,
): Result<void, Failure> {
  const before = readQuarantine(host.files, root);
  if (!before.ok) return before;
  const since = host.clock.now().toISOString();
  const added = [...reasons].flatMap(([name, reason]) => {
    const spec = written.desired.products.get(name);
    if (spec === undefined) return [];
    return [[name, { digest: blockDigest(host, spec, written), runId, since, reason }]];
  });
  if (added.length === 0) return ok(undefined);
  return write(host.files, root, { ...before.value, ...Object.fromEntries(added) });
}

/** Lets all products out: their blocks changed, are gone, or were applied well after all. */
export function release(files: Files, root: string): Result<void, Failure> {
  const before = readQuarantine(files, root);
  if (!before.ok) return before;
  return Object.keys(before.value).length === 0 ? ok(undefined) : write(files, root, {});
}

function write(files: Files, root: string, products: Quarantine): Result<void, Failure> {
  const path = layoutOf(root).quarantine;
  const folder = files.makeFolder(folderOf(path));
  if (!folder.ok) return folder;
  const text = `${JSON.stringify({ schema: QUARANTINE_FORMAT, products }, undefined, 2)}\n`;
  return files.replace(path, text, { modeBits: STATE_FILE_BITS });
}

/** What is quarantined, as far as it can be read: for those who only tell of it. */
export function quarantineSeen(files: Pick<Files, 'read'>, root: string): Quarantine {
  const read = readQuarantine(files, root);
  return read.ok ? read.value : {};
}
