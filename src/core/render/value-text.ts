import { isSecretValue, showSecrets } from '../../model/secret.ts';
import type { SettingValue } from '../../model/settings.ts';

const VALUE_WIDTH_MAX = 60;

/** A setting's value on one line: texts bare where that cannot be misread, else quoted; long ones cut; nothing as `(none)`. */
export function showValue(value: SettingValue | null | undefined): string {
  if (value === null || value === undefined) return '(none)';
  if (isSecretValue(value)) return showSecrets(value);
  const shown = showSecrets(JSON.stringify(value));
  const text = typeof value === 'string' && isPlain(value) ? value : shown;
  return text.length <= VALUE_WIDTH_MAX ? text : `${text.slice(0, VALUE_WIDTH_MAX - 3)}...`;
}

function isPlain(text: string): boolean {
  return /^[\w./:~+@%-]+$/.test(text);
}
