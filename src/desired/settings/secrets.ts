import type { YamlMap, YamlScalar, YamlValue } from '../../format/yaml-value.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { DocumentPath } from '../../model/document.ts';
import { SECRET_SOURCES } from '../../model/secret.ts';
import { layersOf, ownValue, schemasUnder, type Resolve, type Schema } from './layers.ts';

/** A secret written out where only a reference may stand. */
export interface SecretLiteral {
  readonly path: DocumentPath;
  readonly value: YamlScalar;
}

/** The values that stand where a schema says `writeOnly: true`, or below, and are no references. */
export function secretLiterals(
  settings: YamlValue,
  schema: unknown,
  resolve: Resolve,
): readonly SecretLiteral[] {
  const found: SecretLiteral[] = [];
  const look = (value: YamlValue, schemas: readonly unknown[], path: DocumentPath): void => {
    // Also where a schema applies under a condition: what may be a secret is none to be shown.
    const layers = layersOf(schemas, resolve, 'perhaps');
    if (layers.some(isSecretSchema)) {
      found.push(...literalsIn(value, path));
      return;
    }
    for (const [step, inner] of stepsOf(value))
      look(inner, schemasUnder(layers, step), [...path, step]);
  };
  look(settings, [schema], []);
  return found;
}

/** True for a schema that says that its values are secrets. */
export function isSecretSchema(schema: Schema): boolean {
  return ownValue(schema, 'writeOnly') === true;
}

function literalsIn(value: YamlValue, path: DocumentPath): readonly SecretLiteral[] {
  if (value.kind === 'scalar') return value.value === null ? [] : [{ path, value }];
  return stepsOf(value).flatMap(([step, inner]) => literalsIn(inner, [...path, step]));
}

/** What a value holds; of a reference to a secret nothing. */
function stepsOf(value: YamlValue): readonly (readonly [string | number, YamlValue])[] {
  switch (value.kind) {
    case 'scalar':
      return [];
    case 'list':
      return [...value.items.entries()];
    case 'map':
      return isReferenceTree(value)
        ? []
        : value.entries.map(({ key, value: inner }) => [key, inner] as const);
  }
}

/** True for a map that says where a secret is to be found, well or badly. */
function isReferenceTree({ entries }: YamlMap): boolean {
  return entries.some(({ key }) => SECRET_SOURCES.some((source) => source === key));
}

const MASK = '***';
// Of these the value is left out of the tree: nobody knows whether it is a secret.
const CODES_WITHOUT_VALUE: ReadonlySet<string> = new Set([
  'duplicate-key',
  'reserved-key',
  'yaml-merge-key',
]);

/** Diagnostics that do not show the secrets, which stand at these values: of each only that it is written out. */
export function hideSecrets(
  diagnostics: readonly Diagnostic[],
  secrets: readonly YamlScalar[],
): readonly Diagnostic[] {
  const told = new Set(diagnostics.filter(isOfSecret).map(placeOf));
  const shown = diagnostics.filter((each) => isOfSecret(each) || !told.has(placeOf(each)));
  return shown.map((diagnostic) => {
    const { code, span, sourceLine } = diagnostic;
    if (span === undefined || sourceLine === undefined) return diagnostic;
    const isOfLine = ({ span: { file, line }, lastLine }: YamlScalar): boolean =>
      file === span.file && line <= span.line && span.line <= lastLine;
    const here = secrets.filter(isOfLine);
    // A secret of several lines: what of it stands on this one is not known.
    if (here.some((secret) => secret.span.line < span.line))
      return { ...diagnostic, sourceLine: undefined };
    const cut = CODES_WITHOUT_VALUE.has(code)
      ? { ...diagnostic, sourceLine: `${sourceLine.slice(0, span.endColumn - 1)}: ${MASK}` }
      : diagnostic;
    // From the end of the line, so that the columns of those before it hold.
    return here.toSorted((a, b) => b.span.column - a.span.column).reduce(hideSecret, cut);
  });
}

function isOfSecret({ code }: Diagnostic): boolean {
  return code === 'secret-literal';
}

function placeOf({ span }: Diagnostic): string {
  return `${span?.line}:${span?.column}:${span?.file}`;
}

function hideSecret(diagnostic: Diagnostic, { span: hidden }: YamlScalar): Diagnostic {
  const { span, sourceLine } = diagnostic;
  if (span === undefined || sourceLine === undefined) return diagnostic;
  const start = hidden.column - 1;
  const end = hidden.endColumn - 1;
  if (start >= sourceLine.length) return diagnostic; // cut off already
  // The place of what stands after it tells how long it is anyway, and has to be right.
  const mask = start < span.column - 1 ? '*'.repeat(end - start) : MASK;
  const isOwn = hidden.column === span.column;
  return {
    ...diagnostic,
    sourceLine: sourceLine.slice(0, start) + mask + sourceLine.slice(end),
    span: isOwn ? { ...span, endColumn: span.column + MASK.length } : span,
  };
}
