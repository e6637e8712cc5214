import type { ServerDefinition } from '../model/definition.ts';
import type { PlainMap, PlainValue } from '../model/document.ts';
import type { Expected } from '../model/expected.ts';
import type { DesiredState, ProductSpec } from '../model/state.ts';

/** What of `Expected` is kept. */
export type ExpectedFiles = Pick<Expected, 'config' | 'configDigest' | 'record'>;

/** One product as it was read, and what it was read from. */
export interface CompiledProduct {
  readonly spec: ProductSpec;
  /** Where its block of the text begins and ends, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** True where it depends on no other one: then it reads alike whatever else there is. */
  readonly isAlone: boolean;
  /** Its block as plain data, defaults not filled in. */
  readonly document: () => PlainValue;
  /** That as JSON, in UTF-8. */
  readonly documentText: () => Uint8Array;
  /** What its files hold where nothing differs; undefined where a look at them tells more. */
  readonly files: ExpectedFiles | undefined;
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
  readonly text: string;
  /** The digest of the text. */
  readonly revision: string;
  /** bootstrap.ini, which decides what is a product. */
  readonly definition: string;
  /** What that was read as. */
  readonly server: ServerDefinition;
  readonly frame: CompiledFrame;
  /** In the order of the text. */
  readonly products: ReadonlyMap<string, CompiledProduct>;
}
