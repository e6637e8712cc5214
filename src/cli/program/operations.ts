import type { Command } from 'commander';
import type { GlobalOptions, LockBreakOptions } from '../options.ts';
import type { End } from './flags.ts';

/** Commands for when something is in the way. */
export function addOperations(program: Command, end: End): void {
  const lock = program.command('lock').description('who holds the lock, and how to free it');
  lock
    .command('show')
    .description('who holds the lock, and whether that process lives; takes no lock')
    .action(async (_, command: Command) => {
      const { lockShow } = await import('../commands/lock.ts');
      end(lockShow(command.optsWithGlobals<GlobalOptions>()));
    });
  lock
    .command('break')
    .description('free the lock from a holder that is dead; a living one is left alone')
    .option('--kill', 'end a living holder first: SIGTERM, after 10s SIGKILL', false)
    .action(async (_, command: Command) => {
      const { lockBreak } = await import('../commands/lock.ts');
      end(await lockBreak(command.optsWithGlobals<LockBreakOptions>()));
    });
}
