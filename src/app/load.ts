import { readDefinition } from '../actual/definition.ts';
import { refuseFile } from '../actual/trust.ts';
import { loadDesired } from '../desired/load.ts';
import type { SettingsSchemas } from '../desired/settings-schema.ts';
import { renderConfig } from '../format/config.ts';
import type { Template } from '../format/config-input.ts';
import type { Host } from '../host/host.ts';
import type { ConfigDefinition, ServerDefinition } from '../model/definition.ts';
import { inDocumentOrder, type Diagnostic } from '../model/diagnostic.ts';
import type { OriginOf } from '../model/document.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { mapTexts, replaceTokens, secretSettings, secretToken } from '../model/secret.ts';
import { emptySettings, type SettingMap } from '../model/settings.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';
import type { Site } from './site.ts';

/** Everything that people wrote: what the server can run, what it is to be, and the config files that come of both. */
export interface Written {
  readonly definition: ServerDefinition;
  readonly desired: DesiredState;
  /** Which file and line set a value of `desired`. */
  readonly originOf: OriginOf;
  readonly rendered: ReadonlyMap<ProductName, string>;
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
  const rendered = await renderAll(host, definition.value, loaded.value.desired);
  if (!rendered.ok) return rendered;
  return ok({ definition: definition.value, ...loaded.value, rendered: rendered.value });
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

/** The config files that the desired state renders to, by product. Fails with everything that cannot be rendered. */
export async function renderAll(
  host: Host,
  definition: ServerDefinition,
  desired: DesiredState,
): Promise<Result<ReadonlyMap<ProductName, string>, Failure>> {
  const texts = new Map<ProductName, string>();
  const problems: Diagnostic[] = [];
  for (const spec of desired.products.values()) {
    const config = definition.products.get(spec.name)?.config;
    // Without settings a product keeps its config file; a template is rendered all the same.
    if (config === undefined || (spec.settings === undefined && config.format !== 'template'))
      continue;
    const text = await renderOne(host, { definition, desired, spec, config });
    if (text.ok) texts.set(spec.name, text.value);
    else problems.push(...text.error);
  }
  return problems.length === 0
    ? ok(texts)
    : err({ code: 'definition-invalid', diagnostics: inDocumentOrder(problems) });
}

interface ConfigOf {
  readonly definition: ServerDefinition;
  readonly desired: DesiredState;
  readonly spec: ProductSpec;
  readonly config: ConfigDefinition;
}

async function renderOne(
  host: Host,
  { definition, desired, spec, config }: ConfigOf,
): Promise<Result<string, readonly Diagnostic[]>> {
  const template = readTemplate(host, definition.root, config);
  if (!template.ok) return err([template.error]);
  const settings = spec.settings ?? emptySettings();
  const render = (values: SettingMap): ReturnType<typeof renderConfig> =>
    renderConfig(config.format, {
      settings: values,
      product: spec.name,
      version: spec.version,
      mode: desired.mode,
      root: definition.root,
      template: template.value,
    });
  const rendered = await render(settings);
  if (rendered.ok) {
    // Secrets are filled in when the text is written. Had the template looked into one, two stand-ins would tell.
    const other =
      secretSettings(settings).length > 0 ? await render(mapTexts(settings, otherToken)) : rendered;
    if (other.ok && other.value === otherToken(rendered.value)) return rendered;
    return err([configProblem(config, `${spec.name}: the template changes or tests a secret`)]);
  }
  return err(
    rendered.error.map((problem) =>
      problem.at === 'template'
        ? problem.diagnostic
        : configProblem(config, `${spec.name}.${problem.path.join('.')}: ${problem.why}`),
    ),
  );
}

function otherToken(text: string): string {
  return replaceTokens(text, (token) =>
    secretToken({ source: 'fromEnv', name: `OTHER:${token.slice(1, -1)}` }),
  );
}

function readTemplate(
  { files }: Host,
  root: string,
  config: ConfigDefinition,
): Result<Template | undefined, Diagnostic> {
  if (config.template === undefined) return ok(undefined);
  const path = hostPath(root, config.template);
  const text = files.read(path);
  if (text.kind === 'known') return ok({ file: path, text: text.value });
  return err(
    configProblem(
      config,
      text.kind === 'absent'
        ? `the template ${path} does not exist`
        : `the template ${path}: ${text.why}`,
    ),
  );
}

function configProblem(config: ConfigDefinition, summary: string): Diagnostic {
  return {
    code: 'config-not-renderable',
    severity: 'error',
    summary,
    detail: undefined,
    span: { ...config.place, endColumn: config.place.column },
    sourceLine: undefined,
    fix: 'mend the template, or its path in bootstrap.ini',
  };
}
