import { Argument, type Command } from 'commander';
import type { Shell } from '../commands/completion.ts';
import type { End } from './flags.ts';

/** `completion`, of all commands that `program` has by the time it runs. */
export function addCompleting(program: Command, end: End): void {
  program
    .command('completion')
    .description('a script for your shell, by which Tab completes commands, options and files')
    .addArgument(
      new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish'] satisfies Shell[]),
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('../commands/completion.ts');
      end(completion(shell, program));
    });
}
