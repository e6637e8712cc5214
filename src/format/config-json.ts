import { err, ok, type Result } from '../model/result.ts';
import { replaceTokens } from '../model/secret.ts';
import type { SettingMap } from '../model/settings.ts';
import { problemsAmong, settingsOf, type RenderProblem } from './config-input.ts';
import { readJson } from './json.ts';

const INDENT = 2;

/** A JSON file of these settings, in their order; it can hold no comment, and so no header. Fails with each setting that cannot be written. */
export function renderJson(settings: SettingMap): Result<string, readonly RenderProblem[]> {
  const problems = problemsAmong(settings, (value) =>
    typeof value === 'number' && !Number.isFinite(value)
      ? 'a JSON file cannot hold this number'
      : undefined,
  );
  if (problems.length > 0) return err(problems);
  const text = JSON.stringify(settings, undefined, INDENT);
  // What fills a token in finds it by its name, which is not to be escaped.
  return ok(`${replaceTokens(text, (token) => JSON.parse(`"${token}"`) as string)}\n`);
}

/** The settings of a JSON file; fails with the line of its first fault. A null is one: no setting can be that. */
export function readJsonSettings(text: string): Result<SettingMap, string> {
  const read = readJson(text, '');
  if (!read.ok) return err(`line ${read.error.span?.line ?? 1}: ${read.error.summary}`);
  return settingsOf(read.value.root);
}

/** A secret's value as it stands between the quotes of a JSON text. */
export function jsonSecret(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
