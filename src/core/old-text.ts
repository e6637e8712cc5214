/** What the old tool kept of a product, as it printed it. */
export interface OldProduct {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly status: string;
  readonly lastmessage: string;
}

const SEPARATOR = '|<>|';

/** A line of `product.list`, in the old tool's form: each value and a separator behind it. Ends in a newline. */
export function oldProductLine(product: OldProduct): string {
  const { name, version, repository, status, lastmessage } = product;
  const values = [name, version, repository, status, lastmessage];
  // A line a product, whatever is in it.
  return `${values.map((value) => value.replaceAll(/\s*\n\s*/g, ' ') + SEPARATOR).join('')}\n`;
}
