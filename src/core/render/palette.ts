/** How words are made to stand out; meaning never rests on it. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly accent: (text: string) => string;
}

const same = (text: string): string => text;

/** Text as it is: for pipes, CI and NO_COLOR. */
export const plainPalette: Palette = {
  strong: same,
  faint: same,
  good: same,
  bad: same,
  warn: same,
  accent: same,
};
