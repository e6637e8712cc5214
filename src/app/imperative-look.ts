import { readActual } from '../actual/read.ts';
import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { ProductName, RunId } from '../model/ids.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ActualState } from '../model/state.ts';
import type { DesiredFile, Edit } from './imperative-file.ts';
import type { Written } from './load.ts';
import { lookContext } from './look.ts';

/** What is on the server of these products, by its records and probe-scripts. */
export async function lookAtProducts(
  host: Host,
  { definition }: Pick<Written, 'definition'>,
  { products, runId }: { readonly products: readonly ProductName[]; readonly runId: RunId },
): Promise<ActualState> {
  const { environment } = lookContext(host, definition, { runId });
  const probe = { root: definition.root, environment, mask: [] };
  return await readActual(host, { definition, products, probe });
}

/** Edits that take a product over which is on record and that no file names: in the version and from the repository on record. Nothing for others. */
export function takeOver(
  { written }: Pick<DesiredFile, 'written'>,
  actual: ActualState,
  name: ProductName,
): Result<readonly Edit[], OldError> {
  if (written.desired.products.has(name)) return ok([]);
  const found = actual.products.get(name);
  if (found === undefined) return ok([]);
  const { version, repository } = found;
  for (const fact of [version, repository])
    if (fact.kind === 'unreadable')
      return err({ tag: 'invalid-operation', message: `${name}: ${fact.why}` });
  const values = { version: valueOf(version), repository: valueOf(repository) };
  return ok(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [{ path: ['products', name, key], value }],
    ),
  );
}
