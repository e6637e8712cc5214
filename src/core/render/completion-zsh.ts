import type { CommandWords } from '../../model/command-words.ts';
import { renderCases } from './completion-case.ts';

/**
 * A script by which zsh completes a command line of `program`, with descriptions; to be sourced, or found as `_NAME` in fpath. It starts
 * nothing at Tab. Source: zshcompsys(1), `_describe`.
 */
export function renderZshCompletion(program: CommandWords): string {
  const { name } = program;
  return `#compdef ${name}
# Completion of ${name} for zsh. Made by: ${name} completion zsh

${renderCases(program, described)}${walkOf(name)}`;
}

// For _describe the first colon without a backslash ends the word.
function described(word: string, description: string): string {
  const written = word.replaceAll(/[\\:]/g, String.raw`\$&`);
  return description === '' ? written : `${written}:${description.replaceAll('\\', '\\\\')}`;
}

// What was typed so far says which command it is, and whether an option waits for its value. Only `at`, for `path` is special to zsh.
function walkOf(name: string): string {
  return String.raw`
_${name}() {
  local at=${name} option='' given='' paths='' word
  local -a offered as
  for word in "${'$'}{(@)words[2,CURRENT-1]}"; do
    _${name}_pass "$word"
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
    as=(-o)
  elif [[ -z $given ]]; then
    _${name}_words "$at"
  fi
  case $paths in
    file) _files ;;
    folder) _files -/ ;;
    *) if (( $#offered )); then _describe $as ${name} offered; fi ;;
  esac
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}
