/** What a code stands for, with an example: what `bootstrap explain CODE` prints. */
export interface Explanation {
  readonly meaning: string;
  /** What brings the code about: of a file the part that matters, of the command line a command. */
  readonly wrong: string;
  /** The same, mended. */
  readonly right: string;
  /** What to do now. */
  readonly fix: string;
}

/** Explanations by code. */
export type Explanations = Readonly<Record<string, Explanation>>;
