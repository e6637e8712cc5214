import { absent, mapFact, unreadable, valueOf, type Fact } from '../model/fact.ts';
import {
  hashToken,
  isSecretValue,
  OTHER_SECRET,
  replaceTokens,
  secretSettings,
  showSecrets,
} from '../model/secret.ts';
import {
  emptySettings,
  isSettingMap,
  type SettingMap,
  type SettingValue,
  settingText,
} from '../model/settings.ts';
import type { ActualProduct, ProductSpec } from '../model/state.ts';

/** What is known of secrets while states are compared. */
export interface KnownSecrets {
  /** The value of a token's secret. */
  valueOf(token: string): Fact<string>;
  /** The keyed hash of a value; undefined before there is a key. */
  hashOf(value: string): string | undefined;
}

/** What is wanted of a product, as far as its secrets matter. */
export interface Wanted {
  readonly spec: ProductSpec;
  /** The config file as it is to be, secrets as tokens. */
  readonly text: string | undefined;
  /** Why the config file's format cannot hold a value; undefined where it can. */
  readonly unwritable: (value: string) => string | undefined;
  /** What a value is to be in the place of its token in the text. */
  readonly escape: (value: string) => string;
}

/**
 * What was found of a product with no secret's value left in it: a value that is the declared secret's reads as its
 * token, any other one in its place as another secret. From here on states can be compared, shown and stored.
 * A secret that cannot be had leaves the product's settings unreadable: nothing is done about them.
 */
export function sealSecrets(
  found: ActualProduct,
  wanted: Wanted,
  known: KnownSecrets,
): ActualProduct {
  const declared = secretSettings(wanted.spec.settings ?? emptySettings());
  const recorded = secretSettings(valueOf(found.applied) ?? emptySettings());
  if (declared.length === 0 && recorded.length === 0) return found;
  const missing = unusable(
    declared.map((each) => each.token),
    wanted,
    known,
  );
  if (missing !== undefined)
    return { ...found, settings: missing, applied: missing, configText: absent };
  const seal = (settings: SettingMap): SettingMap =>
    sealAt(settings, { declared, hidden: recorded.map((each) => each.path), known });
  return {
    ...found,
    settings: mapFact(found.settings, seal),
    applied: mapFact(found.applied, seal),
    configText: mapFact(found.configText, (text) => sealText(text, wanted, known)),
  };
}

function unusable(
  tokens: readonly string[],
  { unwritable }: Wanted,
  known: KnownSecrets,
): Fact<never> | undefined {
  for (const token of tokens) {
    const value = known.valueOf(token);
    const why = value.kind === 'known' ? unwritable(value.value) : whyNot(value);
    if (why !== undefined) return unreadable(`${showSecrets(token)}: ${why}`);
  }
  return undefined;
}

function whyNot(value: Exclude<Fact<string>, { readonly kind: 'known' }>): string {
  return value.kind === 'unreadable' ? value.why : 'there is no such secret';
}

interface SealedPaths {
  readonly declared: ReturnType<typeof secretSettings>;
  /** Where a secret once was applied: whatever stands there now may be one. */
  readonly hidden: readonly (readonly string[])[];
  readonly known: KnownSecrets;
}

function sealAt(settings: SettingMap, { declared, hidden, known }: SealedPaths): SettingMap {
  const isDeclared = (path: readonly string[]): boolean =>
    declared.some((each) => each.path.join('\0') === path.join('\0'));
  let sealed = settings;
  for (const path of hidden)
    if (!isDeclared(path)) sealed = changeAt(sealed, path, () => OTHER_SECRET);
  for (const { path, token } of declared)
    sealed = changeAt(sealed, path, (value) =>
      isValueOf(value, token, known) ? token : OTHER_SECRET,
    );
  return sealed;
}

// A value itself, as a config file holds it, or its keyed hash, as the records do.
function isValueOf(value: SettingValue, token: string, known: KnownSecrets): boolean {
  const secret = valueOf(known.valueOf(token));
  if (secret === undefined) return false;
  if (typeof value === 'object') return false;
  if (!isSecretValue(value)) return settingText(value) === secret;
  const hash = known.hashOf(secret);
  return hash !== undefined && value === hashToken(hash);
}

function changeAt(
  settings: SettingMap,
  [name = '', ...rest]: readonly string[],
  change: (value: SettingValue) => SettingValue,
): SettingMap {
  const value = settings[name];
  if (value === undefined) return settings;
  if (rest.length === 0) return withValue(settings, name, change(value));
  return typeof value === 'object' && isSettingMap(value)
    ? withValue(settings, name, changeAt(value, rest, change))
    : settings;
}

function withValue(settings: SettingMap, name: string, value: SettingValue): SettingMap {
  return Object.assign(emptySettings(), settings, { [name]: value });
}

// A file that is what the secrets make of the text reads as the text; another one may hold anything, and shows nothing.
function sealText(actual: string, { text, escape }: Wanted, known: KnownSecrets): string {
  if (text === undefined) return OTHER_SECRET;
  const filled = replaceTokens(text, (token) => {
    const value = valueOf(known.valueOf(token));
    return value === undefined ? token : escape(value);
  });
  return filled === actual ? text : OTHER_SECRET;
}
