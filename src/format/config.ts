import type { ConfigFormat } from '../model/definition.ts';
import { err, type Result } from '../model/result.ts';
import type { SettingMap } from '../model/settings.ts';
import { envSecret, readEnv, renderEnv } from './config-env.ts';
import { readIni, renderIni } from './config-ini.ts';
import type { ConfigInput, RenderProblem } from './config-input.ts';
import { jsonSecret, readJsonSettings, renderJson } from './config-json.ts';
import { readYamlSettings, renderYaml, yamlSecret } from './config-yaml.ts';

/** The formats that can be read back, and so are compared as settings. */
export type ReadableConfigFormat = Exclude<ConfigFormat, 'template'>;

/** The text of a config file: same input, same bytes. Fails with every setting that cannot be written, or the first fault of the template. */
export async function renderConfig(
  format: ConfigFormat,
  input: ConfigInput,
): Promise<Result<string, readonly RenderProblem[]>> {
  if (format !== 'template') return renderSettings(format, input.settings);
  if (input.template === undefined) throw new Error(`no template was read for ${input.product}`);
  // Loaded on demand: liquidjs costs half a start-up.
  const { renderTemplate } = await import('./config-template.ts');
  const rendered = await renderTemplate(input.template, input);
  return rendered.ok ? rendered : err([{ at: 'template', diagnostic: rendered.error }]);
}

/** The text of a config file that holds nothing but settings. Fails with every setting that cannot be written. */
export function renderSettings(
  format: ReadableConfigFormat,
  settings: SettingMap,
): Result<string, readonly RenderProblem[]> {
  switch (format) {
    case 'ini':
      return renderIni(settings);
    case 'json':
      return renderJson(settings);
    case 'yaml':
      return renderYaml(settings);
    case 'env':
      return renderEnv(settings);
  }
}

/** The settings that a config file holds, of ini and env each value as text; fails with a line's number and what is wrong with it. */
export function readConfig(format: ReadableConfigFormat, text: string): Result<SettingMap, string> {
  switch (format) {
    case 'ini':
      return readIni(text);
    case 'json':
      return readJsonSettings(text);
    case 'yaml':
      return readYamlSettings(text);
    case 'env':
      return readEnv(text);
  }
}

/** What a secret's value is to be in the place of its token in a text of this format. */
export function escapeSecret(format: ConfigFormat, value: string): string {
  switch (format) {
    case 'template':
    case 'ini':
      return value;
    case 'json':
      return jsonSecret(value);
    case 'yaml':
      return yamlSecret(value);
    case 'env':
      return envSecret(value);
  }
}

/** Why a file of this format cannot hold a secret's value, or undefined. */
export function secretProblem(format: ConfigFormat, value: string): string | undefined {
  if (format === 'template') return undefined;
  const rendered = renderSettings(format, { secret: value });
  const [problem] = rendered.ok ? [] : rendered.error;
  return problem?.at === 'setting' ? problem.why : undefined;
}
