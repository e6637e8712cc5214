/** A value that stands on one line, as YAML and JSON have them. */
export type ScalarValue = string | number | boolean;

/** How a value is to be written. */
export interface ScalarStyle {
  /** Of texts: without quotes where nobody would read them as something else; else in these where they can hold them. */
  readonly quotes: 'none' | 'single' | 'double';
  /** Within `[…]` or `{…}`, where commas and brackets end a text. */
  readonly inFlow: boolean;
}

/** A value as YAML 1.2 has it, on one line. Infinity has a text too, though no JSON. */
export function scalarText(value: ScalarValue, style: ScalarStyle): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (style.quotes === 'none' && isPlain(value, style)) return value;
  if (style.quotes === 'single' && !hidden.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return doubleQuoted(value);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return value < 0 ? '-.inf' : '.inf';
}

/** Whether a text without quotes is this text to everybody: readers of YAML 1.1, as PyYAML, take more words for something else. */
function isPlain(text: string, { inFlow }: ScalarStyle): boolean {
  const isRead = !hidden.test(text) && !sign.test(text) && !(inFlow && flowSign.test(text));
  return isRead && !OTHERWISE_READ.some((pattern) => pattern.test(text));
}

// What ends a line or cannot be seen: only in double quotes it has a form.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u00a0\ufeff]/u;
// Nothing, blanks at an end, a sign of YAML first, a document's end, or what begins a value or a comment.
const sign =
  /^$|^\s|\s$|^[,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)(?:\s|$)|:(?:\s|$)|\s#/u;
const flowSign = /[,[\]{}]|^[?:]/;

const OTHERWISE_READ: readonly RegExp[] = [
  /^(?:~|null|true|false|yes|no|on|off|y|n)$/i,
  // Numbers of either version: decimal and in groups, of other bases, in sixties, with a fraction or an exponent.
  /^[-+]?[0-9][0-9_]*$/,
  /^[-+]?0(?:b[01_]+|o[0-7_]+|x[0-9a-f_]+)$/i,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:e[-+]?[0-9]+)?$/i,
  /^[-+]?\.(?:inf|nan)$/i,
  // Days and moments.
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt\s])/,
  // A merge key, and a default value.
  /^(?:<<|=)$/,
];

function doubleQuoted(text: string): string {
  // YAML reads every text of JSON as JSON does; what JSON leaves as it is though nobody sees it is spelt out.
  return JSON.stringify(text).replaceAll(hiddenOnes, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}

const hiddenOnes = new RegExp(hidden.source, 'gu');
