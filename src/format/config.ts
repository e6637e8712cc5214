import type { ConfigFormat } from '../model/definition.ts';
import { err, type Result } from '../model/result.ts';
import type { SettingMap } from '../model/settings.ts';
import { readIni, renderIni } from './config-ini.ts';
import type { ConfigInput, RenderProblem } from './config-input.ts';

/** The formats this version can write; a definition that asks for another one is refused when it is read. */
export const WRITABLE_CONFIG_FORMATS = [
  'template',
  'ini',
] as const satisfies readonly ConfigFormat[];

/** The formats that can be read back, and so are compared as settings. */
export type ReadableConfigFormat = Exclude<ConfigFormat, 'template'>;

/** The text of a config file: same input, same bytes. Fails with every setting that cannot be written, or the first fault of the template. */
export async function renderConfig(
  format: ConfigFormat,
  input: ConfigInput,
): Promise<Result<string, readonly RenderProblem[]>> {
  switch (format) {
    case 'ini':
      return renderIni(input.settings);
    case 'template': {
      if (input.template === undefined)
        throw new Error(`no template was read for ${input.product}`);
      // Loaded on demand: liquidjs costs half a start-up.
      const { renderTemplate } = await import('./config-template.ts');
      const rendered = await renderTemplate(input.template, input);
      return rendered.ok ? rendered : err([{ at: 'template', diagnostic: rendered.error }]);
    }
    case 'json':
    case 'yaml':
    case 'env':
      throw unsupported(format);
  }
}

/** The settings that a config file holds, each value as text; fails with a line's number and what is wrong with it. */
export function readConfig(format: ReadableConfigFormat, text: string): Result<SettingMap, string> {
  switch (format) {
    case 'ini':
      return readIni(text);
    case 'json':
    case 'yaml':
    case 'env':
      throw unsupported(format);
  }
}

function unsupported(format: ConfigFormat): Error {
  return new Error(
    `a definition with the config-format ${format} should have been refused when it was read`,
  );
}
