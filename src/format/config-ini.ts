import { parse } from 'ini';
import { err, ok, type Result } from '../model/result.ts';
import {
  emptySettings,
  isSettingMap,
  settingText,
  type SettingMap,
  type SettingValue,
} from '../model/settings.ts';
import type { RenderProblem } from './config-input.ts';

// The dialect is what the readers of ordinary daemons agree on: `key = value` without quotes, a comment on a line of its own,
// one level of sections. What some of them would read otherwise is refused, not quoted.
const HEADER = `; Written by bootstrap from the desired state of this server.
; An edit made here is drift: the next apply takes it back.
`;

/** An ini file of these settings: scalars first, then a section for each nested map, all in their order. Fails with each setting that cannot be written. */
export function renderIni(settings: SettingMap): Result<string, readonly RenderProblem[]> {
  const entries = Object.entries(settings);
  const problems = entries.flatMap(([key, value]) => problemsOf(key, value));
  if (problems.length > 0) return err(problems);

  let text = HEADER;
  for (const [key, value] of entries) {
    if (!isSettingMap(value)) text += entryLine(key, value);
  }
  for (const [key, value] of entries) {
    if (!isSettingMap(value)) continue;
    text += `\n[${key}]\n`;
    for (const [name, inner] of Object.entries(value)) text += entryLine(name, inner);
  }
  return ok(text);
}

/** Why an ini file cannot hold this setting, or undefined. A map is a section: its name and its entries are looked at, one level deep. */
export function iniSettingProblem(key: string, value: SettingValue): string | undefined {
  const [first] = problemsOf(key, value);
  if (first === undefined || first.at !== 'setting') return undefined;
  const [, inner] = first.path;
  return inner === undefined ? first.why : `${inner}: ${first.why}`;
}

/** The settings of an ini file that bootstrap wrote, each value as text; fails with the first line that it would not have written. */
export function readIni(text: string): Result<SettingMap, string> {
  const checked = checkLines(text);
  return checked.ok ? ok(textsOf(parse(checked.value))) : checked;
}

const CONTROL = String.raw`\u0000-\u001F\u007F-\u009F\u2028\u2029\p{Surrogate}`;
const unusableInKey = new RegExp(String.raw`[=:;#\[\]\\"'${CONTROL}]`, 'u');
const unusableInValue = new RegExp(`[${CONTROL}]`, 'u');
const commentInValue = /(?:^|\s)[;#]/;

// npm ini leaves the first out without a word; the others reach a prototype in programs that read the file into a plain object.
const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function problemsOf(key: string, value: SettingValue): readonly RenderProblem[] {
  const problems: RenderProblem[] = [];
  const note = (path: readonly string[], why: string | undefined): void => {
    if (why !== undefined) problems.push({ at: 'setting', path, why });
  };
  note([key], keyProblem(key));
  if (!isSettingMap(value)) {
    note([key], valueProblem(value));
    return problems;
  }
  for (const [name, inner] of Object.entries(value)) {
    note([key, name], keyProblem(name));
    note(
      [key, name],
      isSettingMap(inner) ? 'an ini file has one level of sections' : valueProblem(inner),
    );
  }
  return problems;
}

function keyProblem(key: string): string | undefined {
  if (key === '') return 'the name is empty';
  if (RESERVED_KEYS.has(key)) return 'the name is reserved';
  if (key !== key.trim()) return 'the name begins or ends with a blank';
  const [found] = unusableInKey.exec(key) ?? [];
  return found === undefined
    ? undefined
    : `a name in an ini file cannot hold ${showCharacter(found)}`;
}

function valueProblem(value: SettingValue): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return 'an ini file cannot hold this number';
  if (typeof value === 'object') return 'an ini file cannot hold a list';
  const text = settingText(value);
  const [found] = unusableInValue.exec(text) ?? [];
  if (found !== undefined) return `a value in an ini file cannot hold ${showCharacter(found)}`;
  if (text !== text.trim())
    return 'the value begins or ends with a blank, which readers of ini files drop';
  if (commentInValue.test(text))
    return 'the value holds `;` or `#` after a blank or at its start, which begins a comment';
  if (text.endsWith('\\')) return 'the value ends with `\\`, which joins the next line to it';
  return undefined;
}

function showCharacter(character: string): string {
  if (!unusableInValue.test(character)) return `\`${character}\``;
  if (character === '\n') return 'a line break';
  return `the character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function entryLine(key: string, value: SettingValue): string {
  const text = typeof value === 'object' ? '' : settingText(value);
  return text === '' ? `${key} =\n` : `${key} = ${text}\n`;
}

// Put before each value, as npm ini makes a boolean of `true` even in quotes, and takes `null` for a section.
const VALUE_MARK = '=';

/** The same lines as npm ini reads them without a guess: everything quoted, values marked, dots of a section name escaped. */
function checkLines(text: string): Result<string, string> {
  const seen = new Set<string>();
  let section = '';
  let checked = '';
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trim();
    if (/^(?:[;#]|$)/.test(line)) continue;
    const [, name] = /^\[([^\]]*)\]$/.exec(line) ?? [];
    const separator = line.indexOf('=');
    const key = name ?? line.slice(0, Math.max(separator, 0)).trim();
    const value = name === undefined ? line.slice(separator + 1).trim() : '';
    // A key above all sections may not be the name of one either.
    const at = name === undefined && section !== '' ? `${section}]${key}` : key;

    const problem =
      name === undefined && separator < 0
        ? 'is neither `key = value` nor `[section]`'
        : seen.has(at)
          ? `repeats ${key}`
          : (keyProblem(key) ?? valueProblem(value));
    if (problem !== undefined) return err(`line ${index + 1}: ${problem}`);
    seen.add(at);
    if (name === undefined) {
      checked += `${JSON.stringify(key)} = ${JSON.stringify(VALUE_MARK + value)}\n`;
    } else {
      section = name;
      checked += `[${JSON.stringify(name.replaceAll('.', '\\.'))}]\n`;
    }
  }
  return ok(checked);
}

/** The values without their mark, and no prototype at any level. */
function textsOf(parsed: Readonly<Record<string, unknown>>): SettingMap {
  const texts = emptySettings();
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value === 'string') texts[key] = value.slice(VALUE_MARK.length);
    else if (isRecord(value)) texts[key] = textsOf(value);
    else throw new Error(`npm ini made ${JSON.stringify(value)} of the value of ${key}`);
  }
  return texts;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
