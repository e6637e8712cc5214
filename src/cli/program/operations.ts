import type { Command } from 'commander';
import type { DoctorOptions, GlobalOptions, LockBreakOptions } from '../options.ts';
import { withDesired, type End } from './flags.ts';

/** Commands for when something is in the way. */
export function addOperations(program: Command, end: End): void {
  withDesired(
    program.command('doctor').description('what is wrong with this server and its records'),
  )
    .option('--fix', 'set damaged files aside, so that the next apply goes on', false)
    .action(async (_, command: Command) => {
      const { doctor } = await import('../commands/doctor.ts');
      end(await doctor(command.optsWithGlobals<DoctorOptions>()));
    });
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
