import type { CommandWords, OptionWords, Taken } from '../../model/command-words.ts';

/** A command under its whole name: `bootstrap lock show`. */
export interface NamedCommand {
  readonly name: string;
  readonly command: CommandWords;
}

/** A command and all below it, each under its whole name, in the order of --help. */
export function commandsOf(command: CommandWords, above = ''): readonly NamedCommand[] {
  const name = `${above}${command.name}`;
  return [{ name, command }, ...command.commands.flatMap((below) => commandsOf(below, `${name} `))];
}

/** One kind of value, and all options that take it: `bootstrap plan --file`. */
export interface TakenBy {
  readonly value: Taken;
  readonly options: readonly string[];
}

/** Each kind of value once, with the options that take it. */
export function valuesOf(commands: readonly NamedCommand[]): readonly TakenBy[] {
  const byValue = new Map<string, TakenBy>();
  for (const { name, command } of commands) {
    for (const { flags, value } of command.options.filter(takesValue)) {
      const key = JSON.stringify(value);
      const before = byValue.get(key)?.options ?? [];
      byValue.set(key, { value, options: [...before, ...flags.map((flag) => `${name} ${flag}`)] });
    }
  }
  return [...byValue.values()];
}

function takesValue(option: OptionWords): option is OptionWords & { readonly value: Taken } {
  return option.value !== undefined;
}
