// Words that do not belong in src/, each with what to write instead. A new remark that could recur in review is a new row.
import { describe, expect, test } from 'vitest';
import { readSources } from './sources.ts';

interface Ban {
  readonly word: RegExp;
  readonly where: (path: string) => boolean;
  /** Comments may say the word, unless the rule is about comments. */
  readonly inComments?: boolean;
  readonly instead: string;
}

const isPure = (path: string) => /^src\/(model|core)\//.test(path);
const prints = (path: string) => path.startsWith('src/cli/') || path === 'src/report/terminal.ts';

const BANS: readonly Ban[] = [
  {
    word: /\bconsole\./,
    where: (path) => !prints(path),
    instead: 'emit an Event; only src/cli/ and src/report/terminal.ts print',
  },
  {
    word: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    where: isPure,
    instead: 'take `now` as a parameter; the clock is in host/',
  },
  {
    word: /\bMath\.random\b|\bcrypto\.(random|getRandom)/,
    where: isPure,
    instead: 'take `random: () => number` as a parameter',
  },
  {
    word: /\bprocess\./,
    where: isPure,
    instead: 'take the value as a parameter; only cli/ knows the process',
  },
  {
    word: /\bTODO\b(?! ?\(?#\d)/,
    where: () => true,
    inComments: true,
    instead: 'write TODO(#12) with the number of an issue, or do it now',
  },
];
const LINES_MAX = 300;

test('src says only what belongs there', () => {
  const sources = [...readSources()];
  expect(
    sources.flatMap(([path, text]) => [...wordFaults(path, text), ...shapeFaults(path, text)]),
  ).toEqual([]);
});

describe('the rules find', () => {
  test.each([
    ['src/core/a.ts', 'const at = Date.now();', 'take `now`'],
    ['src/model/a.ts', 'const at = new Date();', 'take `now`'],
    ['src/core/a.ts', 'const dice = Math.random();', 'take `random'],
    ['src/core/a.ts', 'const home = process.env;', 'only cli/ knows the process'],
    ['src/host/a.ts', 'console.log(1);', 'emit an Event'],
    ['src/host/a.ts', '// TODO later', 'number of an issue'],
  ])('%s: %s', (path, text, instead) => {
    expect(wordFaults(path, `\n${text}`)).toEqual([expect.stringMatching(`^${path}:2 .*`)]);
    expect(wordFaults(path, `\n${text}`)[0]).toContain(instead);
  });

  test.each(['src/core/utils/a.ts', 'src/core/helpers.ts', 'src/core/date-util.ts'])(
    '%s',
    (path) => {
      expect(shapeFaults(path, '')).toEqual([
        expect.stringContaining('name it after what it knows'),
      ]);
    },
  );

  test('a file that is too long', () => {
    expect(shapeFaults('src/core/a.ts', 'x\n'.repeat(301))).toEqual([
      expect.stringContaining('301 lines'),
    ]);
    expect(shapeFaults('src/core/a.ts', 'x\n'.repeat(300))).toEqual([]);
  });

  test('nothing in a comment, at the edge, or in a given date', () => {
    expect(
      wordFaults(
        'src/core/a.ts',
        '// Not Date.now(): see invariant 1.\nnew Date(now); // TODO(#7)',
      ),
    ).toEqual([]);
    expect(wordFaults('src/cli/main.ts', 'console.log(process.argv);')).toEqual([]);
  });
});

function wordFaults(path: string, text: string): string[] {
  const bans = BANS.filter(({ where }) => where(path));
  return text.split('\n').flatMap((line, index) => {
    const isComment = /^\s*(\/\/|\/?\*)/.test(line);
    return bans
      .filter(({ word, inComments = false }) => (inComments || !isComment) && word.test(line))
      .map(
        ({ word, instead }) =>
          `${path}:${index + 1} says ${word.exec(line)?.[0]}. Fix: ${instead}.`,
      );
  });
}

function shapeFaults(path: string, text: string): string[] {
  const faults: string[] = [];
  if (/(^|[/-])(utils?|helpers?)([/.])/.test(path)) {
    faults.push(
      `${path} is named for nothing. Fix: name it after what it knows, or move each function to its only user.`,
    );
  }
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (lines > LINES_MAX) {
    faults.push(`${path} has ${lines} lines. Fix: one idea per file, at most ${LINES_MAX} lines.`);
  }
  return faults;
}
