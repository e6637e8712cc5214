// How wide a text is on a terminal. What is said to be narrower than it is breaks the line that it stands on.
import { expect, test } from 'vitest';
import { columnsOf, cutColumns } from '../../src/core/render/columns.ts';

test.each<[string, string, number]>([
  ['letters', 'haproxy/upgrade', 15],
  ['letters beyond ASCII', 'Größe…', 6],
  ['a mark on a letter', 'e\u0301', 1],
  ['a mark around a letter', 'a\u20dd', 1],
  ['a mark that has a place of its own', '\u0915\u093e', 2],
  ['what joins and what is nothing at all', 'a\u200d\u200bb', 2],
  ['a soft hyphen, which some show', 'a\u00adb', 3],
  ['East Asian characters', '日本語', 6],
  ['those of the planes above', '\u{20000}\u{2ebe0}\u{31350}', 6],
  ['Hangul, whole and in parts', '한\ud7a3\u1112\ua960', 8],
  ['Tangut and old kana', '\u{17000}\u{1b000}', 4],
  ['full-width forms', 'Ａ！', 4],
  ['emoji', '🚀✅', 4],
  ['a letter that is made an emoji, which some widen', '\u2764\ufe0f', 2],
  ['a flag, which some show as two letters', '🇩🇪', 4],
  ['braille', '⠋', 1],
  ['a tab, as wide as it can be', 'a\tb', 10],
])('%s', (_, text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each<[string, number, string]>([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['abcdef', 1, '…'],
])('%s in %i columns is %s', (text, columns, cut) => {
  expect(cutColumns(text, columns)).toBe(cut);
});
