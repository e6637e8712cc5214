import { canonical } from '../core/canonical.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Files, Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import { QUARANTINE_FORMAT, type Quarantine } from '../model/quarantine.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ProductSpec } from '../model/state.ts';
import type { Written } from './load.ts';
import { readStateFile, writeStateFile, type StateFile } from './state-file.ts';

const STATE_FILE_BITS = 0o644;

/** What is quarantined. Fails where that cannot be told: nothing may be tried then that perhaps must not be. */
export function readQuarantine(
  files: Pick<Files, 'read'>,
  root: string,
): Result<Quarantine, Failure> {
  const file = stateFile(root);
  const document = readStateFile(files, file);
  if (!document.ok) return document;
  const products: unknown = document.value === undefined ? {} : document.value['products'];
  if (typeof products === 'object' && products !== null) return ok(products as Quarantine);
  const why = 'it is damaged (it names no products)';
  return err({ code: 'file-unusable', path: file.path, why, what: 'read' });
}

function stateFile(root: string): StateFile {
  return { path: layoutOf(root).quarantine, format: QUARANTINE_FORMAT };
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
  const names = [...written.desired.products.values()].filter((spec) => {
    // Seldom is anything in quarantine, and a digest of all settings is dear.
    const held = quarantine[spec.name];
    return held !== undefined && held.digest === blockDigest(host, spec, written);
  });
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
  const written = writeStateFile(files, {
    ...stateFile(root),
    body: { products },
    modeBits: STATE_FILE_BITS,
  });
  failpoint('quarantine.written');
  return written;
}

/** What is quarantined, as far as it can be read: for those who only tell of it. */
export function quarantineSeen(files: Pick<Files, 'read'>, root: string): Quarantine {
  const read = readQuarantine(files, root);
  return read.ok ? read.value : {};
}
