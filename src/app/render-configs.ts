import type { Rendered } from '../core/diff.ts';
import { renderConfig, renderSettings, type ReadableConfigFormat } from '../format/config.ts';
import type { Template } from '../format/config-input.ts';
import type { Host } from '../host/host.ts';
import type { ConfigDefinition, ServerDefinition } from '../model/definition.ts';
import { inDocumentOrder, type Diagnostic } from '../model/diagnostic.ts';
import type { Expected } from '../model/expected.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { mapTexts, replaceTokens, secretSettings, secretToken } from '../model/secret.ts';
import { emptySettings, type SettingMap } from '../model/settings.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';

/** The config files that the desired state renders to, by product. Fails with everything that cannot be rendered. */
export async function renderConfigs(
  host: Host,
  definition: ServerDefinition,
  { desired, expectedOf }: ToRender,
): Promise<Result<ReadonlyMap<ProductName, Rendered>, Failure>> {
  const texts = new Map<ProductName, Rendered>();
  const problems: Diagnostic[] = [];
  for (const spec of desired.products.values()) {
    const format = definition.products.get(spec.name)?.config?.format;
    const known = expectedOf(spec.name);
    if (known !== undefined && format !== undefined && format !== 'template') {
      texts.set(spec.name, renderLater(spec, format, known.configDigest));
      continue;
    }
    const rendered = await renderConfigOf(host, { definition, desired, spec });
    if (!rendered.ok) problems.push(...rendered.error);
    else if (rendered.value !== undefined) texts.set(spec.name, rendered.value);
  }
  return problems.length === 0
    ? ok(texts)
    : err({ code: 'definition-invalid', diagnostics: inDocumentOrder(problems) });
}

/** What is rendered. */
export interface ToRender {
  readonly desired: DesiredState;
  /** What the files of a product are known to hold: the text is then rendered only where it is asked for. */
  readonly expectedOf: (product: ProductName) => Pick<Expected, 'configDigest'> | undefined;
}

// It was rendered before, from the same settings.
function renderLater(spec: ProductSpec, format: ReadableConfigFormat, digest: string): Rendered {
  return {
    digest,
    get text() {
      const rendered = renderSettings(format, spec.settings ?? emptySettings());
      if (!rendered.ok) throw new Error(`${spec.name} cannot be rendered any more`);
      return rendered.value;
    },
  };
}

/** Whose config file is rendered, and what from. */
export interface ConfigOf {
  readonly definition: ServerDefinition;
  readonly desired: Pick<DesiredState, 'mode'>;
  readonly spec: ProductSpec;
}

/** The config file of one product; undefined where bootstrap leaves the file alone. Fails with everything that cannot be rendered. */
export async function renderConfigOf(
  host: Host,
  { definition, desired, spec }: ConfigOf,
): Promise<Result<Rendered | undefined, readonly Diagnostic[]>> {
  const config = definition.products.get(spec.name)?.config;
  // Without settings a product keeps its config file; a template is rendered all the same.
  if (config === undefined || (spec.settings === undefined && config.format !== 'template'))
    return ok(undefined);
  const text = await renderText(host, { definition, desired, spec }, config);
  return text.ok ? ok({ text: text.value, digest: host.crypto.sha256(text.value) }) : text;
}

async function renderText(
  host: Host,
  { definition, desired, spec }: ConfigOf,
  config: ConfigDefinition,
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
