import type { CommandWords, Taken } from '../../model/command-words.ts';
import { commandsOf, valuesOf } from './completion-table.ts';

/** Writes a word that is offered as a member of an array, unquoted; `description` is '' where there is none. */
export type WriteOffer = (word: string, description: string) => string;

/**
 * The functions of bash and zsh, in what both understand, that know the commands: `_NAME_is_command`, and `_NAME_words`, `_NAME_options`
 * and `_NAME_value`, which set `offered`, or the kind of path as `paths`. `_NAME_value` fails where the option takes none. `_NAME_pass` takes
 * a word that was typed before: `at` is the command so far, `option` one that waits for its value, `given` says that an argument stood there.
 */
export function renderCases(program: CommandWords, write: WriteOffer): string {
  const commands = commandsOf(program);
  const offer = (entries: readonly Entry[]): string => setOffered(entries, write);
  const words = commands.flatMap(({ name, command: { argument, commands: below } }) => {
    if (below.length > 0) return [arm([name], offer(below.map(entryOf)))];
    return argument === undefined ? [] : [arm([name], setTaken(argument, offer))];
  });
  const options = commands.map(({ name, command }) =>
    arm(
      [name],
      offer(
        command.options.flatMap(({ flags, description }) =>
          flags.map((flag) => [flag, description] as const),
        ),
      ),
    ),
  );
  const values = valuesOf(commands).map(({ value, options: at }) =>
    arm(at, setTaken(value, offer)),
  );
  const named = (what: string): string => `_${program.name}_${what}`;
  return [
    caseFunction(named('is_command'), [
      arm(
        commands.map(({ name }) => name),
        '',
      ),
      NO_OTHER,
    ]),
    caseFunction(named('words'), words),
    caseFunction(named('options'), options),
    caseFunction(named('value'), [...values, NO_OTHER]),
    passFunction(program.name),
  ].join('\n');
}

type Entry = readonly [word: string, description: string];

const NO_OTHER = '    *) return 1 ;;\n';

function entryOf({ name, description }: CommandWords): Entry {
  return [name, description];
}

function passFunction(name: string): string {
  return `_${name}_pass() {
  if [[ -n $option ]]; then
    option=''
  elif [[ $1 == -* ]]; then
    if _${name}_value "$at $1"; then option=$1; fi
  elif [[ -z $given ]] && _${name}_is_command "$at $1"; then
    at="$at $1"
  else
    given=yes
  fi
}
`;
}

function caseFunction(name: string, arms: readonly string[]): string {
  return `${name}() {\n  case "$1" in\n${arms.join('')}  esac\n}\n`;
}

function arm(texts: readonly string[], does: string): string {
  return `    ${texts.map(quoted).join('|')}) ${does} ;;\n`;
}

function setTaken(value: Taken, offer: (entries: readonly Entry[]) => string): string {
  switch (value.kind) {
    case 'word':
      return offer(value.words.map((word) => [word, '']));
    case 'file':
    case 'folder':
      return `paths=${value.kind}`;
    case 'anything':
      return ':';
  }
}

function setOffered(entries: readonly Entry[], write: WriteOffer): string {
  return `offered=(${entries.map((entry) => quoted(write(...entry))).join(' ')})`;
}

// In single quotes neither shell expands anything.
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
