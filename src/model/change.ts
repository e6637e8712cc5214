import type { ConfigAccess } from './definition.ts';
import type { ProductName, Version } from './ids.ts';
import type { DesiredMode, ProductStatus, ServerMode } from './mode.ts';
import type { SettingChange } from './settings.ts';

/** Who moved: the desired state, the server, both, or nobody (something was left unfinished). */
export type Cause = 'spec' | 'drift' | 'both' | 'retry';

/** One difference between desired and actual state, in domain words. */
export type Change =
  | {
      readonly kind: 'product-missing';
      readonly product: ProductName;
      readonly to: Version;
      readonly cause: Cause;
    }
  | {
      readonly kind: 'version-differs';
      readonly product: ProductName;
      readonly from: Version;
      readonly to: Version;
      readonly cause: Cause;
    }
  | {
      readonly kind: 'repository-differs';
      readonly product: ProductName;
      readonly from: string | undefined;
      readonly to: string;
    }
  | {
      readonly kind: 'setting-differs';
      readonly product: ProductName;
      readonly setting: SettingChange;
      readonly cause: Cause;
    }
  /** The config file is not what its settings render to, though no setting differs: edited by hand, or its template changed. */
  | {
      readonly kind: 'config-differs';
      readonly product: ProductName;
      readonly path: string;
      readonly found: 'absent' | 'different';
      readonly cause: Cause;
    }
  /** The config file belongs to somebody else, or has other permission bits, than bootstrap.ini says. */
  | {
      readonly kind: 'config-access-differs';
      readonly product: ProductName;
      readonly part: keyof ConfigAccess;
      readonly from: string | undefined;
      readonly to: string;
      readonly cause: Cause;
    }
  /** A run ended before this product was done, or left it invalid. */
  | {
      readonly kind: 'product-unfinished';
      readonly product: ProductName;
      readonly status: Exclude<ProductStatus, 'valid'>;
      readonly at: Version | undefined;
    }
  /** On record on this server, and not in the desired state any more; only where pruning is on. */
  | {
      readonly kind: 'product-unwanted';
      readonly product: ProductName;
      readonly at: Version | undefined;
    }
  /** What is on record of the product's protection is not what its block says. */
  | { readonly kind: 'protection-differs'; readonly product: ProductName; readonly to: boolean }
  /** Nothing was changed, and it does not serve any more. `by` are the heartbeats that say so, in words. */
  | { readonly kind: 'product-dead'; readonly product: ProductName; readonly by: readonly string[] }
  /** A run ended in the mode-script that was to restart it. */
  | { readonly kind: 'restart-unfinished'; readonly product: ProductName }
  /** Nothing need differ: the operator wants it done once more. */
  | { readonly kind: 'redo-asked'; readonly product: ProductName }
  | {
      readonly kind: 'mode-differs';
      readonly from: ServerMode | undefined;
      readonly to: DesiredMode;
    }
  /** Never acted on, always shown. */
  | {
      readonly kind: 'fact-unreadable';
      readonly product: ProductName | undefined;
      readonly fact: string;
      readonly why: string;
    };
