import type { YamlMap, YamlScalar, YamlValue } from '../format/yaml-value.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { DocumentPath } from '../model/document.ts';
import { showPath } from '../model/document.ts';
import type { Located, Places } from './places.ts';
import { quote } from './words.ts';

/**
 * The values of settings that would reach a config file otherwise than they are written, as `1.10`, `0644`, `1e3` and `True`
 * would; `1_000` too, which is text in YAML 1.2 and a number in 1.1. What stands in quotes is taken as it is.
 */
export function changedTexts(root: YamlMap, places: Places): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const product of entriesOf(valueAt(root, 'products')))
    look(valueAt(product.value, 'settings'), ['products', product.key, 'settings']);
  return found;

  function look(value: YamlValue | undefined, path: DocumentPath): void {
    if (value?.kind === 'list')
      for (const [index, item] of value.items.entries()) look(item, [...path, index]);
    for (const entry of entriesOf(value)) look(entry.value, [...path, entry.key]);
    const change = value?.kind === 'scalar' ? changeOf(value) : undefined;
    if (value?.kind !== 'scalar' || change === undefined) return;
    const located = places.locate(path, 'value');
    if (!isQuoted(located)) found.push(diagnosticOf({ ...change, ...located, path }, value));
  }
}

function valueAt(value: YamlValue | undefined, key: string): YamlValue | undefined {
  return entriesOf(value).find((entry) => entry.key === key)?.value;
}

function entriesOf(value: YamlValue | undefined): YamlMap['entries'] {
  return value?.kind === 'map' ? value.entries : [];
}

function isQuoted({ span, sourceLine }: Located): boolean {
  return /^["'|>]/.test(sourceLine.slice(span.column - 1));
}

interface TextChange {
  readonly code: 'number-changes' | 'word-changes';
  readonly becomes: string;
  readonly why: string;
}

// Digits in groups: a number to those who read YAML 1.1, where a pair of eyes sees one too.
const grouped = /^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?$/;

function changeOf({ value, source }: YamlScalar): TextChange | undefined {
  if (typeof value === 'string') {
    if (!source.includes('_') || !grouped.test(source)) return undefined;
    const becomes = source.replaceAll('_', '');
    const why = 'it is text to YAML 1.2 and a number to YAML 1.1';
    return { code: 'number-changes', becomes, why };
  }
  const becomes = String(value);
  // Nothing, and infinity, have no text at all: that is told where settings are made.
  const hasText = value !== null && (typeof value === 'boolean' || Number.isFinite(value));
  if (!hasText || becomes === source) return undefined;
  return typeof value === 'number'
    ? { code: 'number-changes', becomes, why: `as a number it is ${becomes}` }
    : { code: 'word-changes', becomes, why: `without quotes it is ${becomes}` };
}

interface Site extends TextChange, Located {
  readonly path: DocumentPath;
}

function diagnosticOf(site: Site, { source }: YamlScalar): Diagnostic {
  const { code, becomes, why, path, span, sourceLine } = site;
  const last = path.at(-1);
  const key = typeof last === 'string' ? `${last}: ` : '';
  return {
    code,
    severity: 'error',
    summary: `${showPath(path)} would not be kept as it is written`,
    detail: `found ${source}: ${why}`,
    span,
    sourceLine,
    fix: `write ${key}${quote(source)}, or ${key}${becomes}`,
  };
}
