import type { Command } from 'commander';
import type { ApplyOptions, GlobalOptions, PlanOptions } from '../options.ts';
import { withChoices, withDesired, withDetailedExitCode, withLimits, type End } from './flags.ts';

/** `plan`. */
export function addPlan(program: Command, end: End): void {
  const planning = program
    .command('plan')
    .description('show what an apply would do; changes nothing');
  withChoices(withDetailedExitCode(withDesired(planning)))
    .option('--out <file>', 'save the plan, for apply to do exactly this')
    .action(async (_, command: Command) => {
      const { plan } = await import('../commands/plan.ts');
      end(await plan(command.optsWithGlobals<PlanOptions>()));
    });
}

/** `show`. */
export function addShow(program: Command, end: End): void {
  program
    .command('show')
    .description('show a saved plan, and whether it can still be applied')
    .argument('<planfile>', 'what `plan --out` wrote')
    .action(async (file: string, _, command: Command) => {
      const { show } = await import('../commands/show.ts');
      end(await show(command.optsWithGlobals<GlobalOptions>(), file));
    });
}

/** `apply`. */
export function addApply(program: Command, end: End): void {
  const applying = program
    .command('apply')
    .description('bring the server to its desired state, and verify it')
    .argument('[planfile]', 'a saved plan: exactly this is done, once, or nothing')
    .option('--resume', 'go on with a saved plan that was begun', false)
    .option(
      '--confirm-within <duration>',
      'go back by itself unless it is confirmed within so long',
    )
    .option('--confirm-auto', 'confirm by itself when all heartbeats pass all that time', false);
  withLimits(withChoices(withDetailedExitCode(withDesired(applying)))).action(
    async (file: string | undefined, _, command: Command) => {
      const { apply } = await import('../commands/apply.ts');
      end(await apply(command.optsWithGlobals<ApplyOptions>(), file));
    },
  );
}
