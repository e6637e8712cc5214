// Whatever a description, a name or a choice holds, the shells take it for text.
import { expect, test } from 'vitest';
import { renderBashCompletion } from '../../src/core/render/completion-bash.ts';
import { renderFishCompletion } from '../../src/core/render/completion-fish.ts';
import { renderZshCompletion } from '../../src/core/render/completion-zsh.ts';
import type { CommandWords } from '../../src/model/command-words.ts';
import { offeredBy, type Line, type Shell } from '../rig/shells.ts';

const HOSTILE =
  String.raw`it's "so": [a] {b,c} (echo no) $HOME $(echo no) ` +
  '`echo no`' +
  String.raw` \t * ? ; # & | < > ! ~ %`;
const CHOICES = ["a'b", '$HOME', '$(echo no)', '`echo', 'x:y', '[z]', '*', String.raw`\n`];
const LEAF = { options: [], argument: undefined, commands: [] } as const;
const PROGRAM: CommandWords = {
  name: 'bootstrap',
  description: HOSTILE,
  argument: undefined,
  options: [
    { flags: ['-w', '--word'], description: HOSTILE, value: { kind: 'word', words: CHOICES } },
  ],
  commands: [{ ...LEAF, name: 'go', description: HOSTILE }],
};

const RENDERED: Readonly<Record<Shell, string>> = {
  bash: renderBashCompletion(PROGRAM),
  zsh: renderZshCompletion(PROGRAM),
  fish: renderFishCompletion(PROGRAM),
};
const offered = (shell: Shell, ...lines: readonly Line[]): readonly (readonly string[])[] =>
  offeredBy(shell, RENDERED[shell], lines);

test('bash', () => {
  expect(offered('bash', [''], ['-'], ['-w', ''], ['-w', '$'])).toEqual([
    ['go'],
    ['-w', '--word'],
    CHOICES,
    ['$HOME', '$(echo no)'],
  ]);
});

test('zsh', () => {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\');
  expect(offered('zsh', [''], ['-'], ['-w', ''])).toEqual([
    [`go:${escaped(HOSTILE)}`],
    [`-w:${escaped(HOSTILE)}`, `--word:${escaped(HOSTILE)}`],
    CHOICES.map((choice) => escaped(choice).replaceAll(':', String.raw`\:`)),
  ]);
});

test('fish', () => {
  const [commands, options, words] = offered('fish', [''], ['-'], ['-w', '']);
  expect(commands).toEqual([`go\t${HOSTILE}`]);
  expect(options?.toSorted()).toEqual([`--word\t${HOSTILE}`, `-w\t${HOSTILE}`]);
  expect(words?.map((line) => line.split('\t')[0]).toSorted()).toEqual(CHOICES.toSorted());
});
