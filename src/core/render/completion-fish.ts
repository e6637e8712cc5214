import type { CommandWords, OptionWords, Taken } from '../../model/command-words.ts';
import { commandsOf, valuesOf, type NamedCommand } from './completion-table.ts';

/**
 * A script by which fish completes a command line of `program`, with descriptions; it starts nothing at Tab. Source: fish-shell
 * documentation, `complete`.
 */
export function renderFishCompletion(program: CommandWords): string {
  const { name } = program;
  const commands = commandsOf(program);
  const valued = valuesOf(commands).flatMap(({ options }) => options);
  const lines = commands.flatMap((command) => linesOf(name, command));
  return `# Completion of ${name} for fish. Made by: ${name} completion fish

function __${name}_is_command
    contains -- "$argv" ${commands.map((each) => quoted(each.name)).join(' ')}
end

function __${name}_takes_value
    contains -- "$argv" ${valued.map(quoted).join(' ')}
end

# Whether what was typed so far names this command; as the second word 'first' asks that nothing else stands behind it.
function __${name}_at
    set -l at ${name}
    set -l option ''
    set -l given ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
        else if string match -q -- '-*' $word
            if __${name}_takes_value "$at $word"
                set option $word
            end
        else if test -z "$given"; and __${name}_is_command "$at $word"
            set at "$at $word"
        else
            set given yes
        end
    end
    test "$at" = "$argv[1]"; and test -z "$given" -o "$argv[2]" != first
end

complete -c ${name} -f
${lines.join('\n')}
`;
}

function linesOf(program: string, { name, command }: NamedCommand): readonly string[] {
  const at = `complete -c ${program} -n ${quoted(`__${program}_at ${quoted(name)}`)}`;
  const first = `complete -c ${program} -n ${quoted(`__${program}_at ${quoted(name)} first`)}`;
  const { options, argument, commands } = command;
  return [
    ...commands.map((each) => `${first} -a ${words([each.name])} -d ${quoted(each.description)}`),
    ...(argument === undefined ? [] : [`${first}${takes(argument)}`]),
    ...options.map((option) => `${at}${flagsOf(option)} -d ${quoted(option.description)}`),
  ];
}

function flagsOf({ flags, value }: OptionWords): string {
  const named = flags.map((flag) =>
    flag.startsWith('--') ? ` -l ${quoted(flag.slice(2))}` : ` -s ${quoted(flag.slice(1))}`,
  );
  return `${named.join('')}${value === undefined ? '' : ` -r${takes(value)}`}`;
}

function takes(value: Taken): string {
  switch (value.kind) {
    case 'word':
      return ` -f -a ${words(value.words)}`;
    case 'file':
      return ' -F';
    case 'folder':
      return " -f -a '(__fish_complete_directories)'";
    case 'anything':
      return ' -f';
  }
}

// What -a is given is expanded once more.
function words(each: readonly string[]): string {
  return quoted(each.map(quoted).join(' '));
}

// In single quotes fish knows only these two escapes.
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
