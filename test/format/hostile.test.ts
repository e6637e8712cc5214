import { Composer, Parser } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { readDefinition } from '../../src/actual/definition.ts';
import { renderDiagnostics } from '../../src/core/render/diagnostics-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { parseDesired, readDesired } from '../../src/desired/load.ts';
import { readIniSections } from '../../src/format/ini-sections.ts';
import { readJson } from '../../src/format/json.ts';
import { editYaml } from '../../src/format/yaml-edit.ts';
import { inspectYaml } from '../../src/format/yaml.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { known } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';
import { inJson, serverWith, withHead } from '../desired/server.ts';
import {
  exampleTexts,
  HOSTILE_LENGTH,
  HOSTILE_TEXTS,
  mutated,
  numbersFrom,
  SLOW_TEXTS,
} from './hostile.ts';

/** Beyond this a text hangs the tool; what is merely slow is printed, for the machine may be slow. */
const TIME_MAX_MS = 10_000;
/** Other programs take time as well: the best of so many counts. */
const TRIES_MAX = 3;
const MEMORY_MAX_BYTES = 1.5 * 2 ** 30;
/** With `BOOTSTRAP_FAULTS=full` everything whole; else what tells nearly as much in a fifth of the time. */
const IS_FULL = process.env['BOOTSTRAP_FAULTS'] === 'full';
const MUTATIONS = IS_FULL ? 1000 : 300;
const LENGTH = IS_FULL ? HOSTILE_LENGTH : HOSTILE_LENGTH / 4;
const PROBLEMS_MAX = 101;
const SEED = 20_261_122;

type Reader = (text: string) => readonly Diagnostic[];

const server = serverWith('haproxy', 'store', inJson('web'));
const context = { definition: server, settingsSchemas: undefined, digest: () => '' };

const READERS: Readonly<Record<string, Reader>> = {
  'a desired state': (text) => {
    const parsed = parseDesired(text, { ...context, file: 'a.yaml' });
    return parsed.ok ? [] : parsed.error;
  },
  'a file over another': (text) => {
    const base = { file: 'base.yaml', text: withHead('products: {web: {version: "1"}}') };
    const parsed = readDesired([base, { file: 'a.yaml', text }], context);
    return parsed.ok ? [] : parsed.error;
  },
  YAML: (text) => inspectYaml(text, 'a.yaml').problems,
  'YAML to edit': (text) => {
    const edited = editYaml(text, ['products', 'web', 'settings', 'a'], '1.10');
    return edited.ok || edited.error.code !== 'not-readable' ? [] : edited.error.diagnostics;
  },
  JSON: (text) => {
    const read = readJson(text, 'a.json');
    return read.ok ? [] : [read.error];
  },
  'ini sections': (text) => {
    const read = readIniSections(text, 'a.ini');
    return read.ok ? [] : read.error;
  },
  'bootstrap.ini': (text) => {
    const path = hostPath('', '/a.ini');
    const read = readDefinition({ read: () => known(text) }, { path, shownPath: path, root: '' });
    if (read.ok) return [];
    if (read.error.code !== 'definition-invalid') throw new Error(read.error.code);
    return read.error.diagnostics;
  },
};
const ofYaml = ['a desired state', 'a file over another', 'YAML to edit'];
const ofIni = ['ini sections', 'bootstrap.ini'];

const shapes = (): string =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype]
    .map((each) => Reflect.ownKeys(each).map(String).join())
    .join(' | ');
const SHAPES = shapes();

let worst = { ms: 0, what: '' };
afterAll(() => {
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `hostile: the slowest took ${Math.round(worst.ms)} ms (${worst.what}); ${memory} MiB in use`,
  );
});

/** Reads a text, and throws where that is slow, throws, or yields a problem without a place. */
function look(reader: string, text: string, what: string): readonly Diagnostic[] {
  const read = READERS[reader];
  if (read === undefined) throw new Error(`no reader ${reader}`);
  let problems: readonly Diagnostic[] = [];
  let ms = Infinity;
  let allowedMs = TIME_MAX_MS;
  for (let tries = 0; tries < TRIES_MAX && ms > allowedMs; tries++) {
    const start = performance.now();
    problems = read(text);
    ms = performance.now() - start;
    if (ms > allowedMs) allowedMs = TIME_MAX_MS + 3 * libraryMs(text);
  }
  if (ms > worst.ms) worst = { ms, what: `${reader}: ${what}` };
  const show = (): string =>
    `${reader}: ${what}: ${JSON.stringify(text.slice(0, text.length > 10_000 ? 80 : undefined))}`;
  if (ms > allowedMs) throw new Error(`${Math.round(ms)} ms for ${show()}`);
  if (
    problems.some(
      ({ span }) =>
        span === undefined ||
        !(span.line > 0) ||
        !(span.column > 0) ||
        !(span.endColumn > span.column),
    )
  )
    throw new Error(`a problem without a place for ${show()}`);
  if (shapes() !== SHAPES) throw new Error(`a prototype was changed by ${show()}`);
  return problems;
}

/** What the yaml library alone takes for a text: some texts are nothing but its words. */
function libraryMs(text: string): number {
  const start = performance.now();
  for (const _ of new Composer({ uniqueKeys: false }).compose(new Parser().parse(text)));
  return performance.now() - start;
}

/** There are not too many, and what a person is shown of them holds no character that moves a cursor or turns the direction of text. */
function expectAllowed(problems: readonly Diagnostic[]): void {
  expect(problems.length).toBeLessThanOrEqual(PROBLEMS_MAX);
  const shown = renderDiagnostics(problems, {
    palette: plainPalette,
    width: 80,
  });
  expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
}

describe('what is refused or taken in time, whatever it is:', () => {
  const whole = ['a desired state', 'JSON', ...ofIni];
  test.each(Object.keys(READERS))(
    '%s',
    (reader) => {
      // Those that read YAML more than once get the beginnings only.
      const length = whole.includes(reader) ? LENGTH : LENGTH / 4;
      for (const [what, text] of Object.entries(HOSTILE_TEXTS))
        expectAllowed(look(reader, text.slice(0, length), what));
      expect(process.memoryUsage().rss).toBeLessThan(MEMORY_MAX_BYTES);
    },
    120_000,
  );
});

describe('random changes of the examples', () => {
  test.each([
    ...ofYaml.map((reader) => [reader, 'desired-state.yaml'] as const),
    ...ofIni.map((reader) => [reader, 'server/etc/bootstrap/bootstrap.ini'] as const),
    ...ofIni.map((reader) => [reader, 'desired-state.yaml'] as const),
  ])(
    '%s: of %s',
    (reader, path) => {
      const texts = exampleTexts(path);
      expect(texts.length).toBeGreaterThan(1);
      const next = numbersFrom(SEED);
      let refused = 0;
      for (let index = 0; index < MUTATIONS; index++) {
        const text = mutated(texts[index % texts.length] ?? '', next);
        const problems = look(reader, text, `change ${index}`);
        expectAllowed(problems);
        refused += problems.length > 0 ? 1 : 0;
      }
      expect(refused).toBeGreaterThan(MUTATIONS / 4);
    },
    120_000,
  );
});

describe('no pattern is slow', () => {
  const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u0085', '\\u0085');
  const FIELDS: Readonly<Record<string, (value: string) => string>> = {
    name: (value) => `products: {${value}: {}}`,
    version: (value) => `products: {web: {version: ${value}}}`,
    repository: (value) => `products: {web: {repository: ${value}}}`,
    setting: (value) =>
      `products: {web: {settings: {a: ${value}, ${value}: {fromFile: ${value}}}}}`,
    dependency: (value) => `products: {web: {dependsOn: [${value}]}}`,
    http: (value) => `products: {web: {heartbeat: {http: ${value}}}}`,
    body: (value) => `products: {web: {heartbeat: {http: "http://x", body: ${value}}}}`,
    tcp: (value) => `products: {web: {heartbeat: {tcp: ${value}}}}`,
    process: (value) => `products: {web: {heartbeat: {process: ${value}}}}`,
    duration: (value) => `products: {web: {heartbeat: {tcp: "x:1", grace: ${value}}}}`,
    moment: (value) => `metadata: {expires: ${value}, machineId: ${value}, name: ${value}}`,
    callback: (value) => `callbacks: [{url: ${value}, format: query}]`,
    word: (value) => `policy: {onFailure: ${value}}`,
  };
  test.each(Object.entries(FIELDS))(
    'of %s',
    (field, line) => {
      for (const [index, slow] of SLOW_TEXTS.entries()) {
        const what = `${field} ${index}`;
        look('a desired state', withHead(line(quoted(slow))), what);
        look('YAML', withHead(line(slow)), what);
      }
    },
    120_000,
  );

  const KEYS =
    `upgrade-script provision-script mode-script set-script reload-script probe-script config-file config-format config-template config-check
    heartbeat depends-on timeout rollback idempotent settings-schema unknown`.split(/\s+/);
  test('of bootstrap.ini', () => {
    for (const key of KEYS)
      for (const [index, slow] of SLOW_TEXTS.entries())
        look(
          'bootstrap.ini',
          `[bootstrap]\nserver-type=${slow}\npath=${slow}\n[product: web]\n${key}=${slow}\n[product: ${slow}]\n`,
          `${key} ${index}`,
        );
  }, 120_000);

  test('of values to be written', () => {
    for (const [index, slow] of SLOW_TEXTS.entries()) {
      const start = performance.now();
      const edited = editYaml('a: 1\n', ['a'], slow);
      expect(edited).toMatchObject({ ok: true });
      expect(performance.now() - start, `text ${index}`).toBeLessThan(TIME_MAX_MS);
    }
  }, 120_000);
});

test('30,000 problems are counted, and a hundred told, in the time that reading takes', () => {
  // Each product is unknown, too.
  const keys = Array.from({ length: 10_000 }, (_, index) => `  p${index}: {verison: 1, x: 2}`);
  const problems = look('a desired state', withHead('products:', ...keys), '30,000 problems');
  expect(problems).toHaveLength(PROBLEMS_MAX);
  expect(problems.at(-1)?.summary).toBe('and 29900 more, from here on');
});
