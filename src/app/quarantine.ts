import { canonical } from '../core/canonical.ts';
import type { Files, Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { folderOf, layoutOf } from '../model/layout.ts';
import { QUARANTINE_FORMAT, type Quarantine } from '../model/quarantine.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';

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

/** The digest of what is wanted of a product: the same block, the same digest, however it is written. */
export function blockDigest({ crypto }: Pick<Host, 'crypto'>, spec: ProductSpec): string {
  const { name, version, repository, settings, dependsOn, heartbeats } = spec;
  const block = canonical({ name, version, repository, settings, dependsOn, heartbeats });
  return crypto.sha256(block ?? '');
}

/** The products of a desired state that are in quarantine as they stand there. */
export function inQuarantine(
  host: Pick<Host, 'crypto'>,
  { products }: DesiredState,
  quarantine: Quarantine,
): ReadonlySet<ProductName> {
  const names = [...products.values()].filter(
    (spec) => quarantine[spec.name]?.digest === blockDigest(host, spec),
  );
  return new Set(names.map(({ name }) => name));
}

/** Why and by which run products are quarantined. */
export interface Verdict {
  readonly root: string;
  readonly runId: string;
  readonly reason: string;
}

/** Puts blocks into quarantine, durably; what was there of other products stays. For the holder of the lock only. */
export function quarantine(
  host: Pick<Host, 'clock' | 'crypto' | 'files'>,
  specs: readonly ProductSpec[],
  { root, runId, reason }: Verdict,
): Result<void, Failure> {
  const before = readQuarantine(host.files, root);
  if (!before.ok) return before;
  const since = host.clock.now().toISOString();
  const added = specs.map((spec) => [
    spec.name,
    { digest: blockDigest(host, spec), runId, since, reason },
  ]);
  return write(host.files, root, { ...before.value, ...Object.fromEntries(added) });
}

/** Lets products out: their blocks changed, or were applied well after all. */
export function release(
  files: Files,
  root: string,
  names: Iterable<ProductName>,
): Result<void, Failure> {
  const before = readQuarantine(files, root);
  if (!before.ok) return before;
  const free = new Set<string>(names);
  const left = Object.entries(before.value).filter(([name]) => !free.has(name));
  if (left.length === Object.keys(before.value).length) return ok(undefined);
  return write(files, root, Object.fromEntries(left));
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
