import { isSettingMap, emptySettings, type SettingMap, type SettingValue } from './settings.ts';

/** Where a secret is to be found (CONTRACT 1.3). */
export const SECRET_SOURCES = ['fromFile', 'fromEnv', 'fromCredential'] as const;
/** A place to find secrets in. */
export type SecretSource = (typeof SECRET_SOURCES)[number];

/** A secret by its place: what plans, texts and records carry instead of its value. */
export interface Secret {
  readonly source: SecretSource;
  readonly name: string;
}

// Characters for private use: no setting may hold them, so that nothing else can look like a token.
const OPEN = '\uE000';
const CLOSE = '\uE001';
const token = /\uE000([^\uE000\uE001]*)\uE001/g;

/** True for a text that no setting may be: it holds a character that tokens are made of. */
export function holdsTokenMark(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** What stands for a secret in settings and in texts rendered from them, until the text is written. */
export function secretToken({ source, name }: Secret): string {
  return `${OPEN}${source}:${name}${CLOSE}`;
}

/** What stands for a secret's value that is not the declared one: an older one, or somebody else's. */
export const OTHER_SECRET = `${OPEN}other${CLOSE}`;

/** How a secret's value is recorded as applied: its keyed hash. */
export function hashToken(hash: string): string {
  return `${OPEN}hash:${hash}${CLOSE}`;
}

/** True for a setting that is a secret, whatever is known of it. */
export function isSecretValue(value: SettingValue | null | undefined): value is string {
  return typeof value === 'string' && value.startsWith(OPEN) && value.endsWith(CLOSE);
}

/** The secrets that a text stands for, each once. */
export function secretsIn(text: string): readonly Secret[] {
  const found = new Map<string, Secret>();
  for (const [whole, inner = ''] of text.matchAll(token)) {
    const colon = inner.indexOf(':');
    const source = SECRET_SOURCES.find((each) => each === inner.slice(0, colon));
    if (source !== undefined) found.set(whole, { source, name: inner.slice(colon + 1) });
  }
  return [...found.values()];
}

/** A text with each token changed; `valueOf` is given whole tokens. */
export function replaceTokens(text: string, valueOf: (token: string) => string): string {
  return text.replaceAll(token, (whole) => valueOf(whole));
}

/** A text in pieces, each token one of them: together they are the text. */
export function splitTokens(text: string): readonly string[] {
  return text.split(/(\uE000[^\uE000\uE001]*\uE001)/).filter((piece) => piece !== '');
}

/** A text for people: secrets by their place, never by their value. */
export function showSecrets(text: string): string {
  return text.replaceAll(token, (_, inner: string) =>
    inner.startsWith('from') ? `(secret ${inner.replace(':', ' ')})` : '(secret)',
  );
}

/** The secrets among settings, each with its path. */
export function secretSettings(
  settings: SettingMap,
): readonly { readonly path: readonly string[]; readonly token: string }[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (isSecretValue(value)) return [{ path: [name], token: value }];
    if (typeof value !== 'object' || !isSettingMap(value)) return [];
    return secretSettings(value).map((inner) => ({ ...inner, path: [name, ...inner.path] }));
  });
}

/** The settings with the texts in them changed, in lists and maps too. */
export function mapTexts(settings: SettingMap, change: (text: string) => string): SettingMap {
  const changed = emptySettings();
  for (const [name, value] of Object.entries(settings)) changed[name] = mapText(value, change);
  return changed;
}

function mapText(value: SettingValue, change: (text: string) => string): SettingValue {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object') return value;
  return isSettingMap(value) ? mapTexts(value, change) : value.map((item) => mapText(item, change));
}
