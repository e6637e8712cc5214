import type { Command } from 'commander';
import type { ExportOptions, GlobalOptions, MigrateOptions } from '../options.ts';
import type { End } from './flags.ts';

/** Commands that write a first file. */
export function addFirstSteps(program: Command, end: End): void {
  program
    .command('export')
    .description('write a desired state of what is on the server; planning it shows no change')
    .option('-o, --output <file>', 'where to; - is stdout', '-')
    .option('--force', 'write over a file that is there', false)
    .action(async (_, command: Command) => {
      const { exportCommand } = await import('../commands/export.ts');
      end(await exportCommand(command.optsWithGlobals<ExportOptions>()));
    });
  program
    .command('migrate')
    .description('take over an installation of the old tool: write the desired state of it')
    .option(
      '-o, --output <file>',
      'where to; - is stdout (default: /etc/bootstrap/desired-state.yaml under the root)',
    )
    .option('--force', 'write over a file that is there', false)
    .action(async (_, command: Command) => {
      const { migrate } = await import('../commands/migrate.ts');
      end(await migrate(command.optsWithGlobals<MigrateOptions>()));
    });
  program
    .command('init')
    .description('write a first bootstrap.ini and desired-state.yaml')
    .argument('[dir]', 'the folder for desired-state.yaml (default: /etc/bootstrap under the root)')
    .action(async (dir: string | undefined, _, command: Command) => {
      const { init } = await import('../commands/init.ts');
      end(init(command.optsWithGlobals<GlobalOptions>(), dir));
    });
}
