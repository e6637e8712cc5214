import { linesOf } from '../format/lines.ts';
import { cutProducts, PRODUCTS_LINE } from '../format/yaml-cut.ts';
import { inspectYaml } from '../format/yaml.ts';
import type { DocumentPath, OriginOf } from '../model/document.ts';
import { placesOf } from './places.ts';

/** Says where the values of a text stand, each found in its own piece: nothing else is parsed for it. */
export function originsIn(text: string, file: string): OriginOf {
  const placesByProduct = new Map<string, OriginOf>();
  let pieces: ReadonlyMap<string, ProductPiece> | undefined;
  let whole: OriginOf | undefined;
  const placesFor = ([top, name]: DocumentPath): OriginOf | undefined => {
    pieces ??= productPieces(text, file);
    const piece = top === 'products' ? pieces.get(String(name)) : undefined;
    if (piece === undefined) return (whole ??= placesInPiece({ file, text, linesBefore: 0 }));
    const found = placesByProduct.get(String(name)) ?? placesInPiece({ file, ...piece });
    if (found !== undefined) placesByProduct.set(String(name), found);
    return found;
  };
  return (path) => placesFor(path)?.(path);
}

/** A product's block, to be read by itself. */
interface ProductPiece {
  readonly text: string;
  /** How many lines of the file stand before it, less those put before it here. */
  readonly linesBefore: number;
}

function productPieces(text: string, file: string): ReadonlyMap<string, ProductPiece> {
  const lines = linesOf(text, file);
  const blocks = cutProducts(text)?.blocks ?? [];
  return new Map(
    blocks.map(({ name, start, text: block }) => {
      const { line } = lines.spanOf(start, start);
      // That of `products:` stands right before it here.
      return [name, { text: `${PRODUCTS_LINE}${block}`, linesBefore: line - 2 }];
    }),
  );
}

function placesInPiece({
  file,
  text,
  linesBefore,
}: ProductPiece & { readonly file: string }): OriginOf | undefined {
  const { root } = inspectYaml(text, file);
  if (root === undefined) return undefined;
  const places = placesOf(root, () => '');
  return (path) => {
    if (places.at(path) === undefined) return undefined;
    const { span } = places.locate(path, 'value');
    return { ...span, line: span.line + linesBefore };
  };
}
