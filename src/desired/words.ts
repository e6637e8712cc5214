import type { YamlValue } from '../format/yaml-value.ts';

const TEXT_SHOWN_MAX = 60;

/** A value of the file with its kind, as written: `1.10 (a number)`; long texts are cut. */
export function showFound(value: YamlValue | undefined): string {
  switch (value?.kind) {
    case 'map':
      return 'a map';
    case 'list':
      return 'a list';
    case 'scalar':
      return showScalar(value.value, value.source);
    case undefined:
      return 'nothing';
  }
}

function showScalar(value: string | number | boolean | null, source: string): string {
  if (typeof value === 'string') return quote(value);
  if (value === null) return source === '' ? 'nothing' : `${source} (nothing)`;
  return `${source} (${typeof value === 'number' ? 'a number' : 'true or false'})`;
}

/** Text from the file in double quotes, control characters as escapes, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > TEXT_SHOWN_MAX ? `${text.slice(0, TEXT_SHOWN_MAX)}…` : text);
}

/** Words as a sentence lists them: `a, b or c`; all by commas where no joining word is given. */
export function listWords(words: readonly string[], joint?: 'and' | 'or'): string {
  if (joint === undefined || words.length < 2) return words.join(', ');
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;
}
