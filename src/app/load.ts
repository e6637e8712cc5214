import { readDefinition } from '../actual/definition.ts';
import { refuseFile } from '../actual/trust.ts';
import type { Rendered } from '../core/diff.ts';
import type { ExpectedFiles } from '../desired/compiled.ts';
import { loadDesired } from '../desired/load.ts';
import type { SettingsSchemas } from '../desired/settings-schema.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { OriginOf, PlainMap } from '../model/document.ts';
import { likelyText, settingsRecord, type Expected } from '../model/expected.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { secretsIn } from '../model/secret.ts';
import { emptySettings, type SettingMap } from '../model/settings.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';
import { readCompiled, type Reading } from './compiled.ts';
import { renderConfigs } from './render-configs.ts';
import type { Site } from './site.ts';
import { withTexts } from './with-texts.ts';

/** Everything that people wrote: what the server can run, what it is to be, and the config files that come of both. */
export interface Written extends Reading {
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
  const ini = host.files.read(site.definition.path);
  const definitionText = valueOf(ini) ?? '';
  const before = readCompiled(host, site.root);
  const asBefore = ini.kind === 'known' && before?.definition === definitionText;
  const definition =
    asBefore && isOf(before.server, site)
      ? unlessRefused(host, site.definition.path, before.server)
      : loadDefinition(withTexts(host, new Map([[site.definition.path, ini]])), site);
  if (!definition.ok) return definition;
  const schemas = await loadSettingsSchemas(host, definition.value);
  if (!schemas.ok) return schemas;
  const loaded = loadDesired(host.files, {
    paths: site.desired,
    definition: definition.value,
    settingsSchemas: schemas.value,
    digest: (text) => host.crypto.sha256(text),
    kept: { definitionText, before },
  });
  if (!loaded.ok) return loaded;
  const { desired, compiled } = loaded.value;
  const keptOf = (name: ProductName): ExpectedFiles | undefined =>
    compiled?.products.get(name)?.files;
  const rendered = await renderConfigs(host, definition.value, { desired, expectedOf: keptOf });
  if (!rendered.ok) return rendered;
  const whole = { definition: definition.value, ...loaded.value, rendered: rendered.value };
  return ok({
    ...whole,
    expected: expectedOf(whole),
    isFresh: compiled !== before,
    templates: readTemplates(host.files, definition.value, desired),
  });
}

// Of a template the text does not tell the settings, and what holds secrets is compared with them filled in.
function expectedOf({
  definition,
  desired,
  compiled,
  rendered,
}: Omit<Written, 'expected' | 'isFresh' | 'templates'>): ReadonlyMap<ProductName, Expected> {
  const expected = new Map<ProductName, Expected>();
  for (const spec of desired.products.values()) {
    const settings = (): SettingMap => spec.settings ?? emptySettings();
    const kept = compiled?.products.get(spec.name)?.files;
    const config = rendered.get(spec.name);
    if (kept !== undefined) expected.set(spec.name, { ...kept, settings });
    else if (config !== undefined && isTold(spec, definition, config))
      expected.set(spec.name, {
        config: likelyText(Buffer.from(config.text)),
        configDigest: config.digest,
        record: likelyText(Buffer.from(settingsRecord(settings()))),
        settings,
      });
  }
  return expected;
}

function isTold(
  { name, settings }: ProductSpec,
  { products }: ServerDefinition,
  { text }: Rendered,
): boolean {
  const format = products.get(name)?.config?.format;
  return settings !== undefined && format !== 'template' && secretsIn(text).length === 0;
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
  return read.ok ? unlessRefused(host, definition.path, read.value) : read;
}

// Of a file by another name, or of another root, its words are others.
function isOf({ root, file }: ServerDefinition, site: Site): boolean {
  return root === site.root && file === site.definition.shown;
}

function unlessRefused(
  host: Host,
  path: HostPath,
  definition: ServerDefinition,
): Result<ServerDefinition, Failure> {
  const refusals = refuseFile(host, path);
  return refusals.length > 0 ? err({ code: 'script-refused', refusals }) : ok(definition);
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
