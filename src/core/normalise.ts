import type { ProductDefinition, ServerDefinition } from '../model/definition.ts';
import type { Diagnostic, Span } from '../model/diagnostic.ts';
import type {
  DesiredDocument,
  DocumentPath,
  PolicyDocument,
  ProductDocument,
} from '../model/document.ts';
import { showPath } from '../model/document.ts';
import type { ProductName } from '../model/ids.ts';
import {
  PRODUCT_NAME_PATTERN,
  parseProductName,
  parseVersion,
  VERSION_PATTERN,
} from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import type { SettingMap } from '../model/settings.ts';
import type { DesiredState, Policy, ProductSpec } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';
import { findCycles } from './find-cycles.ts';
import type { Finding, NoteFinding } from './finding.ts';
import { nearest } from './nearest.ts';
import { normaliseCallbacks, type CallbackContext } from './normalise-callbacks.ts';
import { normaliseHeartbeats } from './normalise-heartbeat.ts';
import { normaliseMetadata } from './normalise-metadata.ts';
import type { UnwritableSetting } from './normalise-settings.ts';
import { normaliseSettings } from './normalise-settings.ts';
import { parseWindow } from './window.ts';

/** What a document says nothing about, and what only the floors above can tell. */
export interface NormaliseContext extends CallbackContext {
  readonly definition: ServerDefinition;
  readonly revision: string;
  readonly files: readonly string[];
  /** Where the key or the value at a path stands in the file. */
  readonly locate: (
    path: DocumentPath,
    part: 'key' | 'value',
  ) => { readonly span: Span; readonly sourceLine: string };
  /** Says what the format of the product's config file cannot hold. */
  readonly findUnwritable: (
    definition: ProductDefinition,
    settings: SettingMap,
  ) => readonly UnwritableSetting[];
}

/** The largest plan that is made without asking (CONTRACT 1.3). */
const CHANGES_MAX_DEFAULT = 50;

/** The state that a valid document asks for, every default filled in; or all that is wrong with it and its schema cannot say. */
export function normalise(
  document: DesiredDocument,
  context: NormaliseContext,
): Result<DesiredState, readonly Diagnostic[]> {
  const findings: Finding[] = [];
  const note: NoteFinding = (finding) => findings.push(finding);

  const products = normaliseProducts(document.products ?? {}, context, note);
  const policy = normalisePolicy(document.policy ?? {}, note);
  const metadata = normaliseMetadata(document.metadata ?? {}, note);
  const callbacks = normaliseCallbacks(document.callbacks ?? [], context, note);

  if (findings.length > 0) return err(findings.map((finding) => diagnosticOf(finding, context)));
  return ok({
    revision: context.revision,
    files: context.files,
    metadata,
    mode: document.server.mode,
    products,
    policy,
    callbacks,
  });
}

function normalisePolicy(
  { onFailure = 'rollback', prune = false, maxChanges, windows = [] }: PolicyDocument,
  note: NoteFinding,
): Policy {
  const parsed = windows.flatMap((text, index) => {
    const window = parseWindow(text);
    if (window.ok) return [window.value];
    const path = ['policy', 'windows', index];
    note({ code: 'malformed', path, part: 'value', summary: `${showPath(path)}: ${window.error}` });
    return [];
  });
  return { onFailure, prune, maxChanges: maxChanges ?? CHANGES_MAX_DEFAULT, windows: parsed };
}

function diagnosticOf(
  { code, path, part, summary, detail, fix }: Finding,
  { locate }: NormaliseContext,
): Diagnostic {
  return { code, severity: 'error', summary, detail, fix, ...locate(path, part) };
}

type Products = Readonly<Record<string, ProductDocument>>;

function normaliseProducts(
  documents: Products,
  context: NormaliseContext,
  note: NoteFinding,
): ReadonlyMap<ProductName, ProductSpec> {
  const specs = new Map<ProductName, ProductSpec>();
  for (const [written, document] of Object.entries(documents).toSorted(([a], [b]) =>
    compareText(a, b),
  )) {
    const name = parseProductName(written);
    const path = ['products', written];
    if (name === undefined) {
      note({
        code: 'bad-name',
        path,
        part: 'key',
        summary: `${written} cannot be the name of a product`,
        detail: `a name matches ${PRODUCT_NAME_PATTERN} and holds no ".."`,
      });
      continue;
    }
    const definition = context.definition.products.get(name);
    if (definition === undefined) note(notDefined(name, path, context));
    specs.set(
      name,
      normaliseProduct(document, { name, path, definition, documents, context, note }),
    );
  }
  noteCycles(specs, documents, note);
  return specs;
}

function notDefined(
  name: ProductName,
  path: DocumentPath,
  { definition }: NormaliseContext,
): Finding {
  const sections = [...definition.products.keys()];
  const meant = nearest(name, sections);
  return {
    code: 'unknown-product',
    path,
    part: 'key',
    summary: `${name} is not a product of this server`,
    detail: `${definition.file} has ${sections.length === 0 ? 'no [product: …] section' : `the products ${sections.join(', ')}`}`,
    fix:
      meant === undefined
        ? `add a section [product: ${name}] to ${definition.file}`
        : `did you mean "${meant}"?`,
  };
}

interface ProductSite {
  readonly name: ProductName;
  readonly path: DocumentPath;
  readonly definition: ProductDefinition | undefined;
  readonly documents: Products;
  readonly context: NormaliseContext;
  readonly note: NoteFinding;
}

function normaliseProduct(document: ProductDocument, site: ProductSite): ProductSpec {
  const { name, path, definition, note } = site;
  const version = document.version === undefined ? undefined : parseVersion(document.version);
  if (document.version !== undefined && version === undefined) {
    const at = [...path, 'version'];
    note({
      code: 'malformed',
      path: at,
      part: 'value',
      summary: `${showPath(at)} is not a version`,
      detail: `a version matches ${VERSION_PATTERN}`,
    });
  }
  noteUnlessArgument(document.repository, [...path, 'repository'], note);
  return {
    name,
    version,
    repository: document.repository,
    settings:
      document.settings &&
      normaliseSettings(document.settings, {
        definition,
        path: [...path, 'settings'],
        note,
        findUnwritable: site.context.findUnwritable,
      }),
    dependsOn: normaliseDependsOn(document.dependsOn ?? [], site),
    heartbeats: normaliseHeartbeats(document.heartbeat, site),
    driftPolicy: normaliseDriftPolicy(document.driftPolicy ?? 'correct'),
    protect: document.protect ?? false,
    suspend: document.suspend ?? false,
  };
}

/** `*` is every setting that is not named, and what is no setting. */
function normaliseDriftPolicy(
  document: NonNullable<ProductDocument['driftPolicy']>,
): ProductSpec['driftPolicy'] {
  if (typeof document === 'string') return { settings: new Map(), others: document };
  const { '*': others = 'correct', ...settings } = document;
  return { settings: new Map(Object.entries(settings)), others };
}

/** The repository is handed to scripts, for which a word that begins with a dash is an option. */
function noteUnlessArgument(text: string | undefined, path: DocumentPath, note: NoteFinding): void {
  if (text === undefined || !/^-|\p{Cc}/u.test(text)) return;
  const summary = `${showPath(path)} must not begin with a dash or hold control characters`;
  note({
    code: 'malformed',
    path,
    part: 'value',
    summary,
    detail: 'it is handed to the upgrade-script as an argument',
  });
}

/** What the file and bootstrap.ini say together, by name. Of the latter only what the file has: the rest is not managed. */
function normaliseDependsOn(written: readonly string[], site: ProductSite): readonly ProductName[] {
  const names = new Set<ProductName>();
  for (const name of site.definition?.dependsOn ?? [])
    if (Object.hasOwn(site.documents, name)) names.add(name);
  for (const [index, text] of written.entries()) {
    const name = parseProductName(text);
    const problem = dependencyProblem(text, site);
    if (problem !== undefined)
      site.note({ ...problem, path: [...site.path, 'dependsOn', index], part: 'value' });
    else if (name !== undefined) names.add(name);
  }
  return [...names].toSorted(compareText);
}

function dependencyProblem(
  text: string,
  { name, documents }: ProductSite,
): Pick<Finding, 'code' | 'summary' | 'fix'> | undefined {
  if (text === name)
    return {
      code: 'depends-on-itself',
      summary: `${name} cannot depend on itself`,
      fix: 'remove it',
    };
  if (Object.hasOwn(documents, text)) return undefined;
  const meant = nearest(
    text,
    Object.keys(documents).filter((other) => other !== name),
  );
  return {
    code: 'unknown-dependency',
    summary: `${name} depends on ${JSON.stringify(text)}, which is not a product of this file`,
    fix:
      meant === undefined
        ? 'add that product, or remove the dependency'
        : `did you mean "${meant}"?`,
  };
}

function noteCycles(
  specs: ReadonlyMap<ProductName, ProductSpec>,
  documents: Products,
  note: NoteFinding,
): void {
  const graph = new Map([...specs.values()].map(({ name, dependsOn }) => [name, dependsOn]));
  for (const cycle of findCycles(graph)) {
    const [first = '', second = ''] = cycle;
    const index = documents[first]?.dependsOn?.indexOf(second) ?? -1;
    note({
      code: 'dependency-cycle',
      path: index >= 0 ? ['products', first, 'dependsOn', index] : ['products', first],
      part: index >= 0 ? 'value' : 'key',
      summary: `dependencies go round in a circle: ${cycle.join(' → ')}`,
      detail: 'depends-on of bootstrap.ini counts too',
      fix: 'remove one of these dependencies',
    });
  }
}
