import { findCycles } from '../core/find-cycles.ts';
import {
  cutProducts,
  PRODUCTS_LINE,
  type Block,
  type Cut,
  type Piece,
} from '../format/yaml-cut.ts';
import { inspectYaml } from '../format/yaml.ts';
import { toPlain, type YamlEntry, type YamlMap, type YamlValue } from '../format/yaml-value.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { OriginOf, PlainMap } from '../model/document.ts';
import type { ProductName } from '../model/ids.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';
import { compareText } from '../model/text-order.ts';
import { changedTexts } from './changed-texts.ts';
import { plainFrom } from './compiled-text.ts';
import type { Compiled, CompiledFrame, CompiledProduct } from './compiled.ts';
import { interpret } from './interpret.ts';
import { originsIn } from './origins.ts';
import { placesOf } from './places.ts';

/** A text, what it was read as before, and what it is read with. */
export interface PiecewiseRequest {
  readonly file: string;
  readonly text: string;
  readonly definition: ServerDefinition;
  /** The text of bootstrap.ini. */
  readonly definitionText: string;
  /** The sha256 of a text, in hex. */
  readonly digest: (text: string) => string;
  /** What is left of an earlier reading; undefined where nothing is. */
  readonly before: Compiled | undefined;
}

/** What the pieces of a text came to. */
export interface PiecewiseRead {
  readonly desired: DesiredState;
  readonly originOf: OriginOf;
  readonly document: () => PlainMap;
  readonly compiled: Compiled;
}

/**
 * The desired state of a text, of which only those products are parsed that changed; undefined where it cannot be cut, or anything is
 * wrong with any piece: then it is to be read as a whole, which finds the same, or says what is wrong and where.
 */
export function readPiecewise(request: PiecewiseRequest): PiecewiseRead | undefined {
  const { file, text, definitionText } = request;
  const before = request.before?.definition === definitionText ? request.before : undefined;
  const compiled = before?.text === text ? before : compile({ ...request, before });
  if (compiled === undefined) return undefined;
  const { revision } = compiled;
  const { metadata, mode, policy, callbacks } = compiled.frame;
  const specs = [...compiled.products.values()].map(({ spec }) => spec);
  const products = new Map(
    specs.toSorted((a, b) => compareText(a.name, b.name)).map((spec) => [spec.name, spec]),
  );
  return {
    compiled,
    desired: { revision, files: [file], metadata, mode, products, policy, callbacks },
    originOf: originsIn(text, file),
    document: () => documentOf(compiled),
  };
}

function documentOf({ frame: { above, below }, products }: Compiled): PlainMap {
  const blocks = [...products].map(([name, { document }]) => [name, document()] as const);
  const document = { ...above, products: Object.fromEntries(blocks), ...below };
  return plainFrom(document) as PlainMap;
}

function compile(request: PiecewiseRequest): Compiled | undefined {
  const { text, file, definition, definitionText } = request;
  const cut = cutProducts(text);
  if (cut === undefined) return undefined;
  const names = cut.blocks.map(({ name }) => name);
  if (new Set(names).size < names.length) return undefined;
  const { kept, missed } = keptAndMissed(cut.blocks, request.before);
  const trees = treesOf(cut, missed, file);
  if (trees === undefined) return undefined;
  const revision = request.digest(text);
  const stubs = needOthers(trees.products, definition) ? [...kept.keys()].map(stub) : [];
  const read = interpret(
    treeOf(trees, stubs),
    placesOf(trees.above, () => ''),
    {
      definition,
      revision,
      files: [file],
      settingsSchemas: undefined,
    },
  );
  if (!read.ok) return undefined;
  const { metadata, mode, policy, callbacks } = read.value;
  const frame = { ...framed(trees), metadata, mode, policy, callbacks };
  const written = new Map(trees.products.map(({ key, value }) => [key, value]));
  for (const block of missed) {
    const value = written.get(block.name);
    const spec = read.value.products.get(block.name as ProductName);
    if (value === undefined || spec === undefined) return undefined;
    const inherited = definition.products.get(spec.name)?.dependsOn ?? [];
    const isAlone = inherited.length + spec.dependsOn.length === 0;
    const document = toPlain(value);
    kept.set(block.name, {
      spec,
      ...endsOf(block),
      isAlone,
      document: () => document,
      documentText: () => Buffer.from(JSON.stringify(document)),
      files: undefined,
    });
  }
  const products = new Map(names.flatMap((name) => entryOf(kept, name)));
  const specs = [...products.values()].map(({ spec }) => spec);
  const isUsual = areExactInJson(trees) && !goInCircles(specs);
  return isUsual
    ? { text, revision, definition: definitionText, server: definition, frame, products }
    : undefined;
}

/** The blocks that were read before as they are now, and those that were not. */
function keptAndMissed(
  blocks: readonly Block[],
  before: Compiled | undefined,
): { readonly kept: Map<string, CompiledProduct>; readonly missed: readonly Block[] } {
  const kept = new Map<string, CompiledProduct>();
  const missed: Block[] = [];
  const areSameNames =
    before?.products.size === blocks.length &&
    blocks.every(({ name }) => before.products.has(name));
  for (const block of blocks) {
    const was = before?.products.get(block.name);
    const isSame = was !== undefined && before?.text.slice(was.start, was.end) === block.text;
    if (isSame && (was.isAlone || areSameNames)) kept.set(block.name, { ...was, ...endsOf(block) });
    else missed.push(block);
  }
  return { kept, missed };
}

function endsOf({ start, text }: Block): Pick<CompiledProduct, 'start' | 'end'> {
  return { start, end: start + text.length };
}

interface Trees {
  readonly above: YamlMap;
  readonly products: readonly YamlEntry[];
  readonly below: YamlMap;
}

function treesOf({ head, tail }: Cut, missed: readonly Block[], file: string): Trees | undefined {
  const above = treeOfPiece(head, file);
  const below = treeOfPiece(tail, file);
  if (above === undefined || below === undefined) return undefined;
  const keys = [...above.entries, ...below.entries].map(({ key }) => key);
  if (new Set([...keys, 'products']).size <= keys.length) return undefined;
  const products: YamlEntry[] = [];
  for (const block of missed) {
    const product = productIn(block, file);
    if (product === undefined) return undefined;
    products.push(product);
  }
  return { above, products, below };
}

const EMPTY_SPAN = { file: '', line: 1, column: 1, endColumn: 2 };
const EMPTY: YamlMap = { kind: 'map', entries: [], span: EMPTY_SPAN };

/** A piece beside the products; nothing but comments and blanks says nothing. */
function treeOfPiece({ text }: Piece, file: string): YamlMap | undefined {
  if (/^(?: *(?:#.*)?\n)*$/.test(text)) return EMPTY;
  const { root, problems } = inspectYaml(text, file);
  return problems.length === 0 ? root : undefined;
}

function productIn({ name, text }: Block, file: string): YamlEntry | undefined {
  const { root, problems, lines } = inspectYaml(`${PRODUCTS_LINE}${text}`, file);
  if (root === undefined || problems.length > 0) return undefined;
  const [products, ...others] = root.entries;
  if (products?.value.kind !== 'map' || others.length > 0) return undefined;
  const [product, ...more] = products.value.entries;
  if (product?.key !== name || more.length > 0) return undefined;
  const places = placesOf(root, ({ line }) => lines.textOf(line));
  return changedTexts(root, places).length === 0 ? product : undefined;
}

/** Of those that were read before, only their names matter to the others. */
function stub(key: string): YamlEntry {
  return { key, keySpan: EMPTY_SPAN, value: EMPTY };
}

function needOthers(products: readonly YamlEntry[], definition: ServerDefinition): boolean {
  return products.some(
    ({ key, value }) =>
      (definition.products.get(key as ProductName)?.dependsOn ?? []).length > 0 ||
      (value.kind === 'map' && value.entries.some((entry) => entry.key === 'dependsOn')),
  );
}

function treeOf({ above, products, below }: Trees, stubs: readonly YamlEntry[]): YamlMap {
  const value: YamlMap = { ...EMPTY, entries: [...products, ...stubs] };
  const whole = { key: 'products', keySpan: EMPTY_SPAN, value };
  return { ...EMPTY, entries: [...above.entries, whole, ...below.entries] };
}

function framed({ above, below }: Trees): Pick<CompiledFrame, 'above' | 'below'> {
  return { above: toPlain(above) as PlainMap, below: toPlain(below) as PlainMap };
}

function entryOf(
  products: ReadonlyMap<string, CompiledProduct>,
  name: string,
): readonly (readonly [string, CompiledProduct])[] {
  const product = products.get(name);
  return product === undefined ? [] : [[name, product]];
}

/** False where JSON would not give back what it was given: it has no -0, and no number that is none. */
function areExactInJson({ above, products, below }: Trees): boolean {
  return [above, below, ...products.map(({ value }) => value)].every(isExactInJson);
}

function isExactInJson(value: YamlValue): boolean {
  switch (value.kind) {
    case 'map':
      return value.entries.every((entry) => isExactInJson(entry.value));
    case 'list':
      return value.items.every(isExactInJson);
    case 'scalar':
      return (
        typeof value.value !== 'number' ||
        (Number.isFinite(value.value) && !Object.is(value.value, -0))
      );
  }
}

function goInCircles(specs: readonly ProductSpec[]): boolean {
  if (specs.every(({ dependsOn }) => dependsOn.length === 0)) return false;
  return findCycles(new Map(specs.map(({ name, dependsOn }) => [name, dependsOn]))).length > 0;
}
