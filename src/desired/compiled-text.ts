import { checksum } from '../core/checksum.ts';
import type { ProductDefinition, ScriptDefinition, ServerDefinition } from '../model/definition.ts';
import type { PlainMap, PlainValue } from '../model/document.ts';
import { isList } from '../model/document.ts';
import { bytesOf, likelyText, type LikelyText } from '../model/expected.ts';
import type { ProductName, Version } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { later } from '../model/later.ts';
import { secretSettings } from '../model/secret.ts';
import { settingsFrom, type SettingMap } from '../model/settings.ts';
import type { ProductSpec } from '../model/state.ts';
import type { Compiled, CompiledFrame, CompiledProduct } from './compiled.ts';

const FORMAT = 'bootstrap.compiled/2';

/**
 * A reading as the text of a file of one build of bootstrap: a line that says whose it is and what the next parts add up to, one with all
 * but settings, one with bootstrap.ini, and each product as it was written. What comes then is only compared with what is
 * there, and not added up: damaged, it is found to be another, and looked at closer.
 */
export function compiledText(compiled: Compiled, build: string): Buffer {
  const documents = createPile();
  const compared = createPile();
  const { revision, definition, text, frame, server } = compiled;
  const sizes = {
    definition: compared.add(Buffer.from(definition)),
    text: compared.add(Buffer.from(text)),
  };
  const products = [...compiled.products.values()].map((product) =>
    rowOf(product, { documents, compared }),
  );
  const index = { revision, frame, sizes, products };
  const lines = [index, serverRow(server)].map((each) => Buffer.from(`${JSON.stringify(each)}\n`));
  const told = Buffer.concat([...lines, ...documents.parts]);
  const rest = Buffer.concat(compared.parts);
  const size = told.length + rest.length;
  const seal = { schema: FORMAT, build, size, told: told.length, sum: checksum(told) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(seal)}\n`), told, rest]);
}

/** What `compiledText` made; undefined where it is damaged, or of another build. What a document says is parsed when it is asked for. */
export function parseCompiled(bytes: Buffer, build: string): Compiled | undefined {
  const start = bytes.indexOf('\n') + 1;
  const seal = parseJsonObject(bytes.toString('utf8', 0, start));
  if (seal?.['schema'] !== FORMAT || seal['build'] !== build) return undefined;
  const { size, told, sum } = seal as unknown as SealRow;
  if (size !== bytes.length - start) return undefined;
  if (sum !== checksum(bytes.subarray(start, start + told))) return undefined;
  // It is what this very program wrote: its form need not be looked at again.
  const indexEnd = bytes.indexOf('\n', start) + 1;
  const serverEnd = bytes.indexOf('\n', indexEnd) + 1;
  const index = JSON.parse(bytes.toString('utf8', start, indexEnd)) as Index;
  const server = JSON.parse(bytes.toString('utf8', indexEnd, serverEnd)) as ServerRow;
  const takes = { document: taking(bytes, serverEnd), compared: taking(bytes, start + told) };
  const definition = takes.compared(index.sizes.definition).value;
  const text = takes.compared(index.sizes.text).value;
  const { expires } = index.frame.metadata;
  const metadata = { ...index.frame.metadata, expires: expires && new Date(expires) };
  const products = index.products.map((row) => productFrom(row, takes));
  return {
    revision: index.revision,
    text,
    definition,
    server: serverFrom(server),
    frame: { ...index.frame, metadata },
    products: new Map(products.map((product) => [product.spec.name, product])),
  };
}

/** The first line; sizes are in bytes. */
interface SealRow {
  /** Of all that follows. */
  readonly size: number;
  /** Of what is added up. */
  readonly told: number;
  readonly sum: number;
}

/** Texts that are laid one behind the other. */
interface Pile {
  readonly parts: readonly Uint8Array[];
  /** Gives the size of the text, in bytes. */
  readonly add: (text: Uint8Array) => number;
}

function createPile(): Pile {
  const parts: Uint8Array[] = [];
  const add = (text: Uint8Array): number => {
    parts.push(text);
    return text.length;
  };
  return { parts, add };
}

/** Gives the next text of so many bytes. */
type Take = (size: number) => LikelyText;

function taking(bytes: Buffer, from: number): Take {
  let at = from;
  return (size) => {
    const start = at;
    at += size;
    return likelyText(bytes, start, at);
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

interface Index extends Pick<Compiled, 'revision'> {
  readonly frame: CompiledFrame;
  /** In bytes. */
  readonly sizes: { readonly definition: number; readonly text: number };
  readonly products: readonly Row[];
}

/** A product but for what it was written as; what is left out is as most products have it. */
interface Row extends Pick<CompiledProduct, 'start' | 'end' | 'isAlone'> {
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
  /** The size of its document, in bytes. */
  readonly document: number;
  /** The sizes of its config file and its record, in bytes. */
  readonly files:
    { readonly config: number; readonly configDigest: string; readonly record: number } | undefined;
}

interface Piles {
  readonly documents: Pile;
  readonly compared: Pile;
}

function rowOf(
  { spec, start, end, isAlone, documentText, files }: CompiledProduct,
  { documents, compared }: Piles,
): Row {
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
    start,
    end,
    isAlone,
    version,
    repository,
    rest: isPlain ? undefined : { ...rest, driftOthers: driftPolicy.others },
    settings: settings === undefined ? 'none' : settingsRow(settings, files !== undefined),
    document: documents.add(documentText()),
    files: files && {
      config: compared.add(bytesOf(files.config)),
      configDigest: files.configDigest,
      record: compared.add(bytesOf(files.record)),
    },
  };
}

function settingsRow(settings: SettingMap, isWithoutSecrets: boolean): Row['settings'] {
  return isWithoutSecrets || secretSettings(settings).length === 0 ? 'as-written' : settings;
}

function productFrom(
  row: Row,
  takes: { readonly document: Take; readonly compared: Take },
): CompiledProduct {
  const { name, start, end, isAlone, version, repository, rest, settings } = row;
  const document = takes.document(row.document);
  const files = row.files && {
    config: takes.compared(row.files.config),
    configDigest: row.files.configDigest,
    record: takes.compared(row.files.record),
  };
  const written = later(() => plainFrom(JSON.parse(document.value)));
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
  const documentText = (): Uint8Array => bytesOf(document);
  return { spec, start, end, isAlone, files, document: written, documentText };
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
