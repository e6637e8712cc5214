import type { CommandWords } from '../../model/command-words.ts';
import { anyOf, commandsOf, setTaken, shellQuoted, valuesOf } from './completion-table.ts';

/**
 * A script by which bash completes a command line of `program`; it needs nothing but bash, and starts nothing at Tab. Source: bash(1),
 * "Programmable Completion".
 */
export function renderBashCompletion(program: CommandWords): string {
  const { name } = program;
  const commands = commandsOf(program);
  const arms = (of: (each: CommandWords) => readonly string[]): string =>
    commands
      .filter(({ command }) => of(command).length > 0)
      .map(
        (each) =>
          `    ${shellQuoted(each.name)}) words=(${of(each.command).map(shellQuoted).join(' ')}) ;;\n`,
      )
      .join('');
  const values = valuesOf(commands).map(
    ({ value, options }) => `    ${anyOf(options)}) ${setTaken(value, 'words')} ;;\n`,
  );
  const named = commands.filter(({ command }) => command.commands.length === 0);
  const taken = named.flatMap(({ name: at, command: { argument } }) =>
    argument === undefined ? [] : [`    ${shellQuoted(at)}) ${setTaken(argument, 'words')} ;;\n`],
  );
  return `# Completion of ${name} for bash. Made by: ${name} completion bash

_${name}_is_command() {
  case "$1" in
    ${anyOf(commands.map((each) => each.name))}) ;;
    *) return 1 ;;
  esac
}

_${name}_words() {
  case "$1" in
${arms(({ commands: below }) => below.map((each) => each.name))}${taken.join('')}  esac
}

_${name}_options() {
  case "$1" in
${arms(({ options }) => options.flatMap(({ flags }) => flags))}  esac
}

_${name}_value() {
  case "$1" in
${values.join('')}    *) return 1 ;;
  esac
}
${walkOf(name)}`;
}

// What was typed so far says which command it is, and whether an option waits for its value.
function walkOf(name: string): string {
  return String.raw`
_${name}() {
  local at=${name} option='' given='' paths='' word i
  local -a words=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    # To bash --file=x is three words.
    if [[ $word == '=' ]]; then
      continue
    elif [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      if _${name}_value "$at $word"; then option=$word; fi
    elif _${name}_is_command "$at $word"; then
      at="$at $word"
    else
      given=yes
    fi
  done
  words=()
  paths=''
  word=${'$'}{COMP_WORDS[COMP_CWORD]}
  if [[ $word == '=' ]]; then word=''; fi
  if [[ -n $option ]]; then
    _${name}_value "$at $option"
  elif [[ $word == -* ]]; then
    _${name}_options "$at"
  elif [[ -z $given ]]; then
    _${name}_words "$at"
  fi
  for i in "${'$'}{words[@]}"; do
    if [[ $i == "$word"* ]]; then COMPREPLY+=("$i"); fi
  done
  # Readline itself knows best how to quote a path.
  case $paths in
    file) compopt -o default ;;
    folder) compopt -o dirnames ;;
  esac
}

complete -F _${name} ${name}
`;
}
