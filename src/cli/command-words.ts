import type { Argument, Command, Option } from 'commander';
import type { CommandWords, OptionWords, Taken } from '../model/command-words.ts';
import { formatsOf } from './formats.ts';

/** All that can be typed behind a command, by what its --help lists: what that hides is left out. */
export function describeCommand(command: Command): CommandWords {
  const help = command.createHelp();
  help.showGlobalOptions = true;
  const commands = help.visibleCommands(command);
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: options.map((option) => describeOption(option, command)),
    argument: argument && describeArgument(argument),
    commands: commands.map((each) =>
      each.name() === 'help' ? describeHelp(each, commands) : describeCommand(each),
    ),
  };
}

function describeOption(option: Option, command: Command): OptionWords {
  const { short, long, description } = option;
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    value: option.required || option.optional ? valueOf(option, command) : undefined,
  };
}

function valueOf(option: Option, command: Command): Taken {
  if (option.long === '--format') return { kind: 'word', words: formatsOf(command) };
  const [placeholder = ''] = /(?<=[<[])[^>\]]+/.exec(option.flags) ?? [];
  return takenBy(placeholder, option.argChoices);
}

function describeArgument(argument: Argument): Taken {
  return takenBy(argument.name(), argument.argChoices);
}

// Help calls a path of this machine what it is: <file>, <planfile>, <dir>. The <path> of `watch --git` is one in a repository.
function takenBy(placeholder: string, choices: readonly string[] | undefined): Taken {
  if (choices !== undefined) return { kind: 'word', words: choices };
  if (placeholder.endsWith('file')) return { kind: 'file' };
  return { kind: placeholder === 'dir' ? 'folder' : 'anything' };
}

// Made by commander, which does not say that it takes the name of a command beside it.
function describeHelp(help: Command, beside: readonly Command[]): CommandWords {
  const words = beside.map((command) => command.name()).filter((name) => name !== help.name());
  return { ...describeCommand(help), argument: { kind: 'word', words } };
}
