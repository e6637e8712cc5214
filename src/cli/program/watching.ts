import type { Command } from 'commander';
import type { WatchOptions } from '../options.ts';
import { withDesired, withRunLimits, type End } from './flags.ts';

/** `watch`. */
export function addWatching(program: Command, end: End): void {
  const watching = program
    .command('watch')
    .description('keep the server at its desired state: at start, on every change, at an interval');
  withRunLimits(withDesired(watching))
    .option('--interval <duration>', 'look at least so often', '5m')
    .option('--splay <duration>', 'look up to so much later at the interval, by chance', '0s')
    .option('--once', 'look once, and end with the exit code of that run', false)
    .action(async (_, command: Command) => {
      const { watch } = await import('../commands/watch.ts');
      end(await watch(command.optsWithGlobals<WatchOptions>()));
    });
}
