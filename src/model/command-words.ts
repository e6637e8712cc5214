/** What may stand where a command line takes a value: one of a few words, a path, or what only a person can know. */
export type Taken =
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'anything' };

/** An option of a command line. */
export interface OptionWords {
  /** As they are typed: `-f`, `--file`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined where no value follows. */
  readonly value: Taken | undefined;
}

/** A command, and all that can be typed behind it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  /** Those of the commands above it too, where they can stand behind it. */
  readonly options: readonly OptionWords[];
  /** The first word behind it that is not a command; undefined where it takes none. */
  readonly argument: Taken | undefined;
  readonly commands: readonly CommandWords[];
}
