import type { Command } from 'commander';
import type {
  DesiredOptions,
  DriftOptions,
  GlobalOptions,
  HeartbeatOptions,
  StatusOptions,
} from '../options.ts';
import { withDesired, withDetailedExitCode, type End } from './flags.ts';

/** Commands that look at the server or at a file, and change nothing. */
export function addLooks(program: Command, end: End): void {
  withDesired(program.command('status').description('what is: versions, sync, health, conditions'))
    .argument('[product]', 'only this product')
    .option('--wait', 'look on until it is so, then exit 0; exit 8 when the time is over', false)
    .option('--for <condition>', 'what to wait for: Ready, Stalled=False, …', 'Ready')
    .option('--timeout <duration>', 'wait so long', '5m')
    .action(async (product: string | undefined, _, command: Command) => {
      const { status } = await import('../commands/status.ts');
      end(await status(command.optsWithGlobals<StatusOptions>(), product));
    });
  const drifting = program
    .command('drift')
    .description('what changed on the server since the last apply');
  withDetailedExitCode(withDesired(drifting)).action(async (_, command: Command) => {
    const { drift } = await import('../commands/drift.ts');
    end(await drift(command.optsWithGlobals<DriftOptions>()));
  });
  withDesired(
    program
      .command('heartbeat')
      .description('look once at every heartbeat; exit 1 when one does not pass'),
  )
    .argument('[product]', 'only this product')
    .option('--watch', 'look on, each at its interval, until Ctrl-C', false)
    .action(async (product: string | undefined, _, command: Command) => {
      const { heartbeat } = await import('../commands/heartbeat.ts');
      end(await heartbeat(command.optsWithGlobals<HeartbeatOptions>(), product));
    });
  withDesired(
    program.command('validate').description('check the desired state and bootstrap.ini'),
  ).action(async (_, command: Command) => {
    const { validate } = await import('../commands/validate.ts');
    end(await validate(command.optsWithGlobals<DesiredOptions>()));
  });
  addExplanations(program, end);
}

function addExplanations(program: Command, end: End): void {
  program
    .command('explain')
    .description('what a field of the desired state means, or a code that a message shows')
    .argument('[path-or-code]', 'such as products.haproxy.version; left out: which there are')
    .action(async (name: string | undefined, _, command: Command) => {
      const { explain } = await import('../commands/explain.ts');
      end(explain(command.optsWithGlobals<GlobalOptions>(), name));
    });
  program
    .command('exit-codes')
    .description('what each exit code means')
    .action(async (_, command: Command) => {
      const { exitCodes } = await import('../commands/exit-codes.ts');
      end(exitCodes(command.optsWithGlobals<GlobalOptions>()));
    });
}
