/** Columns that a text takes on a terminal at most: a tab as many as it can, marks on letters none, East Asian characters and most emoji two. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

const TAB_COLUMNS_MAX = 8;

function columnsOfCharacter(character: string): number {
  if (character === '\t') return TAB_COLUMNS_MAX;
  if (isNarrowest(character)) return 0;
  return isWide(character) ? 2 : 1;
}

/** A text with blanks after it, up to so many columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** A text of which no more is left than takes so many columns. */
export function cutColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let taken = 0;
  let cut = '';
  for (const character of text) {
    taken += columnsOfCharacter(character);
    if (taken > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

// Nearly every text; those need no look at each character.
const ASCII = /^[ -~]*$/;

// In functions, which most texts do not reach: to make one of these goes through all of Unicode.

// Not spacing marks (Mc), which take a column of their own, nor the two that terminals do not agree on: a soft hyphen, and the
// selector that makes an emoji of a letter and so widens it. Too many is harmless, too few breaks the line.
function isNarrowest(character: string): boolean {
  return /(?!\u00ad|\ufe0f)[\p{Mn}\p{Me}\p{Cf}]/u.test(character);
}

// W and F of Unicode's EastAsianWidth.txt (UAX #11), in blocks.
function isWide(character: string): boolean {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u.test(
    character,
  );
}
