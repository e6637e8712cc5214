import fc from 'fast-check';
import { iniSettingProblem } from '../../src/format/config-ini.ts';
import { renderConfig } from '../../src/format/config.ts';
import { hostPath, parseProductName, parseVersion } from '../../src/model/ids.ts';
import { emptySettings, type SettingMap, type SettingValue } from '../../src/model/settings.ts';
import type { FileTexts } from '../rig/world.ts';

/** A server in a mode that can be asked for, at rest. */
export interface ServerCase {
  readonly mode: 'idle' | 'production';
  readonly products: readonly ProductCase[];
}

/** What is on a server of one product. */
interface ProductCase {
  readonly name: string;
  readonly kind: 'ini' | 'record' | 'template' | 'set';
  /** Undefined: not installed. */
  readonly version: string | undefined;
  readonly repository: string | undefined;
  readonly status: 'valid' | undefined;
  /** What its config file holds. */
  readonly settings: SettingMap | undefined;
  /** What is on record of them: nothing (not for what can be read from the record only), the same, or something else. */
  readonly record: 'none' | 'same' | 'other';
  /** True: somebody edited the config file, without changing a setting. */
  readonly isByHand: boolean;
  readonly dependsOn: readonly string[];
}

/** Texts that look like something else, or that YAML would take for it. */
const TRICKY = [
  ...'1.10 007 1e3 1e+21 0x1F Infinity NaN -0 .5 5. +1 -7 3.25 12345678901234567890 true True no null'.split(
    ' ',
  ),
  ...'~ y a:b {a} [1] &a *a !a %a @a "a" http://127.0.0.1:80/#c /etc/ssl 2026-12-01 fromFile a=b $HOME'.split(
    ' ',
  ),
  '',
  "'",
  'a: b',
  '- a',
  'C:\\x\\y',
  'é ☃',
  '💥',
  'a\u00a0b',
  '\ue000x',
];
const VERSIONS = ['1', '1.10', '2:2.6.12-1+deb12u4~x', 'TRUNK/web-latest', '0x10', '1e3', 'true'];
const NAMES = ['web', 'store', '1.10', 'null', 'no', 'a', 'x-y_z.0', 'gateway'];

/** Any server whose planning can come out as "no change". */
export function anyServer(): fc.Arbitrary<ServerCase> {
  return fc.record({
    mode: fc.constantFrom('idle', 'production'),
    products: fc.uniqueArray(anyProduct(), { maxLength: 4, selector: ({ name }) => name }),
  });
}

function anyProduct(): fc.Arbitrary<ProductCase> {
  return fc.record({
    name: fc.constantFrom(...NAMES),
    kind: fc.constantFrom('ini', 'record', 'template', 'set'),
    version: rarelyNot(fc.constantFrom(...VERSIONS)),
    repository: rarelyNot(fc.oneof(fc.constantFrom(...TRICKY), fc.string({ unit: 'grapheme' }))),
    status: fc.constantFrom('valid', undefined),
    settings: rarelyNot(anySettings()),
    record: fc.constantFrom('none', 'same', 'other'),
    isByHand: fc.boolean(),
    dependsOn: fc.subarray(NAMES),
  });
}

function rarelyNot<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 6 });
}

function anySettings(): fc.Arbitrary<SettingMap> {
  const name = fc.oneof(
    fc.constantFrom('port', 'log', 'tls', 'store-url', '1', 'true', 'a b', 'fromFile'),
    fc.string({ minLength: 1, maxLength: 4 }),
  );
  const scalar: fc.Arbitrary<SettingValue> = fc.oneof(
    fc.constantFrom(...TRICKY),
    fc.string({ maxLength: 6 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const section = fc.dictionary(name, scalar, { maxKeys: 3 });
  const value = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: section });
  return fc.dictionary(name, value, { maxKeys: 5 });
}

/** Shows every setting, and all else a template is given. */
const TEMPLATE = '{{ product }} {{ version }} {{ mode }}\n{{ settings | json }}\n';

/** The server as files. */
export async function filesOf({ mode, products }: ServerCase): Promise<FileTexts> {
  const names = products.map(({ name }) => name);
  const files: Record<string, string | null> = {
    'etc/bootstrap/bootstrap.ini': products.map((each) => sectionOf(each, names)).join('\n'),
    'etc/bootstrap/any.tmpl': TEMPLATE,
    'etc/bootstrap/set': '#!/bin/sh\nexit 1\n',
    'var/bootstrap/server-mode': `${mode}\n`,
  };
  for (const product of products) Object.assign(files, await productFiles(product, mode));
  return files;
}

function sectionOf({ name, kind, dependsOn }: ProductCase, names: readonly string[]): string {
  const lines = {
    record: [],
    ini: [`config-file = /etc/${name}.conf`, 'config-format = ini'],
    template: [
      `config-file = /etc/${name}.conf`,
      'config-format = template',
      'config-template = /etc/bootstrap/any.tmpl',
    ],
    set: ['set-script = /etc/bootstrap/set'],
  }[kind];
  // Only on what comes earlier, lest they go round in a circle.
  const earlier = names.slice(0, names.indexOf(name)).filter((each) => dependsOn.includes(each));
  const depends = earlier.length === 0 ? [] : [`depends-on = ${earlier.join(' ')}`];
  return [`[product: ${name}]`, ...lines, ...depends, ''].join('\n');
}

async function productFiles(product: ProductCase, mode: string): Promise<FileTexts> {
  const { name, kind, version, repository, status, record } = product;
  const settings = kind === 'ini' ? writable(product.settings) : product.settings;
  const recorded = kind === 'ini' && record !== 'same' ? OTHER[record] : settings;
  const at = `var/bootstrap/products/${name}`;
  return {
    [`${at}/version`]: version === undefined ? null : `${version}\n`,
    [`${at}/repository`]: repository === undefined ? null : `${repository}\n`,
    [`${at}/status`]: status ?? null,
    [`${at}/settings.json`]:
      recorded === undefined
        ? null
        : JSON.stringify({ schema: 'bootstrap.settings/1', settings: recorded }),
    [`etc/${name}.conf`]: await configText({ ...product, settings }, mode),
  };
}

const OTHER = { none: undefined, other: { other: 1 } } as const;

function writable(settings: SettingMap | undefined): SettingMap | undefined {
  if (settings === undefined) return undefined;
  const entries = Object.entries(settings);
  return Object.fromEntries(entries.filter(([key, value]) => !iniSettingProblem(key, value)));
}

async function configText(product: ProductCase, mode: string): Promise<string | null> {
  const { kind, isByHand, settings, version } = product;
  if (kind === 'record' || kind === 'set') return null;
  if (kind === 'ini' && settings === undefined) return null;
  const name = parseProductName(product.name);
  if (name === undefined) throw new Error(`${product.name} is no name`);
  const rendered = await renderConfig(kind, {
    product: name,
    version: parseVersion(version ?? ''),
    mode: mode === 'idle' ? 'idle' : 'production',
    root: '',
    settings: settings ?? emptySettings(),
    template: { file: hostPath('', '/any.tmpl'), text: version === undefined ? '' : TEMPLATE },
  });
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.error));
  return isByHand ? `# by hand\n\n${rendered.value.replaceAll(' = ', '  =   ')}` : rendered.value;
}
