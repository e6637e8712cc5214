import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** How long the texts of the corpus are: what a desired state could be, and more than one ever is. */
export const HOSTILE_LENGTH = 256 * 1024;

const full = (part: string): string =>
  part.repeat(Math.ceil(HOSTILE_LENGTH / part.length)).slice(0, HOSTILE_LENGTH);

// A pattern that takes the square of this in steps takes seconds.
const LONG_LENGTH = 64 * 1024;
const long = (part: string): string => part.repeat(LONG_LENGTH / part.length);

/** Texts that make careless patterns go back and forth: each is `n` times a part, and an end that does not fit. */
export const SLOW_TEXTS: readonly string[] = [
  ...[
    'a',
    '0',
    '1',
    ' ',
    '.',
    '-',
    '_',
    ':',
    '/',
    'a.',
    '0:',
    '1_',
    '%',
    '\\',
    'x ',
    '[',
    "'",
    '"',
    '\t',
    '${',
    '{{',
    '=',
    ';',
    ',',
    '1.',
    '::',
    'aA0',
    'é',
  ].flatMap((part) => [long(part), `${long(part)}!`]),
  `http://${long('a.')}`,
  `http://[${long(':')}`,
  `${long('1')}:`,
  `[${long(':')}]:1`,
  `${long('2026-01-01T')}`,
];

const unit = (words: string): readonly string[] => words.split('|');

/** Files that are broken, deep, huge or sly, by what is wrong with them. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...unit(
        `[|]|{|}|"|'|:|-|&|*|%|!|?|,|#|>|\\|~|0|a|\u00e9|\u{1F600}|\uFEFF|\u2028|\u00a0|\uD800`,
      ),
      '|',
      '\t',
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\u0000',
      '\u0085',
      '\u001b[31m',
      ...unit(
        `? |- |- - - |[{|{[|[]|{}|[],|{},|: |: :|a: |a:|a: a: |"a" |'a'|''|""|\\"|&a |*a |&a *a |!a |!!a |!<a> |%YAML |<<: |- ? |? - |[a: |{? |a b|#a|a #`,
      ),
      '---\n',
      '...\n',
      '--- a\n',
      '%YAML 1.1\n',
      '- \n',
      '-\n',
      '? \n',
      ':\n',
      'a:\n',
      '- - - \n',
      '|\n',
      '>\n ',
      'a: |\n',
      '"\n',
      "'\n",
      '\t\n',
      ' \n',
      '# \n',
      '<<: {}\n',
      '[s]\n',
      '[s]\na=1\n',
      'a=1\n',
      ' a\n',
      ';\n',
      '[\n',
      ']\n',
      '= \n',
      '*x\n',
      '&x a\n',
      '"a": ',
      '"a"\n',
    ].map((part) => [`256 KiB of ${JSON.stringify(part)}`, full(part)]),
  ),
  nothing: '',
  'a mark': '\uFEFF',
  'two marks': '\uFEFF\uFEFFa: 1\n',
  'a mark within': 'a: 1\n\uFEFFb: 2\n',
  'a huge key': `${full('k')}: 1\n`,
  'a huge key in quotes': `"${full('k')}": 1\n`,
  'a huge product': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n  ${full('p')}: {}\n`,
  'a huge word': `apiVersion: bootstrap/v1\nserver: {mode: ${full('i')}}\n`,
  'a huge text': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {settings: {a: "${full('x')}"}}}\n`,
  'a huge number': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {settings: {a: ${full('9')}}}}\n`,
  'a huge fraction': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {settings: {a: 0.${full('1')}}}}\n`,
  'a huge comment': `a: 1 #${full('#')}\n`,
  'many keys': Array.from({ length: 30_000 }, (_, index) => `k${index}:`).join('\n'),
  'many keys in braces': `{${Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`).join()}}`,
  'the same key': 'k: 1\n'.repeat(50_000),
  'the same product': `products:\n${'  web: {}\n'.repeat(25_000)}`,
  'many wrong products': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n${Array.from({ length: 10_000 }, (_, index) => `  p${index}: {verison: 1}\n`).join('')}`,
  'many bad names': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n${Array.from({ length: 10_000 }, (_, index) => `  P${index}: []\n`).join('')}`,
  'many dependencies': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {dependsOn: [${Array.from({ length: 20_000 }, (_, index) => `d${index}`).join()}]}}\n`,
  'the same dependency': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {dependsOn: [${full('store,')}]}}\n`,
  'many heartbeats': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {heartbeat: [${full('{tcp: x},')}]}}\n`,
  'many settings': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {settings: {${Array.from({ length: 20_000 }, (_, index) => `s${index}: 1.0`).join()}}}}\n`,
  'a circle of products': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts:\n${Array.from({ length: 3000 }, (_, index) => `  p${index}: {dependsOn: [p${(index + 1) % 3000}]}\n`).join('')}`,
  'names of prototypes': [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
  ]
    .map(
      (name) =>
        `${name}: {isAdmin: true, ${name}: {isAdmin: true}}\n"${name} ": {${name}: 1}\nproducts: {${name}: {${name}: {isAdmin: true}}}\n`,
    )
    .join(''),
  'names of prototypes as settings': `apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {settings: {toString: 1, valueOf: {hasOwnProperty: 2}, "__proto__ ": 3, isPrototypeOf: [4]}}}\n`,
  'an alias bomb': `a0: &a0 [x]\n${Array.from({ length: 50 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(50).fill(`*a${index}`).join()}]\n`).join('')}`,
  'an alias of itself': 'a: &a [*a]\nb: &b {b: *b}\n<<: *b\n',
  'an escape for a terminal':
    'apiVersion: "\\u001b]0;x\\u0007"\n"\\u001b[2J": 1\nserver: {mode: "\\u202eelp"}\nproducts: {"web\\u0000": {}}\n',
  'deep indentation': Array.from({ length: 700 }, (_, level) => `${' '.repeat(level)}a:`).join(
    '\n',
  ),
  'random bytes as UTF-8': Buffer.from(
    Array.from({ length: HOSTILE_LENGTH }, (_, index) => (index * 7919 + (index >> 7)) % 256),
  ).toString('utf8'),
  'random bytes as Latin 1': Buffer.from(
    Array.from({ length: HOSTILE_LENGTH }, (_, index) => (index * 104_729 + (index >> 5)) % 256),
  ).toString('latin1'),
};

/** The files of this name that the examples have. */
export function exampleTexts(path: string): readonly string[] {
  return readdirSync('examples', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `examples/${name}/${path}`)
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
}

const SCRAPS: readonly string[] = [
  ...unit(
    `:|: |-|- |?|? |[|]|{|}|,|"|'|#| #|&a|*a|!t|%|@|~|null|true|1e3|0x1F|.inf|<<: |__proto__|constructor|\\|\\u0000|=|;| ;|\u00a0|\uFEFF|\u202e|\u2028|\uD800|$(id)|\${a}|{{a}}`,
  ),
  '|',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '  ',
  '\u0000',
  '\u001b[2J',
  '---\n',
  '...\n',
  '[x]\n',
  '\n[product: web]\n',
  '\n  ',
  'a: b: c',
  '- - - ',
  '|\n',
  '>-\n',
];

/** The same numbers from 0 to below 1 for the same seed. Source: mulberry32. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text with one to eight random changes. */
export function mutated(text: string, next: () => number): string {
  const upTo = (limit: number): number => Math.floor(next() * limit);
  let result = text;
  for (let left = 1 + upTo(8); left > 0; left--) {
    const [start, length] = [upTo(result.length + 1), upTo(upTo(2) === 0 ? 4 : 60)];
    const [head, cut, tail] = [
      result.slice(0, start),
      result.slice(start, start + length),
      result.slice(start + length),
    ];
    const scrap = SCRAPS[upTo(SCRAPS.length)] ?? '';
    const forms: readonly (() => string)[] = [
      () => head + tail,
      () => head + cut + cut + tail,
      () => head + scrap + cut + tail,
      () => head + scrap + tail,
      () => head + tail.split('\n').toReversed().join('\n'),
      () => head + cut.replaceAll(' ', '') + tail,
      () => head,
      () => head + (scrap + cut).repeat(upTo(400)) + tail,
      () => head + String.fromCharCode(upTo(0x10000)) + tail,
      () =>
        result
          .split('\n')
          .map((line) => (upTo(6) === 0 ? `${' '.repeat(upTo(5))}${line}` : line))
          .join('\n'),
    ];
    result = (forms[upTo(forms.length)] ?? (() => result))();
  }
  return result;
}
