/** The old tool's verbs. Their words are read by place, as the old tool read them: values may begin with a dash. */
export const VERBS: ReadonlySet<string> = new Set([
  'product.set',
  'product.get',
  'product.list',
  'product.upgrade',
  'product.test',
  'server.get',
  'server.set',
  'server.mode',
  'server.provision',
  'heartbeat.get',
]);

/** Options that may stand before and after a verb, and whether a value follows. */
const OPTIONS: ReadonlyMap<string, 'alone' | 'with-value'> = new Map([
  ['--root', 'with-value'],
  ['--config', 'with-value'],
  ['--format', 'with-value'],
  ['-f', 'with-value'],
  ['--file', 'with-value'],
  ['--no-color', 'alone'],
  ['-q', 'alone'],
  ['--quiet', 'alone'],
  ['-v', 'alone'],
  ['--verbose', 'alone'],
  ['-h', 'alone'],
  ['--help', 'alone'],
]);

/** A command line, the words of a verb set apart from what commander reads: the verb, then options. */
export interface SplitArgv {
  readonly options: readonly string[];
  /** [] where no verb was named. */
  readonly words: readonly string[];
}

/** Takes the words of a verb out of a command line; any other command line stays whole. Behind `--` everything is a word. */
export function splitVerb(argv: readonly string[]): SplitArgv {
  const options: string[] = [];
  const words: string[] = [];
  let verb: string | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (verb !== undefined && word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    const kind = OPTIONS.get(word) ?? (OPTIONS.has(beforeEquals(word)) ? 'alone' : 'none');
    if (kind === 'with-value') {
      options.push(...argv.slice(at, at + 2));
      at += 1;
    } else if (kind === 'alone') options.push(word);
    else if (verb !== undefined) words.push(word);
    else if (VERBS.has(word)) verb = word;
    else break;
  }
  return verb === undefined ? { options: argv, words: [] } : { options: [verb, ...options], words };
}

/** What only a verb takes before its name. */
const OF_VERBS: ReadonlySet<string> = new Set(['-f', '--file']);

/** The command that a command line names; undefined where it asks for help first, or cannot be told without reading it in full. */
export function commandIn(argv: readonly string[]): string | undefined {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) return word;
    if (word === '-h' || word === '--help' || OF_VERBS.has(beforeEquals(word))) return undefined;
    const kind = OPTIONS.get(word);
    if (kind === 'with-value') at += 1;
    else if (kind === undefined && !OPTIONS.has(beforeEquals(word))) return undefined;
  }
  return undefined;
}

// `--root=DIR`
function beforeEquals(word: string): string {
  return word.startsWith('--') ? (word.split('=')[0] ?? word) : word;
}
