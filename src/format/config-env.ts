import { err, ok, type Result } from '../model/result.ts';
import { holdsTokenMark, splitTokens } from '../model/secret.ts';
import {
  emptySettings,
  settingText,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { RenderProblem } from './config-input.ts';

// The dialect is what sh reads with `.` (POSIX, "Double-Quotes") and systemd as an EnvironmentFile (systemd.exec(5)) alike:
// in double quotes a backslash takes the meaning from `"`, `\`, `$` and a backquote, and stands for itself before all else.
const HEADER = `# Written by bootstrap from the desired state of this server.
# An edit made here is drift: the next apply takes it back.
`;

/** An environment file of these settings, a `KEY=value` line each, in their order. Fails with each setting that cannot be written. */
export function renderEnv(settings: SettingMap): Result<string, readonly RenderProblem[]> {
  const problems: RenderProblem[] = [];
  let text = HEADER;
  for (const [key, value] of Object.entries(settings)) {
    const why = keyProblem(key) ?? valueProblem(value);
    if (why !== undefined) problems.push({ at: 'setting', path: [key], why });
    else if (typeof value !== 'object') text += `${key}=${quoted(settingText(value))}\n`;
  }
  return problems.length > 0 ? err(problems) : ok(text);
}

/** The settings of an environment file, each value as text; fails with the first line that not everybody reads as one value. */
export function readEnv(text: string): Result<SettingMap, string> {
  const settings = emptySettings();
  for (const [index, line] of text.split('\n').entries()) {
    if (/^[ \t]*(?:[#;]|$)/.test(line)) continue;
    const [, key, double, single, bare = ''] = entry.exec(line) ?? [];
    const fault =
      key === undefined
        ? 'is no KEY=value that every reader takes for the same'
        : key in settings
          ? `repeats ${key}`
          : (keyProblem(key) ?? valueProblem(double ?? single ?? bare));
    if (key === undefined || fault !== undefined) return err(`line ${index + 1}: ${fault}`);
    settings[key] = double?.replaceAll(/\\([\\"$`])/g, '$1') ?? single ?? bare;
  }
  return ok(settings);
}

/** A secret's value as it stands between the double quotes of an environment file. */
export function envSecret(value: string): string {
  return value.replaceAll(/[\\"$`]/g, String.raw`\$&`);
}

// Docker takes quotes for a part of the value: what needs none has none.
const PLAIN = '[A-Za-z0-9_./:@%+,-]*';
const isPlain = new RegExp(`^${PLAIN}$`);
const entry = new RegExp(
  String.raw`^[ \t]*([^=\s]*)=(?:"((?:[^"\\$\x60]|\\.)*)"|'([^']*)'|(${PLAIN}))[ \t]*$`,
);
const unusable = /(?!\t)\p{Cc}|\p{Surrogate}/u;
const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function keyProblem(key: string): string | undefined {
  if (RESERVED_KEYS.has(key)) return 'the name is reserved';
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
    ? undefined
    : 'a name in an environment file has letters, digits and _ only, and begins with no digit';
}

function valueProblem(value: SettingValue): string | undefined {
  if (typeof value === 'object') return 'an environment file cannot hold a list or a map';
  const [found] = unusable.exec(settingText(value)) ?? [];
  if (found === undefined) return undefined;
  if (found === '\n') return 'a value in an environment file cannot hold a line break';
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `a value in an environment file cannot hold the character U+${code}`;
}

function quoted(text: string): string {
  if (isPlain.test(text)) return text;
  const parts = splitTokens(text).map((part) => (holdsTokenMark(part) ? part : envSecret(part)));
  return `"${parts.join('')}"`;
}
