import { readActual } from '../actual/read.ts';
import type { Rendered } from '../core/diff.ts';
import { withChanges, withoutPart, type ProductExport, type ServerExport } from '../core/export.ts';
import { canonical } from '../core/canonical.ts';
import { diff } from '../core/plan.ts';
import { exportNodes } from '../core/render/export-nodes.ts';
import { renderFailureLine } from '../core/render/failure-text.ts';
import { loadDesired } from '../desired/load.ts';
import type { SettingsSchemas } from '../desired/settings-schema.ts';
import { writeYaml } from '../format/yaml-text.ts';
import { inspectYaml } from '../format/yaml.ts';
import { toPlain } from '../format/yaml-value.ts';
import type { Host } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import { known, valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath, type ProductName, type RunId } from '../model/ids.ts';
import { ok, type Result } from '../model/result.ts';
import type { ActualState, DesiredState } from '../model/state.ts';
import { loadDefinition, loadSettingsSchemas } from './load.ts';
import { lookContext } from './look.ts';
import { renderConfigs } from './render-configs.ts';
import type { Site } from './site.ts';

/** What an export is made of. */
export interface ExportRequest {
  readonly site: Site;
  readonly runId: RunId;
  /** Where an editor finds the schema of the file. */
  readonly schema: string;
  /** What is to be said of what is there. */
  readonly draft: (definition: ServerDefinition, actual: ActualState) => ServerExport;
}

/** A desired state of what is on the server: its text, and what it says. */
export interface Exported {
  readonly text: string;
  /** The same values without the comments. JSON is YAML: it can be planned as it is. */
  readonly json: string;
  readonly server: ServerExport;
}

/** What reads an export back. */
interface Reader extends Host {
  readonly settingsSchemas: SettingsSchemas | undefined;
}

/** How messages name what is being written. */
const EXPORT_NAME = 'the export';

/** A desired state that asks for what is there; its comments say where each value came from. Changes nothing, takes no lock. */
export async function exportState(
  host: Host,
  { site, runId, schema, draft: draftOf }: ExportRequest,
): Promise<Result<Exported, Failure>> {
  const definition = loadDefinition(host, site);
  if (!definition.ok) return definition;
  const settingsSchemas = await loadSettingsSchemas(host, definition.value);
  if (!settingsSchemas.ok) return settingsSchemas;
  const reader: Reader = { ...host, settingsSchemas: settingsSchemas.value };
  const { environment } = lookContext(host, definition.value, { runId });
  const actual = await readActual(host, {
    definition: definition.value,
    products: [...definition.value.products.keys()],
    probe: { root: site.root, environment, mask: [] },
  });
  const draft = draftOf(definition.value, actual);
  const readable = eachProduct(draft, (product) => withoutRefused(reader, draft, product));
  const whole = readBack(reader, readable);
  if (!whole.ok) return whole;
  const settled = await foreseen(host, readable, whole.value);
  proveReadBack(reader, settled);
  const text = writeYaml(exportNodes(settled, schema));
  return ok({ text, json: asJson(text), server: settled });
}

function asJson(text: string): string {
  const { root } = inspectYaml(text, EXPORT_NAME);
  return `${JSON.stringify(root && toPlain(root), undefined, 2)}\n`;
}

function eachProduct(
  server: ServerExport,
  change: (product: ProductExport) => ProductExport,
): ServerExport {
  return { ...server, products: server.products.map(change) };
}

// Not everything that can be on a server can be said in a desired state; its own reader knows best.
function withoutRefused(
  reader: Reader,
  server: ServerExport,
  product: ProductExport,
): ProductExport {
  return (['repository', 'settings'] as const).reduce((left, part) => {
    if (left[part] === undefined) return left;
    const alone = { ...left, repository: undefined, settings: undefined, [part]: left[part] };
    const read = readBack(reader, { ...server, products: [alone] });
    if (!read.ok) return withoutPart(left, part, firstProblem(read.error));
    return isSame(alone, read.value)
      ? left
      : withoutPart(left, part, 'it would be read as something else');
  }, product);
}

function firstProblem(failure: Failure): string {
  const isOfFile = failure.code === 'desired-invalid' || failure.code === 'definition-invalid';
  return (isOfFile ? failure.diagnostics[0]?.summary : undefined) ?? renderFailureLine(failure);
}

// By the road that the file will be read on, schemas of settings and all; only the text itself is not on disk yet.
function readBack(
  { files, crypto, settingsSchemas }: Reader,
  server: ServerExport,
): Result<DesiredState, Failure> {
  // An unknown mode leaves a gap to be filled in; all else can be read all the same.
  const text = writeYaml(exportNodes({ ...server, mode: server.mode ?? 'idle' }, ''));
  const path = hostPath('', '(the export)');
  const read = loadDesired(
    { read: (each) => (each === path ? known(text) : files.read(each)) },
    {
      paths: [{ shown: EXPORT_NAME, path }],
      definition: server.definition,
      settingsSchemas,
      digest: (whole) => crypto.sha256(whole),
      kept: undefined,
    },
  );
  return read.ok ? ok(read.value.desired) : read;
}

// Makes the plan that the export will be planned with, so as to say what it would still find.
async function foreseen(
  host: Host,
  server: ServerExport,
  desired: DesiredState,
): Promise<ServerExport> {
  const { definition, actual } = server;
  const rendered = new Map<ProductName, Rendered>();
  const problems = new Map<ProductName, string>();
  for (const [name, spec] of desired.products) {
    const alone = { ...desired, products: new Map([[name, spec]]) };
    const texts = await renderConfigs(host, definition, {
      desired: alone,
      expectedOf: () => undefined,
    });
    if (texts.ok) for (const [each, text] of texts.value) rendered.set(each, text);
    else problems.set(name, firstProblem(texts.error));
  }
  const renderable = eachProduct(server, (product) => {
    const why = problems.get(product.definition.name);
    if (why === undefined) return product;
    return {
      ...product,
      shape: 'off',
      remarks: [...product.remarks, { kind: 'not-renderable', why }],
    };
  });
  const [kept, same, dead] = [new Map<never, never>(), new Set<never>(), new Map<never, never>()];
  return withChanges(renderable, diff({ desired, actual, definition, rendered, kept, same, dead }));
}

const IN_USE: ReadonlySet<ProductExport['shape']> = new Set(['written', 'suspended', 'bare']);

/** Throws where the text does not say what it was made of: that is a bug, and worse than no export. */
function proveReadBack(reader: Reader, server: ServerExport): void {
  const read = readBack(reader, server);
  const kept = server.products.filter(({ shape }) => IN_USE.has(shape));
  const isTrue =
    read.ok &&
    read.value.products.size === kept.length &&
    kept.every((product) => isSame(product, read.value));
  if (!isTrue) throw new Error('the export does not read back as it was meant');
}

// What was left out, a schema may have a default for.
function isSame({ definition, found, ...written }: ProductExport, read: DesiredState): boolean {
  const spec = read.products.get(definition.name);
  const meant = {
    version: valueOf(found.version),
    repository: written.repository,
    settings: written.settings,
  };
  return (['version', 'repository', 'settings'] as const).every(
    (part) => meant[part] === undefined || canonical(spec?.[part]) === canonical(meant[part]),
  );
}
