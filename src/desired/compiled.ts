import type { ServerDefinition } from '../model/definition.ts';
import type { PlainMap, PlainValue } from '../model/document.ts';
import type { Expected } from '../model/expected.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';

/** One product as it was read, and what it was read from. */
export interface CompiledProduct {
  readonly spec: ProductSpec;
  /** The digest of its block of the text. */
  readonly block: string;
  /** The digest of the names of all products, where it depends on others; '' where it does not. */
  readonly among: string;
  /** Its block as plain data, defaults not filled in. */
  readonly document: () => PlainValue;
  /** Undefined where a look at its files tells more than their digests. */
  readonly files: Pick<Expected, 'configDigest' | 'recordDigest'> | undefined;
}

/** All that a text says beside its products. */
export interface CompiledFrame extends Pick<
  DesiredState,
  'metadata' | 'mode' | 'policy' | 'callbacks'
> {
  /** As plain data, what stands above the products and what stands below them. */
  readonly above: PlainMap;
  readonly below: PlainMap;
}

/** A desired state as it was read from one text, product by product: what did not change since need not be read again. */
export interface Compiled {
  /** The digest of the text. */
  readonly revision: string;
  /** The digest of bootstrap.ini, which decides what is a product. */
  readonly definition: string;
  /** What that was read as. */
  readonly server: ServerDefinition;
  readonly frame: CompiledFrame;
  /** In the order of the text. */
  readonly products: ReadonlyMap<string, CompiledProduct>;
}
