import type { CommandWords } from '../../model/command-words.ts';
import { anyOf, commandsOf, setTaken, shellQuoted, valuesOf } from './completion-table.ts';

/**
 * A script by which zsh completes a command line of `program`, with descriptions; to be sourced, or found as `_NAME` in fpath. It starts
 * nothing at Tab. Source: zshcompsys(1), `_describe`.
 */
export function renderZshCompletion(program: CommandWords): string {
  const { name } = program;
  const commands = commandsOf(program);
  const arms = (of: (each: CommandWords) => readonly string[]): string =>
    commands
      .filter(({ command }) => of(command).length > 0)
      .map(
        (each) =>
          `    ${shellQuoted(each.name)}) offered=(\n${of(each.command)
            .map((word) => `      ${word}\n`)
            .join('')}    ) ;;\n`,
      )
      .join('');
  const values = valuesOf(commands).map(
    ({ value, options }) => `    ${anyOf(options)}) ${setTaken(value, 'offered')} ;;\n`,
  );
  const named = commands.filter(({ command }) => command.commands.length === 0);
  const taken = named.flatMap(({ name: at, command: { argument } }) =>
    argument === undefined ? [] : [`    ${shellQuoted(at)}) ${setTaken(argument, 'offered')} ;;\n`],
  );
  return `#compdef ${name}
# Completion of ${name} for zsh. Made by: ${name} completion zsh

_${name}_is_command() {
  case "$1" in
    ${anyOf(commands.map((each) => each.name))}) ;;
    *) return 1 ;;
  esac
}

_${name}_words() {
  case "$1" in
${arms(({ commands: below }) => below.map((each) => described(each.name, each.description)))}${taken.join('')}  esac
}

_${name}_options() {
  case "$1" in
${arms(({ options }) =>
  options.flatMap(({ flags, description }) => flags.map((flag) => described(flag, description))),
)}  esac
}

_${name}_value() {
  case "$1" in
${values.join('')}    *) return 1 ;;
  esac
}
${walkOf(name)}`;
}

// For _describe the first colon without a backslash ends the word.
function described(word: string, description: string): string {
  const escaped = word.replaceAll(/[\\:]/g, String.raw`\$&`);
  return shellQuoted(`${escaped}:${description.replaceAll('\\', '\\\\')}`);
}

// What was typed so far says which command it is, and whether an option waits for its value. Only `at`, for `path` is special to zsh.
function walkOf(name: string): string {
  return String.raw`
_${name}() {
  emulate -L zsh
  local at=${name} option='' given='' paths='' word
  local -a offered
  for word in "${'$'}{(@)words[2,CURRENT-1]}"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      if _${name}_value "$at $word"; then option=$word; fi
    elif _${name}_is_command "$at $word"; then
      at="$at $word"
    else
      given=yes
    fi
  done
  offered=()
  paths=''
  if [[ -z $option && $PREFIX == --*=* ]]; then
    option=${'$'}{PREFIX%%=*}
    compset -P 1 '*='
  fi
  if [[ -n $option ]]; then
    _${name}_value "$at $option"
  elif [[ $PREFIX == -* ]]; then
    _${name}_options "$at"
  elif [[ -z $given ]]; then
    _${name}_words "$at"
  fi
  case $paths in
    file) _files ;;
    folder) _files -/ ;;
    *) if (( $#offered )); then _describe -o ${name} offered; fi ;;
  esac
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}
