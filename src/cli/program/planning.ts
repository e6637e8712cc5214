import { Option, type Command } from 'commander';
import type { ApplyOptions, GlobalOptions, PlanOptions } from '../options.ts';
import { withChoices, type End } from './flags.ts';

/** `plan`, `show` and `apply`. */
export function addPlanning(program: Command, end: End): void {
  withChoices(program.command('plan').description('show what an apply would do; changes nothing'))
    .option('--out <file>', 'save the plan, for apply to do exactly this')
    .action(async (_, command: Command) => {
      const { plan } = await import('../commands/plan.ts');
      end(await plan(command.optsWithGlobals<PlanOptions>()));
    });
  program
    .command('show')
    .description('show a saved plan, and whether it can still be applied')
    .argument('<planfile>', 'what `plan --out` wrote')
    .action(async (file: string, _, command: Command) => {
      const { show } = await import('../commands/show.ts');
      end(await show(command.optsWithGlobals<GlobalOptions>(), file));
    });
  withChoices(
    program.command('apply').description('bring the server to its desired state, and verify it'),
  )
    .argument('[planfile]', 'a saved plan: exactly this is done, once, or nothing')
    .option('--resume', 'go on with a saved plan that was begun', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--lock-timeout <duration>', 'wait so long for another run to end', '0s')
    .option('--parallelism <n>', 'so many independent steps at a time', '4')
    .addOption(
      new Option(
        '--on-failure <policy>',
        'what to do when a step fails, over policy.onFailure',
      ).choices(['rollback', 'stop', 'continue']),
    )
    .option('--timeout <duration>', 'stop the whole run after so long', '1h')
    .action(async (file: string | undefined, _, command: Command) => {
      const { apply } = await import('../commands/apply.ts');
      end(await apply(command.optsWithGlobals<ApplyOptions>(), file));
    });
}
