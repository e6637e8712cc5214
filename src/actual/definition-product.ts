import { nearest } from '../core/nearest.ts';
import type { IniEntry } from '../format/ini-sections.ts';
import {
  CONFIG_FORMATS,
  SCRIPT_KINDS,
  type ConfigDefinition,
  type ConfigAccess,
  type ConfigFormat,
  type ProductDefinition,
  type ScriptDefinition,
  type ScriptKind,
  type SettingsSchemaDefinition,
} from '../model/definition.ts';
import { durationMs } from '../model/duration.ts';
import type { ProductName } from '../model/ids.ts';
import {
  keyProblem,
  placeOf,
  readEntry,
  valueProblem,
  type SectionReading,
} from './definition-entry.ts';
import {
  parseAccount,
  parseCheck,
  parseChoice,
  parseModeBits,
  parsePath,
  parseProductNames,
  parseTimeLimit,
  parseYesNo,
} from './definition-values.ts';
import { parseHeartbeat } from './definition-heartbeat.ts';

// CONTRACT 1.1.
const SCRIPT_TIMEOUT_DEFAULT_MS = durationMs(600_000);

const CONFIG_KEYS = [
  'config-format',
  'config-template',
  'config-check',
  'config-owner',
  'config-group',
  'config-mode',
];
const PRODUCT_KEYS: readonly string[] = [
  ...SCRIPT_KINDS.map((kind) => `${kind}-script`),
  'config-file',
  ...CONFIG_KEYS,
  'settings-schema',
  'heartbeat',
  'depends-on',
  'timeout',
  'rollback',
  'idempotent',
];

/** What a `[product: NAME]` section says, every default filled in; what is wrong with it is noted in the reading. */
export function readProductSection(name: ProductName, reading: SectionReading): ProductDefinition {
  for (const entry of reading.section.entries) {
    const problem = unusableKey(entry);
    if (problem !== undefined) reading.diagnostics.push(problem);
  }
  const heartbeat = readEntry(reading, 'heartbeat', parseHeartbeat);
  return {
    name,
    place: placeOf(reading.section.span),
    scripts: readScripts(reading),
    config: readConfigKeys(reading),
    settingsSchema: readSettingsSchema(reading),
    heartbeats: heartbeat === undefined ? [] : [heartbeat],
    dependsOn: readEntry(reading, 'depends-on', parseProductNames) ?? [],
    timeoutMs: readEntry(reading, 'timeout', parseTimeLimit) ?? SCRIPT_TIMEOUT_DEFAULT_MS,
    rollback: readEntry(reading, 'rollback', parseYesNo) ?? true,
    idempotent: readEntry(reading, 'idempotent', parseYesNo) ?? true,
  };
}

function unusableKey(entry: IniEntry): ReturnType<typeof keyProblem> | undefined {
  if (PRODUCT_KEYS.includes(entry.key)) return undefined;
  const near = nearest(entry.key, PRODUCT_KEYS);
  return keyProblem(entry, {
    code: 'definition-unknown-key',
    summary: `a product has no key ${entry.key}`,
    fix: near === undefined ? `known keys: ${PRODUCT_KEYS.join(', ')}` : `did you mean ${near}?`,
  });
}

function readScripts(reading: SectionReading): ReadonlyMap<ScriptKind, ScriptDefinition> {
  const scripts = new Map<ScriptKind, ScriptDefinition>();
  for (const kind of SCRIPT_KINDS) {
    const path = readEntry(reading, `${kind}-script`, parsePath);
    const entry = entryOf(reading, `${kind}-script`);
    if (path !== undefined && entry !== undefined)
      scripts.set(kind, { kind, path, place: placeOf(entry.valueSpan) });
  }
  return scripts;
}

function readConfigKeys(reading: SectionReading): ConfigDefinition | undefined {
  const file = entryOf(reading, 'config-file');
  if (file === undefined) {
    noteKeysWithoutFile(reading);
    return undefined;
  }
  const path = readEntry(reading, 'config-file', parsePath);
  const format = readEntry(reading, 'config-format', (text) => parseChoice(text, CONFIG_FORMATS));
  const template = readEntry(reading, 'config-template', parsePath);
  const check = readEntry(reading, 'config-check', parseCheck);
  const access = readAccess(reading);
  noteMissingKeys(reading, file, format);
  if (path === undefined || format === undefined) return undefined;
  return { path, format, template, check, access, place: placeOf(file.valueSpan) };
}

function readAccess(reading: SectionReading): ConfigAccess {
  return {
    owner: readEntry(reading, 'config-owner', parseAccount),
    group: readEntry(reading, 'config-group', parseAccount),
    mode: readEntry(reading, 'config-mode', parseModeBits),
  };
}

function readSettingsSchema(reading: SectionReading): SettingsSchemaDefinition | undefined {
  const path = readEntry(reading, 'settings-schema', parsePath);
  const entry = entryOf(reading, 'settings-schema');
  return path === undefined || entry === undefined
    ? undefined
    : { path, place: placeOf(entry.valueSpan) };
}

function noteKeysWithoutFile(reading: SectionReading): void {
  for (const entry of reading.section.entries) {
    if (!CONFIG_KEYS.includes(entry.key)) continue;
    const problem = keyProblem(entry, {
      code: 'definition-key-missing',
      summary: `${entry.key} says nothing without config-file`,
      fix: 'add config-file = /PATH, or remove the line',
    });
    reading.diagnostics.push(problem);
  }
}

function noteMissingKeys(
  reading: SectionReading,
  file: IniEntry,
  format: ConfigFormat | undefined,
): void {
  const formatEntry = entryOf(reading, 'config-format');
  const template = entryOf(reading, 'config-template');
  if (formatEntry === undefined) {
    reading.diagnostics.push(
      keyProblem(file, {
        code: 'definition-key-missing',
        summary: 'config-file says nothing without config-format',
        fix: `add config-format = ${template === undefined ? 'ini' : 'template'}`,
      }),
    );
  } else if (format === 'template' && template === undefined) {
    reading.diagnostics.push(
      valueProblem(formatEntry, {
        code: 'definition-key-missing',
        summary: 'the format template says nothing without config-template',
        fix: 'add config-template = /PATH',
      }),
    );
  } else if (format !== undefined && format !== 'template' && template !== undefined) {
    reading.diagnostics.push(
      keyProblem(template, {
        code: 'definition-template-unused',
        summary: `the format ${format} needs no template`,
        fix: 'remove the line, or write config-format = template',
      }),
    );
  }
}

function entryOf({ section }: SectionReading, key: string): IniEntry | undefined {
  return section.entries.find((entry) => entry.key === key);
}
