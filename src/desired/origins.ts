import { cutProducts, lineOf, PRODUCTS_LINE, type Cut } from '../format/yaml-cut.ts';
import { inspectYaml } from '../format/yaml.ts';
import type { DocumentPath, OriginOf } from '../model/document.ts';
import { placesOf } from './places.ts';

/** Says where the values of a text stand, each found in its own piece: nothing else is parsed for it. */
export function originsIn(text: string, file: string): OriginOf {
  const placesByProduct = new Map<string, OriginOf>();
  let cut: Cut | undefined;
  let whole: OriginOf | undefined;
  const placesFor = ([top, name]: DocumentPath): OriginOf | undefined => {
    cut ??= cutProducts(text);
    const block = top === 'products' ? cut?.blocks.find((each) => each.name === name) : undefined;
    if (block === undefined) return (whole ??= placesInPiece(text, { file, linesBefore: 0 }));
    const linesBefore = lineOf(block, text) - 2; // that of `products:`, which stands right before it here
    const found =
      placesByProduct.get(block.name) ??
      placesInPiece(`${PRODUCTS_LINE}${block.text}`, { file, linesBefore });
    if (found !== undefined) placesByProduct.set(block.name, found);
    return found;
  };
  return (path) => placesFor(path)?.(path);
}

function placesInPiece(
  text: string,
  { file, linesBefore }: { readonly file: string; readonly linesBefore: number },
): OriginOf | undefined {
  const { root } = inspectYaml(text, file);
  if (root === undefined) return undefined;
  const places = placesOf(root, () => '');
  return (path) => {
    if (places.at(path) === undefined) return undefined;
    const { span } = places.locate(path, 'value');
    return { ...span, line: span.line + linesBefore };
  };
}
