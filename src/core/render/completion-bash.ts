import type { CommandWords } from '../../model/command-words.ts';
import { renderCases } from './completion-case.ts';

/**
 * A script by which bash completes a command line of `program`; it needs nothing but bash, and starts nothing at Tab. Source: bash(1),
 * "Programmable Completion".
 */
export function renderBashCompletion(program: CommandWords): string {
  const { name } = program;
  return `# Completion of ${name} for bash. Made by: ${name} completion bash

${renderCases(program, (word) => word)}${walkOf(name)}`;
}

// What was typed so far says which command it is, and whether an option waits for its value.
function walkOf(name: string): string {
  return String.raw`
_${name}() {
  local at=${name} option='' given='' paths='' word i
  local -a offered=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${'$'}{COMP_WORDS[i]}
    # To bash --file=x is three words.
    if [[ $word != '=' ]]; then _${name}_pass "$word"; fi
  done
  offered=()
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
  for i in "${'$'}{offered[@]}"; do
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
