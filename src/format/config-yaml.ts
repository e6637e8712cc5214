import { err, ok, type Result } from '../model/result.ts';
import { holdsTokenMark, splitTokens } from '../model/secret.ts';
import { isSettingMap, type SettingMap, type SettingValue } from '../model/settings.ts';
import { problemsAmong, settingsOf, type RenderProblem } from './config-input.ts';
import { scalarText } from './yaml-scalar.ts';
import { readYaml } from './yaml.ts';

const HEADER = `# Written by bootstrap from the desired state of this server.
# An edit made here is drift: the next apply takes it back.
`;
const INDENT = '  ';
const halfCharacter = /\p{Surrogate}/u;

/** A YAML file of these settings in block style, in their order. Fails with each setting that cannot be written. */
export function renderYaml(settings: SettingMap): Result<string, readonly RenderProblem[]> {
  const problems = problemsAmong(settings, (value) =>
    typeof value === 'string' && halfCharacter.test(value)
      ? 'a YAML file cannot hold half a character'
      : undefined,
  );
  return problems.length > 0 ? err(problems) : ok(`${HEADER}${linesOf(settings).join('\n')}\n`);
}

/** The settings of a YAML file; fails with the line of its first fault. A null is one: no setting can be that. */
export function readYamlSettings(text: string): Result<SettingMap, string> {
  const read = readYaml(text, '');
  if (read.ok) return settingsOf(read.value);
  const [first] = read.error;
  return err(`line ${first?.span?.line ?? 1}: ${first?.summary ?? 'not readable as YAML'}`);
}

/** A secret's value as it stands between the double quotes of a YAML text. */
export function yamlSecret(value: string): string {
  return scalarText(value, { quotes: 'double', inFlow: false }).slice(1, -1);
}

function linesOf(value: SettingValue): readonly string[] {
  if (typeof value !== 'object') return [lineText(value)];
  if (!isSettingMap(value))
    return value.length === 0 ? ['[]'] : value.flatMap((item) => itemLines(item));
  const entries = Object.entries(value);
  return entries.length === 0
    ? ['{}']
    : entries.flatMap(([name, inner]) => entryLines(name, inner));
}

function itemLines(item: SettingValue): readonly string[] {
  const [first = '', ...others] = linesOf(item);
  return [`- ${first}`, ...others.map((line) => `${INDENT}${line}`)];
}

function entryLines(name: string, value: SettingValue): readonly string[] {
  const lines = linesOf(value);
  const isBlock = typeof value === 'object' && Object.keys(value).length > 0;
  return isBlock
    ? [`${lineText(name)}:`, ...lines.map((line) => `${INDENT}${line}`)]
    : [`${lineText(name)}: ${lines.join('')}`];
}

// A text that holds a secret stands in double quotes, which have a form for whatever is filled in.
function lineText(value: string | number | boolean): string {
  if (typeof value !== 'string' || !holdsTokenMark(value))
    return scalarText(value, { quotes: 'none', inFlow: false });
  const parts = splitTokens(value).map((part) => (holdsTokenMark(part) ? part : yamlSecret(part)));
  return `"${parts.join('')}"`;
}
