import type { SettingValue } from '../../model/settings.ts';

const VALUE_WIDTH_MAX = 60;

/** A setting's value on one line: texts bare where that cannot be misread, else quoted; long ones cut; nothing as `(none)`. */
export function showValue(value: SettingValue | null | undefined): string {
  if (value === null || value === undefined) return '(none)';
  const text = typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value);
  return text.length <= VALUE_WIDTH_MAX ? text : `${text.slice(0, VALUE_WIDTH_MAX - 3)}...`;
}

function isPlain(text: string): boolean {
  return /^[\w./:~+@%-]+$/.test(text);
}
