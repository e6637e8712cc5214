// Control characters (C0 but tab, DEL, C1; `\p{Cc}` says the same, and has all of Unicode searched for it), marks that turn the
// direction of text, and Unicode's own line ends.
const unsafe = new RegExp(
  String.raw`(?!\t)[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]`,
  'gu',
);

/** Text with everything in it that could move a cursor, hide, or reorder what is shown, written as `\x1b` or `\u202e`. */
export function escapeControls(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}
