import { escapeControls } from '../../model/escape.ts';

/** Longer texts are cut: what is shown of a plan stays readable, whatever somebody wrote into it. */
const TEXT_MAX = 200;

/**
 * A text from outside as code in a line of Markdown, in a cell of a table too: there it makes no link, names nobody, and
 * ends no cell. '' for ''. Source: GitHub Flavored Markdown Spec 0.29, "Code spans" and "Tables".
 */
export function codeText(text: string): string {
  const shown = escapeControls(cut(text, TEXT_MAX)).replaceAll('\t', ' ');
  // Parsers differ on a bar that is escaped within code, so none is: it stands between two pieces of code.
  return shown.split('|').map(codeSpan).join('&#124;');
}

function codeSpan(text: string): string {
  if (text === '') return '';
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Lines as a block of code that nothing in them can end. `language` is for colours. */
export function codeBlock(text: string, language: string): string {
  const lines = whole(text).replace(/\n$/, '').split('\n').map(escapeControls).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return `${fence}${language}\n${lines}\n${fence}`;
}

/** A text from outside as code within HTML. */
export function codeHtml(text: string): string {
  const shown = escapeControls(cut(text, TEXT_MAX));
  return `<code>${shown.replaceAll(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`)}</code>`;
}

/** A comment that is not shown, but found again; no name, whatever is in it, ends it early. */
export function markdownComment(name: string): string {
  const safe = name.replaceAll(/[^\w ./:-]/gu, (each) => `%${each.codePointAt(0)?.toString(16)}`);
  return `<!-- ${safe} -->`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

function cut(text: string, lengthMax: number): string {
  return whole(text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 3)}...`);
}

// Half of a character is none, and nothing that could be sent.
function whole(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}
