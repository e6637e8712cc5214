/** The words with which the old tool began an error. */
export type OldTag =
  | 'invalid-key'
  | 'invalid-product'
  | 'invalid-version'
  | 'invalid-test'
  | 'invalid-mode'
  | 'invalid-script'
  | 'invalid-operation'
  | 'script-error';

/** An error in the old tool's form, printed as `tag: message`. */
export interface OldError {
  readonly tag: OldTag;
  /** One line. */
  readonly message: string;
}
