import type { Result } from '../../src/model/result.ts';
import { parseDesired } from '../../src/desired/load.ts';
import type {
  ConfigDefinition,
  ProductDefinition,
  ServerDefinition,
} from '../../src/model/definition.ts';
import { ALLOWED_BY_DEFAULT } from '../../src/model/address.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { durationMs } from '../../src/model/duration.ts';
import type { SettingsSchemas } from '../../src/desired/settings-schema.ts';
import type { ProductName } from '../../src/model/ids.ts';
import { parseProductName } from '../../src/model/ids.ts';
import type { DesiredState } from '../../src/model/state.ts';

const place = { file: '/etc/bootstrap/bootstrap.ini', line: 1, column: 1 };

/** A product's name; throws for a text that is none. */
export function named(text: string): ProductName {
  const name = parseProductName(text);
  if (name === undefined) throw new Error(`${text} is no product name`);
  return name;
}

/** What bootstrap.ini might say of a product: an ini config file, and nothing else. */
export function productDefinition(
  name: string,
  changed: Partial<ProductDefinition> = {},
): ProductDefinition {
  const config: ConfigDefinition = {
    path: `/etc/${name}.ini`,
    format: 'ini',
    template: undefined,
    check: undefined,
    access: { owner: undefined, group: undefined, mode: undefined },
    place,
  };
  return {
    name: named(name),
    place,
    scripts: new Map(),
    config,
    settingsSchema: undefined,
    heartbeats: [],
    dependsOn: [],
    timeoutMs: durationMs(60_000),
    rollback: true,
    idempotent: true,
    ...changed,
  };
}

/** A product whose config file can hold lists and maps. */
export function inJson(name: string): ProductDefinition {
  const { config, ...definition } = productDefinition(name);
  return { ...definition, config: config && { ...config, format: 'json' } };
}

/** A server that can run these products. */
export function serverWith(...products: readonly (string | ProductDefinition)[]): ServerDefinition {
  const definitions = products.map((each) =>
    typeof each === 'string' ? productDefinition(each) : each,
  );
  return {
    file: place.file,
    root: '',
    serverType: undefined,
    scriptPath: '/usr/bin:/bin',
    callbackAllow: ALLOWED_BY_DEFAULT,
    products: new Map(definitions.map((each) => [each.name, each])),
  };
}

/** Reads a text as the desired state of a server that can run haproxy, web and store, or the one given. */
export function parse(
  text: string,
  definition: ServerDefinition = serverWith('haproxy', 'store', 'web'),
  settingsSchemas?: SettingsSchemas,
): Result<DesiredState, readonly Diagnostic[]> {
  return parseDesired(text, {
    file: 'site.yaml',
    definition,
    settingsSchemas,
    digest: (whole) => `digest of ${whole.length}`,
  });
}

/** What is wrong with a text, as `line:column code`; throws where nothing is. */
export function problemsOf(
  text: string,
  definition?: ServerDefinition,
  settingsSchemas?: SettingsSchemas,
): readonly Diagnostic[] {
  const parsed = parse(text, definition, settingsSchemas);
  if (parsed.ok) throw new Error('nothing was found wrong');
  return parsed.error;
}

/** A diagnostic in the short form that tables of cases use. */
export function brief({ span, code }: Diagnostic): string {
  return `${span?.line}:${span?.column} ${code}`;
}

/** The lines of a valid document, then these. */
export function withHead(...lines: readonly string[]): string {
  return ['apiVersion: bootstrap/v1', 'server: {mode: production}', ...lines, ''].join('\n');
}
