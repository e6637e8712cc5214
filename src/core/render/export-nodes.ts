import type { AnnotatedNode } from '../../model/annotated.ts';
import type { Change } from '../../model/change.ts';
import { valueOf } from '../../model/fact.ts';
import { layoutOf, productPath, type ProductFile } from '../../model/layout.ts';
import type { SettingMap, SettingValue } from '../../model/settings.ts';
import type { ExportRemark, ProductExport, ServerExport } from '../export.ts';

/** The desired state of an export, with a comment at each value that says where it came from. Paths are the server's, without `--root`. */
export function exportNodes(server: ServerExport, schema: string): readonly AnnotatedNode[] {
  return [
    remark(`yaml-language-server: $schema=${schema}`),
    remark(FIRST_WORDS[server.by]),
    remark(
      `What runs, checks and watches the products stands in ${layoutOf('').definition} alone.`,
    ),
    entry('apiVersion', 'bootstrap/v1'),
    GAP,
    { kind: 'map', key: 'server', remark: undefined, nodes: [modeNode(server)] },
    ...productsNodes(server),
  ];
}

const FIRST_WORDS = {
  export: 'Written by `bootstrap export` from what is on this server, as the comments say.',
  migrate:
    "Taken over from what the old tool left on this server; the old tool's verbs edit it, and so may you.",
} as const;

/** What an export has to say beside the file, a line each. Unreadable facts are told apart: `unreadableFacts`. */
export function exportWarnings(server: ServerExport): readonly string[] {
  const { mode } = server.actual;
  const kept = mode.kind === 'unreadable' || valueOf(mode) === server.mode;
  const ofMode = kept ? [] : [`server.mode: ${modeRemark(server)}`];
  const ofProducts = server.products.flatMap(({ definition, remarks }) =>
    remarks
      .filter((each) => unreadable(each) === undefined)
      .map((each) => `${definition.name}: ${remarkText(each)}`),
  );
  return [...ofMode, ...ofProducts];
}

/** The facts that an export lacks because they could not be read. */
export function unreadableFacts({
  actual,
  products,
}: ServerExport): readonly { readonly fact: string; readonly why: string }[] {
  const ofMode =
    actual.mode.kind === 'unreadable' ? [{ fact: 'server-mode', why: actual.mode.why }] : [];
  const ofProducts = products.flatMap(({ definition, remarks }) =>
    remarks.flatMap((each) => {
      const change = unreadable(each);
      return change === undefined
        ? []
        : [{ fact: `${definition.name}: ${change.fact}`, why: change.why }];
    }),
  );
  return [...ofMode, ...ofProducts];
}

type Unreadable = Extract<Change, { readonly kind: 'fact-unreadable' }>;

function unreadable(each: ExportRemark): Unreadable | undefined {
  return each.kind === 'change' && each.change.kind === 'fact-unreadable' ? each.change : undefined;
}

const GAP: AnnotatedNode = { kind: 'gap' };

function remark(text: string): AnnotatedNode {
  return { kind: 'remark', text };
}

function entry(key: string, value: SettingValue, comment?: string): AnnotatedNode {
  // As people are told to write versions, whatever they look like.
  const quotes = key === 'version' ? 'always' : 'needed';
  return { kind: 'entry', key, value, quotes, remark: comment };
}

function modeNode(server: ServerExport): AnnotatedNode {
  if (server.mode === undefined) return remark(`mode: ${modeRemark(server)}`);
  return entry('mode', server.mode, whereFrom(server, modeRemark(server)));
}

// What the old tool's verbs edit, or bring about, is not what it was when it was taken over.
function isLasting({ by }: Pick<ServerExport, 'by'>, { kind }: ExportRemark): boolean {
  return by === 'export' || kind !== 'change';
}

function whereFrom({ by }: Pick<ServerExport, 'by'>, words: string): string | undefined {
  return by === 'export' ? words : undefined;
}

function modeRemark({ actual, mode: written }: ServerExport): string {
  const { serverMode } = layoutOf('');
  const { mode } = actual;
  switch (mode.kind) {
    case 'unreadable':
      return `write idle or production, for it cannot be read: ${mode.why}`;
    case 'absent':
      return 'this server never was provisioned; planning this shows its first apply';
    case 'known':
      return mode.value === written
        ? `from ${serverMode}`
        : `${serverMode} reads ${mode.value}; planning this shows the way to idle`;
  }
}

// With nothing in use, the key is a comment too: an empty map would be in the way of what is to be filled in.
function productsNodes(server: ServerExport): readonly AnnotatedNode[] {
  const { products } = server;
  if (products.length === 0) return [];
  const isAnyInUse = products.some(isInUse);
  const nodes = products.flatMap((each, index): readonly AnnotatedNode[] => {
    const node = productNode(server, each);
    const isOff = isAnyInUse && !isInUse(each);
    return [...(index === 0 ? [] : [GAP]), isOff ? { kind: 'off', nodes: [node] } : node];
  });
  const map: AnnotatedNode = { kind: 'map', key: 'products', remark: undefined, nodes };
  return [GAP, isAnyInUse ? map : { kind: 'off', nodes: [map] }];
}

function isInUse({ shape }: ProductExport): boolean {
  return shape === 'written' || shape === 'suspended' || shape === 'bare';
}

function productNode(server: ServerExport, product: ProductExport): AnnotatedNode {
  const { definition, found, repository, shape, remarks } = product;
  const { name } = definition;
  if (shape === 'not-installed') {
    const recorded = valueOf(found.recordedVersion);
    const version =
      recorded === undefined
        ? entry('version', '…', 'write one')
        : entry('version', recorded, `on record in ${fileOf(name, 'version')}`);
    return { kind: 'map', key: name, remark: 'not installed', nodes: [version] };
  }
  if (shape === 'bare')
    return { kind: 'map', key: name, remark: undefined, nodes: heartbeatNodes(product) };
  const version = valueOf(found.version);
  const nodes: readonly AnnotatedNode[] = [
    ...remarks.filter((each) => isLasting(server, each)).map((each) => remark(remarkText(each))),
    ...(version === undefined
      ? []
      : [entry('version', version, whereFrom(server, versionSource(product)))]),
    ...(repository === undefined
      ? []
      : [entry('repository', repository, whereFrom(server, `from ${fileOf(name, 'repository')}`))]),
    ...settingsNodes(server, product),
    ...heartbeatNodes(product),
    ...(valueOf(found.protected) === true
      ? [entry('protect', true, `from ${fileOf(name, 'protect')}`)]
      : []),
    ...(shape === 'suspended' ? [entry('suspend', true, 'bootstrap leaves it alone')] : []),
  ];
  return { kind: 'map', key: name, remark: undefined, nodes };
}

function heartbeatNodes({ heartbeat }: ProductExport): readonly AnnotatedNode[] {
  if (heartbeat === undefined) return [];
  const { kind, target, from } = heartbeat;
  const nodes = [entry(kind, target, from)];
  return [{ kind: 'map', key: 'heartbeat', remark: undefined, nodes }];
}

function fileOf(name: ProductExport['definition']['name'], file: ProductFile): string {
  return productPath('', name, file);
}

function versionSource({ definition, found }: ProductExport): string {
  return found.probed ? 'told by the probe-script' : `from ${fileOf(definition.name, 'version')}`;
}

function settingsNodes(server: ServerExport, product: ProductExport): readonly AnnotatedNode[] {
  const { settings, remarks } = product;
  const source = whereFrom(server, settingsSource(product));
  if (settings !== undefined) return [settingsNode(settings, source)];
  const secret = remarks.find((each) => each.kind === 'settings-secret');
  return secret === undefined
    ? []
    : [{ kind: 'off', nodes: [settingsNode(secret.others, source)] }];
}

function settingsNode(settings: SettingMap, source: string | undefined): AnnotatedNode {
  return { kind: 'entry', key: 'settings', value: settings, quotes: 'needed', remark: source };
}

function settingsSource({ definition: { name, config }, found }: ProductExport): string {
  if (config !== undefined && config.format !== 'template')
    return `from the config file ${config.path}`;
  // Where the probe-script told none, the fact in force is the recorded one itself.
  const isRecorded = config !== undefined || found.settings === found.applied;
  return isRecorded
    ? `last applied, from ${fileOf(name, 'settings.json')}`
    : 'told by the probe-script';
}

function remarkText(each: ExportRemark): string {
  switch (each.kind) {
    case 'settings-secret':
      return `settings left out: ${each.paths.map((path) => path.join('.')).join(', ')}: of a secret only a hash is on record; say where it is to be found, and take the # away`;
    case 'settings-unrecorded':
      return 'settings left out: which of them are secrets cannot be read';
    case 'config-missing':
      return `settings left out: the config file ${each.path} is gone`;
    case 'config-broken':
      return `settings left out: the config file ${each.path} cannot be read back`;
    case 'refused':
      return `${each.part} left out: ${each.why}`;
    case 'not-renderable':
      return `left out, for its template cannot be rendered: ${each.why}`;
    case 'change':
      return changeText(each.change);
  }
}

function changeText(change: Change): string {
  switch (change.kind) {
    case 'fact-unreadable':
      return `${change.fact} cannot be read: ${change.why}`;
    case 'config-differs':
      return `the config file ${change.path} is ${change.found === 'absent' ? 'not there' : 'not what its template gives'}: an apply would write it`;
    case 'config-access-differs':
      return `the ${change.part} of its config file is ${change.from ?? '(none)'}: an apply would make it ${change.to}`;
    case 'product-unfinished':
      return `its status is ${change.status}: planning this shows what is still to do`;
    case 'product-missing':
      return 'on record, but this server never was provisioned: planning this provisions it';
    case 'version-differs':
    case 'repository-differs':
    case 'protection-differs':
    case 'product-unwanted':
    case 'product-dead':
    case 'restart-unfinished':
    case 'redo-asked':
    case 'mode-differs':
      return 'planning this shows a change';
    case 'setting-differs':
      return `planning this changes the setting ${change.setting.path.join('.')}`;
  }
}
