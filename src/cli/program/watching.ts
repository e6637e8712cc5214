import type { Command } from 'commander';
import type { WatchOptions } from '../options.ts';
import { collect, withDesired, withRunLimits, type End } from './flags.ts';

/** `watch`. */
export function addWatching(program: Command, end: End): void {
  const watching = program
    .command('watch')
    .description('keep the server at its desired state: at start, on every change, at an interval');
  withRunLimits(withDesired(watching))
    .option('--git <url>', 'read the desired state from this repository: https, ssh, file')
    .option('--ref <ref>', 'the branch, tag or commit there (default: HEAD)')
    .option(
      '--path <path>',
      'the file there (default: desired-state.yaml); repeatable',
      collect,
      [],
    )
    .option('--verify', 'take only commits that somebody of allowed_signers or gnupg signed', false)
    .option('--interval <duration>', 'look at least so often', '5m')
    .option('--splay <duration>', 'look up to so much later at the interval, by chance', '0s')
    .option(
      '--listen <address>',
      'answer there: a page, /status.json, /events, /metrics, /healthz, /readyz, and POST /hook, signed, to look now; 127.0.0.1:9810, unix:/PATH',
    )
    .option('--once', 'look once, and end with the exit code of that run', false)
    .action(async (_, command: Command) => {
      const { watch } = await import('../commands/watch.ts');
      end(await watch(command.optsWithGlobals<WatchOptions>()));
    });
}
