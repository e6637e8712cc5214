import { readJson } from '../format/json.ts';
import type { YamlMap, YamlScalar } from '../format/yaml-value.ts';
import type { Files } from '../host/host.ts';
import type { ServerDefinition, SettingsSchemaDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { inDocumentOrder } from '../model/diagnostic.ts';
import type { DocumentPath, PlainValue } from '../model/document.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type HostPath, type ProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { placesOf, type Places } from './places.ts';
import { schemaProblems } from './problems.ts';
import { checkSettings, type ReadySchema } from './settings/check.ts';
import { createCompiler, type SchemaCompiler } from './settings/compiler.ts';
import { mapAt, withMapAt } from './settings/data.ts';
import { isSchema, resolverOf, schemasIn, type Schema } from './settings/layers.ts';
import { schemaFault, schemaFaults, type SchemaFile } from './settings/schema-faults.ts';
import { hideSecrets, isSecretSchema, secretLiterals } from './settings/secrets.ts';

/** What the settings-schemas of bootstrap.ini say of a desired state. This module brings ajv along: import it when there is one. */
export interface SettingsSchemas {
  /** A document with the defaults of its products' settings, and what is wrong with those settings. */
  check(document: PlainValue, places: Places): CheckedDocument;
  /** The diagnostics of files that hold these trees, without the secrets that are written out there. */
  hideSecrets(diagnostics: readonly Diagnostic[], trees: readonly YamlMap[]): readonly Diagnostic[];
}

/** A document as far as it could be looked at: it need not be a valid desired state. */
export interface CheckedDocument {
  readonly document: PlainValue;
  readonly problems: readonly Diagnostic[];
}

/** Reads and compiles every schema that bootstrap.ini names, each file once. Fails with all that is wrong with them. */
export function readSettingsSchemas(
  files: Pick<Files, 'read'>,
  { products, root }: Pick<ServerDefinition, 'products' | 'root'>,
): Result<SettingsSchemas, Failure> {
  const compiler = createCompiler();
  const byPath = new Map<string, Result<ReadySchema, readonly Diagnostic[]>>();
  const byProduct = new Map<ProductName, ReadySchema>();
  for (const { name, settingsSchema } of products.values()) {
    if (settingsSchema === undefined) continue;
    const { path } = settingsSchema;
    const read =
      byPath.get(path) ??
      readSchema(files, compiler, { ...settingsSchema, file: hostPath(root, path) });
    byPath.set(path, read);
    if (read.ok) byProduct.set(name, read.value);
  }
  const problems = [...byPath.values()].flatMap((read) => (read.ok ? [] : read.error));
  return problems.length > 0
    ? err({ code: 'definition-invalid', diagnostics: inDocumentOrder(problems) })
    : ok(schemasOf(byProduct));
}

interface NamedSchema extends SettingsSchemaDefinition {
  readonly file: HostPath;
}

function readSchema(
  files: Pick<Files, 'read'>,
  compiler: SchemaCompiler,
  { file, place }: NamedSchema,
): Result<ReadySchema, readonly Diagnostic[]> {
  const text = files.read(file);
  switch (text.kind) {
    case 'known':
      return compileSchema(text.value, file, compiler);
    case 'absent':
    case 'unreadable':
      return err([
        {
          code: 'settings-schema-unreadable',
          severity: 'error',
          summary:
            text.kind === 'absent'
              ? `the schema ${file} does not exist`
              : `the schema ${file}: ${text.why}`,
          detail: undefined,
          span: { ...place, endColumn: place.column },
          sourceLine: undefined,
          fix: 'put the schema in place, or mend its path in bootstrap.ini',
        },
      ]);
  }
}

function compileSchema(
  text: string,
  file: string,
  compiler: SchemaCompiler,
): Result<ReadySchema, readonly Diagnostic[]> {
  const read = readJson(text, file);
  if (!read.ok) return err([read.error]);
  const { root: tree, lines } = read.value;
  const root: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (tree.kind !== 'map' || !isSchema(root)) {
    const sourceLine = lines.textOf(tree.span.line);
    return err([{ ...NOT_A_MAP, span: tree.span, sourceLine }]);
  }
  const schemas = schemasIn(root);
  const places = placesOf(tree, (span) => lines.textOf(span.line));
  return withValidator(root, { schemas, resolve: resolverOf(root, schemas), places }, compiler);
}

const NOT_A_MAP: Diagnostic = {
  code: 'settings-schema-invalid',
  severity: 'error',
  summary: 'a schema of settings must be an object',
  detail: undefined,
  span: undefined,
  sourceLine: undefined,
  fix: 'write for example {"type": "object", "properties": {"port": {"type": "integer"}}}',
};

function withValidator(
  root: Schema,
  file: SchemaFile,
  compiler: SchemaCompiler,
): Result<ReadySchema, readonly Diagnostic[]> {
  const form = compiler.faultsOf(root);
  const faults = [
    ...schemaFaults(file, compiler.keywords),
    ...(form.ok ? schemaProblems(form.value, file.places) : [thrownFault(form.error, file)]),
  ];
  if (faults.length > 0) return err(faults);
  const compiled = compiler.compile(root);
  return compiled.ok
    ? ok({ ...file, root, validate: compiled.value })
    : err([thrownFault(compiled.error, file)]);
}

/** What ajv threw; some of its messages say where in the schema. */
function thrownFault(message: string, { places }: SchemaFile): Diagnostic {
  const [, pointer = ''] = /"#((?:\/[^"]*)?)"/.exec(message) ?? [];
  const path = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const summary = message.replace(/^strict mode: /, '').replace(/ \(strict\w+\)$/, '');
  return schemaFault(places, { path, part: 'key', summary });
}

function schemasOf(byProduct: ReadonlyMap<ProductName, ReadySchema>): SettingsSchemas {
  return {
    check(document, places) {
      const problems: Diagnostic[] = [];
      let checked = document;
      for (const [name, schema] of byProduct) {
        const base = settingsPath(name);
        const tree = places.at(base);
        const settings = mapAt(document, base);
        // A product without settings keeps its config file: there is nothing to fill defaults into.
        if (tree === undefined || settings === undefined) continue;
        const found = checkSettings(schema, { settings, tree, places, base });
        problems.push(...found.problems);
        checked = withMapAt(checked, base, found.settings);
      }
      return { document: checked, problems };
    },
    hideSecrets(diagnostics, trees) {
      const secrets: YamlScalar[] = [];
      for (const [name, { root, resolve }] of byProduct)
        for (const tree of trees) {
          const settings = placesOf(tree, () => '').at(settingsPath(name));
          if (settings === undefined) continue;
          secrets.push(...secretLiterals(settings, root, resolve).map(({ value }) => value));
        }
      return [...byProduct.values()].some(hasSecrets)
        ? hideSecrets(diagnostics, secrets)
        : diagnostics;
    },
  };
}

function settingsPath(product: ProductName): DocumentPath {
  return ['products', product, 'settings'];
}

function hasSecrets({ schemas }: ReadySchema): boolean {
  return schemas.some(({ schema }) => isSecretSchema(schema));
}
