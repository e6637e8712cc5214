import { readDefinition } from '../actual/definition.ts';
import { refuseFile } from '../actual/trust.ts';
import type { Rendered } from '../core/diff.ts';
import { loadDesired } from '../desired/load.ts';
import type { SettingsSchemas } from '../desired/settings-schema.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { OriginOf, PlainMap } from '../model/document.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { DesiredState } from '../model/state.ts';
import { renderConfigs } from './render-configs.ts';
import type { Site } from './site.ts';

/** Everything that people wrote: what the server can run, what it is to be, and the config files that come of both. */
export interface Written {
  readonly definition: ServerDefinition;
  readonly desired: DesiredState;
  /** Which file and line set a value of `desired`. */
  readonly originOf: OriginOf;
  /** What was written, merged, as plain data. */
  readonly document: () => PlainMap;
  readonly rendered: ReadonlyMap<ProductName, Rendered>;
  /** The templates that it was rendered with, by path. */
  readonly templates: Readonly<Record<string, string>>;
}

/** Reads and checks what people wrote. Fails with all problems of bootstrap.ini, else with all of the desired state's files. */
export async function loadWritten(host: Host, site: Site): Promise<Result<Written, Failure>> {
  const definition = loadDefinition(host, site);
  if (!definition.ok) return definition;
  const schemas = await loadSettingsSchemas(host, definition.value);
  if (!schemas.ok) return schemas;
  const loaded = loadDesired(host.files, {
    paths: site.desired,
    definition: definition.value,
    settingsSchemas: schemas.value,
    digest: (text) => host.crypto.sha256(text),
  });
  if (!loaded.ok) return loaded;
  const rendered = await renderConfigs(host, definition.value, loaded.value.desired);
  if (!rendered.ok) return rendered;
  return ok({
    definition: definition.value,
    ...loaded.value,
    rendered: rendered.value,
    templates: readTemplates(host.files, definition.value, loaded.value.desired),
  });
}

function readTemplates(
  files: Host['files'],
  definition: ServerDefinition,
  { products }: DesiredState,
): Readonly<Record<string, string>> {
  const paths = [...products.keys()].flatMap(
    (name) => definition.products.get(name)?.config?.template ?? [],
  );
  return Object.fromEntries(
    paths.flatMap((path) => {
      const text = valueOf(files.read(hostPath(definition.root, path)));
      return text === undefined ? [] : [[path, text]];
    }),
  );
}

/** bootstrap.ini, refused where somebody else could have changed it. */
export function loadDefinition(
  host: Host,
  { root, definition }: Site,
): Result<ServerDefinition, Failure> {
  const read = readDefinition(host.files, {
    path: definition.path,
    shownPath: definition.shown,
    root,
  });
  if (!read.ok) return read;
  const refusals = refuseFile(host, definition.path);
  return refusals.length > 0 ? err({ code: 'script-refused', refusals }) : read;
}

/** The settings-schemas of bootstrap.ini, ready for use; undefined where it names none. Fails with all that is wrong with them. */
export async function loadSettingsSchemas(
  { files }: Pick<Host, 'files'>,
  definition: ServerDefinition,
): Promise<Result<SettingsSchemas | undefined, Failure>> {
  const isNamed = [...definition.products.values()].some((product) => product.settingsSchema);
  if (!isNamed) return ok(undefined);
  // Loaded on demand: ajv costs as much as all the rest of a start.
  const { readSettingsSchemas } = await import('../desired/settings-schema.ts');
  return readSettingsSchemas(files, definition);
}
