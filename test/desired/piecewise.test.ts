// What is read product by product, and what was kept of an earlier reading, has to be what reading the whole finds.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compiledText, parseCompiled } from '../../src/desired/compiled-text.ts';
import type { Compiled } from '../../src/desired/compiled.ts';
import { readDesired } from '../../src/desired/load.ts';
import { readPiecewise } from '../../src/desired/piecewise.ts';
import type { DocumentPath, PlainValue } from '../../src/model/document.ts';
import { isList } from '../../src/model/document.ts';
import { HOSTILE_TEXTS, mutated, numbersFrom } from '../format/hostile.ts';
import { inJson, serverWith, withHead } from './server.ts';

const FILE = 'site.yaml';
// JSON holds all that YAML does: nothing is refused for its format.
const definition = serverWith(inJson('web'), inJson('db'), inJson('cache'));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const BUILD = 'this one';
const LETTER = 'x'.codePointAt(0) ?? 0;

const piecewise = (text: string, before?: Compiled) =>
  readPiecewise({ file: FILE, text, definition, definitionText: 'ini', digest, before });

// Each run reads a text three times; a fault that is there shows within a few dozen.
const RUNS = 150;

/** Reads a text with what is kept of another one, and compares with reading it whole; what it was read as, or undefined. */
function check(text: string, kept?: Compiled): Compiled | undefined {
  const whole = readDesired([{ file: FILE, text }], {
    definition,
    digest,
    settingsSchemas: undefined,
  });
  const pieces = piecewise(text, kept);
  if (pieces === undefined) return undefined;
  if (!whole.ok) throw new Error(`only as a whole it is refused: ${JSON.stringify(whole.error)}`);
  expect(pieces.desired).toEqual(whole.value.desired);
  expect([...pieces.desired.products.keys()]).toEqual([...whole.value.desired.products.keys()]);
  expect(pieces.document()).toEqual(whole.value.document());
  for (const path of pathsIn(whole.value.document()))
    expect(pieces.originOf(path), JSON.stringify(path)).toEqual(whole.value.originOf(path));
  const stored = parseCompiled(compiledText(pieces.compiled, BUILD), BUILD);
  const again = piecewise(text, stored);
  expect(again?.desired).toEqual(whole.value.desired);
  expect(again?.document()).toEqual(whole.value.document());
  return stored;
}

function pathsIn(value: PlainValue, path: DocumentPath = []): readonly DocumentPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = isList(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

// Each list has more of what is good: a text with one bad part is read whole, and says nothing of the cut.
const usually = (good: readonly string[], seldom: readonly string[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...seldom));
const value = usually(
  [
    '1',
    'true',
    'a b',
    '"x: y"',
    "'it''s'",
    '/var/x',
    '"é\\n"',
    '{a: 1, b: [2, "}"]}',
    '[1, 2]',
    '"over\n        lines"',
    'plain\n        lines',
    '{fromFile: /run/key}',
    '|\n        one\n\n        # two',
    '>-\n        one\n        two',
    '|+\n        one\n\n',
    '|2\n          two in',
  ],
  ['-0', '~', '1e3', '"open', '{open', '*a', '"over\n  db:\n        lines"'],
);
const noise = usually(
  ['', '', '# says\n', '  # says\n', '\n', '   \n', '      # deep\n'],
  ['\t\n'],
);
const setting = fc.tuple(fc.constantFrom('a', 'b', 'c', 'a b', '"q"'), value, noise);
const settings = fc.uniqueArray(setting, { selector: ([key]) => key, maxLength: 2 });
const rest = usually(
  [
    '',
    '',
    '    protect: true\n',
    '    heartbeat: {tcp: "h:1"}\n',
    '    driftPolicy: {a: report}\n',
  ],
  ['    dependsOn: [db]\n', '    suspend: what\n'],
);
const product = fc.tuple(
  fc.constantFrom('web', 'db', 'cache'),
  fc.constantFrom('"1"', '"2"'),
  settings,
  rest,
  noise,
);
const above = usually(['', '# of\n', 'metadata: {name: a}\n', 'metadata:\n  name: a\n'], ['---\n']);
const below = usually(
  ['', 'policy: {prune: true}\n', '# end\npolicy:\n  maxChanges: 3\n'],
  ['...\n', 'products: {}\n', 'server: {mode: idle}\n'],
);

const desiredText = fc
  .record({
    products: fc.uniqueArray(product, { selector: ([name]) => name, minLength: 1, maxLength: 3 }),
    head: above,
    tail: below,
    indent: fc.constantFrom(2, 2, 2, 3),
  })
  .map(({ products, head, tail, indent }) => {
    const blocks = products.map(([name, version, entries, more, comment]) => {
      const lines = entries
        .map(([key, each, between]) => `      ${key}: ${each}\n${between}`)
        .join('');
      return `${' '.repeat(indent)}${name}:\n    version: ${version}\n${more}${lines === '' ? '' : `    settings:\n${lines}`}${comment}`;
    });
    return `apiVersion: bootstrap/v1\nserver: {mode: idle}\n${head}products:\n${blocks.join('')}${tail}`;
  });

describe('a text read in pieces', () => {
  test('is read as it is as a whole, and once more from what was kept of it', () => {
    let cut = 0;
    fc.assert(
      fc.property(desiredText, (text) => {
        cut += check(text) === undefined ? 0 : 1;
      }),
      { numRuns: RUNS },
    );
    expect(cut).toBeGreaterThan(20);
  });

  test('is read so with what was kept of any other text', () => {
    let reused = 0;
    fc.assert(
      fc.property(desiredText, desiredText, (before, after) => {
        const kept = piecewise(before)?.compiled;
        if (check(after, kept) !== undefined && kept !== undefined) reused += 1;
      }),
      { numRuns: RUNS },
    );
    expect(reused).toBeGreaterThan(5);
  });

  test('is refused whole or read alike, whatever is wrong with it', () => {
    for (const text of Object.values(HOSTILE_TEXTS)) if (piecewise(text) !== undefined) check(text);
    const good = withHead(
      'products:\n  web:\n    version: "1"\n    settings:\n      a: "x\n        y"\n      b: |\n        z\n  db:\n    version: "2"\n    dependsOn: [web]\npolicy: {prune: true}\n',
    );
    const kept = check(good);
    expect(kept).toBeDefined();
    const next = numbersFrom(7);
    for (let round = 0; round < RUNS; round++) check(mutated(good, next), kept);
  });

  test('is refused for a product that is written twice, also where both are as one was before', () => {
    const block = '  web:\n    version: "1"\n';
    const kept = check(withHead(`products:\n${block}`));
    expect(kept).toBeDefined();
    expect(piecewise(withHead(`products:\n${block}${block}`), kept)).toBeUndefined();
  });

  test.each([
    ['a tab', '  web: {}\n  db:\n    version: "1"\t\n'],
    ['a product in braces', '  web: {version: "1"}\n'],
    ['a name in quotes', '  "web":\n    version: "1"\n'],
    ['a product twice', '  web:\n    version: "1"\n  web:\n    version: "1"\n'],
    ['a line between the levels', '  web:\n    version: "1"\n policy: {}\n'],
    ['a second document', '  web:\n    version: "1"\n---\n'],
    ['an anchor', '  web:\n    version: &a "1"\n'],
    ['a circle of dependencies', '  web:\n    dependsOn: [db]\n  db:\n    dependsOn: [web]\n'],
    ['the key products twice', '  web:\n    version: "1"\nproducts: {}\n'],
  ])('is left to be read as a whole: %s', (_, products) => {
    expect(piecewise(withHead(`products:\n${products}`))).toBeUndefined();
  });
});

describe('what is kept of a reading', () => {
  const text = withHead('products:\n  web:\n    version: "1"\n    settings: {a: 1}\n');
  const kept = piecewise(text)?.compiled;
  const stored = kept === undefined ? Buffer.alloc(0) : compiledText(kept, BUILD);

  test('is what was read', () => {
    expect(parseCompiled(stored, BUILD)?.products.get('web')?.spec).toEqual(
      kept?.products.get('web')?.spec,
    );
  });

  test('is not trusted by another build', () => {
    expect(parseCompiled(stored, 'the next one')).toBeUndefined();
  });

  test('is not trusted once it is shorter', () => {
    for (let at = 0; at < stored.length; at++)
      expect(parseCompiled(stored.subarray(0, at), BUILD)).toBeUndefined();
  });

  test('tells nothing else, whichever byte of it is another', () => {
    let refused = 0;
    const anew = piecewise(text);
    for (let at = 0; at < stored.length; at++) {
      const other = Buffer.from(stored);
      other[at] = stored[at] === LETTER ? LETTER + 1 : LETTER;
      const before = parseCompiled(other, BUILD);
      refused += before === undefined ? 1 : 0;
      const read = piecewise(text, before);
      expect(read?.desired).toEqual(anew?.desired);
      expect(read?.document()).toEqual(anew?.document());
    }
    // All but what is compared: bootstrap.ini and the text.
    expect(refused).toBe(stored.length - 'ini'.length - text.length);
  });

  test('is of no use once bootstrap.ini is another', () => {
    const request = { file: FILE, text, definition, digest, before: parseCompiled(stored, BUILD) };
    const read = readPiecewise({
      ...request,
      definition: serverWith(inJson('web')),
      definitionText: 'new',
    });
    expect(read?.compiled.products.get('web')).not.toBe(request.before?.products.get('web'));
  });
});
