import fc from 'fast-check';
import { absent, known, unreadable, type Fact } from '../../src/model/fact.ts';
import { SERVER_MODES, PRODUCT_STATUSES, DESIRED_MODES } from '../../src/model/mode.ts';
import { asTexts, type SettingMap, type SettingValue } from '../../src/model/settings.ts';
import type { ActualProduct } from '../../src/model/state.ts';
import type { PlanChoices } from '../../src/core/plan.ts';
import { WHOLE, type ModeChoice } from '../../src/model/plan.ts';
import {
  ALL_ALLOWED,
  allowing,
  beat,
  named,
  versioned,
  type FoundCase,
  type LeftoverCase,
  type ProductCase,
  type ServerCase,
} from './states.ts';

const NAMES = ['database', 'deepfiler', 'gateway', 'haproxy', 'store', 'web'] as const;
const VERSIONS = ['1', '1.10', '2', '2.0~rc1', 'TRUNK/haproxy-latest'] as const;
const REPOSITORIES = ['bookworm', 'trixie'] as const;
const SCRIPTS = ['upgrade', 'mode', 'provision', 'reload'] as const;

/** A server of up to six products in any state a run, a person or the old tool can leave; now and then something is unreadable. */
export function anyServer(): fc.Arbitrary<ServerCase> {
  const products = fc
    .subarray([...NAMES])
    .chain((names) =>
      fc
        .tuple(...names.map((_, index) => anyProduct(names.slice(0, index))))
        .map((all) => Object.fromEntries(names.map((name, index) => [name, all[index] ?? {}]))),
    );
  const mode = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...SERVER_MODES) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(unreadable('i/o error')) },
  );
  const policy = fc.record({ prune: fc.boolean() });
  const leftovers = fc.dictionary(fc.constantFrom('printer', 'relay'), anyLeftover(), {
    maxKeys: 2,
  });
  return fc.record({
    wish: fc.constantFrom(...DESIRED_MODES),
    mode,
    products,
    policy,
    leftovers,
  });
}

function anyLeftover(): fc.Arbitrary<LeftoverCase> {
  return fc.record({
    scripts: fc.constantFrom('upgrade remove', 'upgrade', 'remove', '', null),
    config: fc.constantFrom('ini', 'template'),
    found: fc.record({
      version: maybe(fc.constantFrom(...VERSIONS).map(versioned)),
      applied: maybe(anySettings()),
      protected: fc.constantFrom(absent, known(true), unreadable('i/o error')),
    }),
  });
}

/** What an operator may allow and select, of the products that any server has. */
export function anyChoices(): fc.Arbitrary<PlanChoices> {
  const some = fc.subarray(NAMES.map(named), { maxLength: 2 });
  const selection = fc.oneof(
    { weight: 2, arbitrary: fc.constant(WHOLE) },
    { weight: 1, arbitrary: fc.record({ only: some, exclude: some, redo: some }) },
  );
  const allow = fc.constantFrom(ALL_ALLOWED.allow, allowing({ changesMax: 12 }).allow);
  const mode = fc.constantFrom(
    ...(['wished', 'wished', 'untouched', 'alone', 'anew'] satisfies ModeChoice[]),
  );
  return fc.record({ allow, selection, mode });
}

function anyProduct(others: readonly string[]): fc.Arbitrary<ProductCase> {
  const fixed = fc.record({
    version: fc.oneof(fc.constantFrom(...VERSIONS), fc.constant(null)),
    dependsOn: fc.subarray([...others]),
    heartbeats: fc.constantFrom([], [beat]),
    suspend: fc.nat(9).map((dice) => dice === 0),
    // Without an upgrade-script a version is a record, which no probe-script would agree with.
    scripts: fc
      .tuple(fc.subarray([...SCRIPTS]), fc.constantFrom('', 'probe', 'set', 'probe set'))
      .map(([some, more]) => [...some, more, more.includes('probe') ? 'upgrade' : ''].join(' ')),
    rollback: fc.boolean(),
    idempotent: fc.boolean(),
  });
  const sometimes = fc.record(
    {
      repository: fc.constantFrom(...REPOSITORIES),
      settings: anySettings(),
      config: fc.constantFrom('template', 'ini', 'json', 'yaml', 'env'),
      protect: fc.boolean(),
      driftPolicy: fc.constantFrom<NonNullable<ProductCase['driftPolicy']>>(
        'correct',
        'report',
        'ignore',
        { maxconn: 'report', '*': 'correct' },
      ),
      check: fc.constant(['/bin/check', '{file}']),
    } as const,
    { requiredKeys: [] },
  );
  return fc
    .tuple(fixed, sometimes)
    .chain(([a, b]) => anyFound({ ...a, ...b }).map((found) => ({ ...a, ...b, found })));
}

/** Few names and few values, so that applied, found and wished meet often. */
function anySettings(): fc.Arbitrary<SettingMap> {
  const scalar: fc.Arbitrary<SettingValue> = fc.constantFrom<SettingValue>(1, 2, true, '1', 'a b');
  const value = fc.oneof(
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('key', 'cert'), scalar, { minKeys: 1 }) },
  );
  return fc.dictionary(fc.constantFrom('maxconn', 'log', 'tls'), value);
}

function anyFound(product: ProductCase): fc.Arbitrary<FoundCase> {
  const moved = fc
    .tuple(anyRecords(product), anyConfig(product))
    .map(([records, config]): FoundCase => ({ ...records, ...config }));
  const dark = fc
    .tuple(
      moved,
      fc.constantFrom('version', 'repository', 'status', 'applied', 'settings', 'configText'),
    )
    .map(([found, fact]): FoundCase =>
      found === 'nothing' ? found : { ...found, [fact]: unreadable('i/o error') },
    );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<FoundCase>({}) },
    { weight: 2, arbitrary: fc.constant<FoundCase>('nothing') },
    { weight: 6, arbitrary: moved },
    { weight: 1, arbitrary: dark },
  );
}

function anyRecords({ scripts = '' }: ProductCase): fc.Arbitrary<Partial<ActualProduct>> {
  const version = maybe(fc.constantFrom(...VERSIONS).map(versioned));
  return fc
    .record({
      recordedVersion: version,
      version,
      repository: maybe(fc.constantFrom(...REPOSITORIES)),
      status: maybe(fc.constantFrom(...PRODUCT_STATUSES)),
      protected: fc.constantFrom<Fact<boolean>>(absent, known(true), known(false)),
    })
    .map((records) =>
      scripts.includes('probe') ? records : { ...records, recordedVersion: records.version },
    );
}

/** What was applied, and what is in force, which agree as they do on a server: where the config file cannot be read back, the one is the other. */
function anyConfig({ config, scripts = '' }: ProductCase): fc.Arbitrary<Partial<ActualProduct>> {
  const applied = maybe(anySettings());
  const readable = config !== undefined && config !== 'template';
  const textual = config === 'ini' || config === 'env';
  if (readable)
    return fc.tuple(applied, maybe(anySettings())).map(([was, is]) => ({
      applied: was,
      settings: is.kind === 'known' && textual ? known(asTexts(is.value)) : is,
      configText: is.kind === 'known' ? known(JSON.stringify(is.value)) : absent,
    }));
  const configText =
    config === 'template' ? maybe(fc.constantFrom('old', 'edited')) : fc.constant(absent);
  // A probe-script tells settings only where a set-script can change them.
  const told =
    scripts.includes('probe') && scripts.includes('set') ? maybe(anySettings()) : applied;
  return fc.tuple(applied, told, configText).map(([was, is, text]) => ({
    applied: was,
    settings: told === applied || is.kind === 'absent' ? was : is,
    configText: text,
  }));
}

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Fact<T>> {
  return fc.oneof(
    { weight: 4, arbitrary: value.map(known) },
    { weight: 1, arbitrary: fc.constant(absent) },
  );
}
