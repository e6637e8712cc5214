import { escapeControls } from '../../model/escape.ts';

/** HTML or XML that may stand in a document as it is; `markup` and `ourOwn` make it. */
export interface Markup {
  readonly markup: string;
}

/** What may stand between pieces of markup: texts are escaped, lists put one after the other; undefined is nothing. */
export type MarkupPart = string | number | undefined | Markup | readonly MarkupPart[];

/**
 * Markup with what is put into it escaped, in text and within double quotes alike, control characters shown as such. Sources: HTML Living
 * Standard, "Escaping a string"; XML 1.0, 2.2 "Characters".
 */
export function markup(pieces: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return { markup: String.raw({ raw: pieces }, ...parts.map(partText)) };
}

/** A text of this program as it stands, such as a style sheet; never one from outside. */
export function ourOwn(text: string): Markup {
  return { markup: text };
}

/** Lines of text, one below the other. */
export function markupLines(lines: readonly string[]): Markup {
  return ourOwn(lines.map(escapeText).join('\n'));
}

function partText(part: MarkupPart): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeText(part);
  return 'markup' in part ? part.markup : part.map(partText).join('');
}

// Nearly all there is; a page of a thousand products has twenty thousand of them.
const HARMLESS = /^[\w .,:;/+()-]*$/;

// Half of a character is none, and what XML forbids is not sent to a browser either.
function escapeText(text: string): string {
  if (HARMLESS.test(text)) return text;
  return escapeControls(text)
    .replaceAll(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
