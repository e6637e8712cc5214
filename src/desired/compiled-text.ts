import type { ProductDefinition, ScriptDefinition, ServerDefinition } from '../model/definition.ts';
import type { PlainMap, PlainValue } from '../model/document.ts';
import { isList } from '../model/document.ts';
import type { ProductName, Version } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { later } from '../model/later.ts';
import { secretSettings } from '../model/secret.ts';
import { settingsFrom, type SettingMap } from '../model/settings.ts';
import type { ProductSpec } from '../model/state.ts';
import type { Compiled, CompiledFrame, CompiledProduct } from './compiled.ts';

/** What a kept reading is trusted by: the program that made it, and that nothing of it was damaged since. */
export interface Seal {
  /** Tells one build of bootstrap from any other. */
  readonly build: string;
  readonly digest: (text: string) => string;
}

const FORMAT = 'bootstrap.compiled/1';

/** A reading as the text of a file: a line with its seal, one with all but settings, one with bootstrap.ini, then each product as it was written. */
export function compiledText(compiled: Compiled, { build, digest }: Seal): string {
  const products = [...compiled.products.values()];
  const { revision, definition, frame } = compiled;
  const index = { revision, definition, frame, products: products.map(rowOf) };
  const documents = products.map(({ document }) => JSON.stringify(document()));
  const lines = [index, serverRow(compiled.server)].map((each) => JSON.stringify(each));
  const body = [...lines, ...documents, ''].join('\n');
  return `${JSON.stringify({ schema: FORMAT, build, digest: digest(body) })}\n${body}`;
}

/** What `compiledText` made; undefined where it is damaged, or of another build. What a document says is parsed when it is asked for. */
export function parseCompiled(text: string, { build, digest }: Seal): Compiled | undefined {
  const end = text.indexOf('\n') + 1;
  const seal = parseJsonObject(text.slice(0, end));
  if (seal?.['schema'] !== FORMAT || seal['build'] !== build) return undefined;
  const body = text.slice(end);
  if (seal['digest'] !== digest(body)) return undefined;
  const [first = '', second = '', ...documents] = body.split('\n');
  // It is what this very program wrote: its form need not be looked at again.
  const index = JSON.parse(first) as Index;
  const { expires } = index.frame.metadata;
  const metadata = { ...index.frame.metadata, expires: expires && new Date(expires) };
  const products = index.products.map((row, nth) => productFrom(row, documents[nth] ?? ''));
  return {
    ...index,
    server: serverFrom(JSON.parse(second) as ServerRow),
    frame: { ...index.frame, metadata },
    products: new Map(products.map((product) => [product.spec.name, product])),
  };
}

interface ServerRow extends Omit<ServerDefinition, 'products'> {
  readonly products: readonly (Omit<ProductDefinition, 'scripts'> & {
    readonly scripts: readonly ScriptDefinition[];
  })[];
}

function serverRow(server: ServerDefinition): ServerRow {
  const products = [...server.products.values()];
  return {
    ...server,
    products: products.map((each) => ({ ...each, scripts: [...each.scripts.values()] })),
  };
}

function serverFrom(row: ServerRow): ServerDefinition {
  const products = new Map<ProductName, ProductDefinition>();
  for (const each of row.products) {
    const scripts = new Map(each.scripts.map((script) => [script.kind, script]));
    products.set(each.name, { ...each, scripts });
  }
  return { ...row, products };
}

interface Index extends Pick<Compiled, 'revision' | 'definition'> {
  readonly frame: CompiledFrame;
  readonly products: readonly Row[];
}

/** A product but for what is in its document; what is left out is as most products have it. */
interface Row extends Pick<CompiledProduct, 'block' | 'among' | 'files'> {
  readonly name: ProductName;
  readonly version: Version | undefined;
  readonly repository: string | undefined;
  readonly rest:
    | (Pick<ProductSpec, 'dependsOn' | 'heartbeats' | 'protect' | 'suspend'> & {
        readonly driftWords: readonly [string, ProductSpec['driftPolicy']['others']][];
        readonly driftOthers: ProductSpec['driftPolicy']['others'];
      })
    | undefined;
  /** Where they are not as written: with secrets by their place. */
  readonly settings: SettingMap | 'as-written' | 'none';
}

function rowOf({ spec, block, among, files }: CompiledProduct): Row {
  const { name, version, repository, settings, driftPolicy } = spec;
  const { dependsOn, heartbeats, protect, suspend } = spec;
  const isPlain =
    dependsOn.length + heartbeats.length + driftPolicy.settings.size === 0 &&
    driftPolicy.others === 'correct' &&
    !protect &&
    !suspend;
  const driftWords = [...driftPolicy.settings];
  const rest = { dependsOn, heartbeats, protect, suspend, driftWords };
  return {
    name,
    block,
    among,
    files,
    version,
    repository,
    rest: isPlain ? undefined : { ...rest, driftOthers: driftPolicy.others },
    settings: settings === undefined ? 'none' : settingsRow(settings, files !== undefined),
  };
}

function settingsRow(settings: SettingMap, isWithoutSecrets: boolean): Row['settings'] {
  return isWithoutSecrets || secretSettings(settings).length === 0 ? 'as-written' : settings;
}

function productFrom(row: Row, document: string): CompiledProduct {
  const { name, block, among, files, version, repository, rest, settings } = row;
  const written = later(() => plainFrom(JSON.parse(document)));
  const made = later(() => settingsOf(settings, written()));
  const { dependsOn, heartbeats, protect, suspend, driftWords, driftOthers } = rest ?? PLAIN;
  // Field by field, as most objects of its kind are made: thousands of them are gone through.
  const spec: ProductSpec = {
    name,
    version,
    repository,
    get settings() {
      return made();
    },
    dependsOn,
    heartbeats,
    driftPolicy: { settings: new Map(driftWords), others: driftOthers },
    protect,
    suspend,
  };
  return { spec, block, among, files, document: written };
}

const PLAIN: NonNullable<Row['rest']> = {
  dependsOn: [],
  heartbeats: [],
  protect: false,
  suspend: false,
  driftWords: [],
  driftOthers: 'correct',
};

function settingsOf(row: Row['settings'], document: PlainValue): SettingMap | undefined {
  if (row === 'none') return undefined;
  if (row !== 'as-written') return settingsFrom(row);
  const isMap = typeof document === 'object' && document !== null && !isList(document);
  return settingsFrom(isMap ? (document as PlainMap)['settings'] : undefined);
}

/** Parsed JSON in maps without a prototype. */
export function plainFrom(value: unknown): PlainValue {
  if (Array.isArray(value)) return value.map(plainFrom);
  if (typeof value !== 'object' || value === null) return value as PlainValue;
  const plain: Record<string, PlainValue> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) plain[key] = plainFrom(inner);
  return plain;
}
